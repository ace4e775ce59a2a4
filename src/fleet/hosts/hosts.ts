import type {
  CardNotes,
  HostCertificate,
  HostReads,
  HostRecord,
  HostWrites,
  KeptReport,
} from '../../catalog/index.ts'
import {
  checkLabels,
  type HostId,
  type HostState,
  type Json,
  type Labels,
  type Name,
  timestampOf,
  YardError,
} from '../../model/index.ts'
import { nextVersion } from '../../trust/pure.ts'
import { rememberingLabels } from '../cards/compose-card.ts'
import type { FleetContext } from '../context.ts'
import { quarantineHost } from '../enrol/quarantine.ts'
import { writeRevocations } from '../revocations.ts'
import { by } from './by.ts'

/** What is listed of a host. */
export type HostSummary = Pick<
  HostRecord,
  'id' | 'state' | 'why' | 'train' | 'channel' | 'labels' | 'token' | 'enrolled'
>

/** One host, with the certificates that are good or were lately, the newest first. */
export interface HostDetail extends HostSummary {
  rankGroup: string
  /** Its Ed25519 key, 64 hexadecimal digits. */
  public: string
  /** Of its card. */
  counter: number
  certificates: Omit<HostCertificate, 'host'>[]
  /** What its card says beside its labels. */
  card: Omit<CardNotes, 'before'>
  /** What it said last. */
  said?: Pick<KeptReport, 'seen' | 'notes' | 'report'>
}

export interface HostsFilter {
  train?: Name | undefined
  channel?: Name | undefined
  state?: HostState | undefined
  /** Every one of these, with just that value. */
  labels?: Labels | undefined
  /** Only ids behind this one. */
  after?: HostId | undefined
  /** At most so many. Default: 1,000. */
  limit?: number | undefined
}

const mostAtOnce = 1_000

/** By id. */
export async function listHosts(context: FleetContext, filter: HostsFilter): Promise<HostSummary[]> {
  const { labels = {}, limit = 1_000, ...rest } = filter
  const catalog = await context.catalog()
  return catalog.readHosts(async hosts => {
    const found: HostSummary[] = []
    let { after } = rest
    for (;;) {
      const page = await hosts.hosts({ ...rest, after, limit: mostAtOnce })
      found.push(...page.filter(host => hasLabels(host, labels)).map(summaryOf))
      if (found.length >= limit || page.length < mostAtOnce) return found.slice(0, limit)
      after = page.at(-1)!.id
    }
  })
}

/** @throws YardError `not-found`. */
export async function showHost(context: FleetContext, id: HostId): Promise<HostDetail> {
  const catalog = await context.catalog()
  return catalog.readHosts(async hosts => detailOf(hosts, await hostOf(hosts, id)))
}

/**
 * It is no host any more, for good: its certificates are on the list of revoked ones, and its key is worth nothing. Of one that is
 * revoked already nothing changes. @throws YardError `not-found`.
 */
export async function revokeHost(
  context: FleetContext,
  id: HostId,
  { why }: { why: string },
): Promise<HostDetail> {
  const now = timestampOf(context.now())
  const detail = await changed(context, id, { verb: 'host revoke', why, detail: {} }, async (hosts, host) => {
    if (host.state === 'revoked') return undefined
    await hosts.revokeCertificates(id, now)
    return { ...host, state: 'revoked', why }
  })
  await writeRevocations(context)
  return detail
}

/** Sets labels, and takes away those that are null. @throws YardError `not-found`; `usage`; `refused` when it was revoked. */
export async function labelHost(
  context: FleetContext,
  id: HostId,
  { labels, why }: { labels: { [label: string]: string | null }; why?: string | undefined },
): Promise<HostDetail> {
  return changed(context, id, { verb: 'host label', why, detail: { labels } }, async (hosts, host) => {
    refuseRevoked(host)
    const all = Object.entries({ ...host.labels, ...labels }).filter(([, value]) => value !== null)
    const next = checkLabels(Object.fromEntries(all) as Labels)
    if (JSON.stringify(next) === JSON.stringify(host.labels)) return undefined
    const labelled = { ...host, labels: next }
    await keepNotes(hosts, host, labelled, context.now())
    return labelled
  })
}

/** It is told nothing new until somebody lifts that. @throws YardError `not-found`; `refused` when it was revoked. */
export async function quarantine(
  context: FleetContext,
  id: HostId,
  { why }: { why: string },
): Promise<HostDetail> {
  const catalog = await context.catalog()
  return catalog.changeHosts(async hosts => {
    const host = await hostOf(hosts, id)
    refuseRevoked(host)
    return detailOf(hosts, await quarantineHost(hosts, host, { ...context.actor, why }, context.now()))
  })
}

/**
 * A quarantined host is one like the others again; what was seen of its boots is forgotten, so that it is not found to be two
 * machines by the same. @throws YardError `not-found`; `refused` when it was revoked.
 */
export async function liftQuarantine(
  context: FleetContext,
  id: HostId,
  { why }: { why?: string | undefined },
): Promise<HostDetail> {
  return changed(context, id, { verb: 'host quarantine lift', why, detail: {} }, async (_, host) => {
    refuseRevoked(host)
    if (host.state === 'enrolled') return undefined
    const { why: __, ...rest } = host
    return { ...rest, state: 'enrolled', boots: [] }
  })
}

/** One change, its line in the audit log, and a higher counter for the host's card; nothing of it when `work` answers undefined. */
export async function changed(
  context: FleetContext,
  id: HostId,
  line: { verb: string; why: string | undefined; detail: Json },
  work: (hosts: HostWrites, host: HostRecord) => Promise<HostRecord | undefined>,
): Promise<HostDetail> {
  const catalog = await context.catalog()
  return catalog.changeHosts(async hosts => {
    const before = await hostOf(hosts, id)
    const after = await work(hosts, before)
    if (after === undefined) return detailOf(hosts, before)
    const next = { ...after, counter: nextVersion(before.counter, context.now()) }
    await hosts.changeHost(next)
    await hosts.appendAudit(by(context, { subject: id, ...line }))
    return detailOf(hosts, next)
  })
}

/** What the card keeps of what the host was before: its labels, for a rollout that is open; not what it borrowed in another channel. */
export async function keepNotes(
  hosts: HostWrites,
  before: HostRecord,
  after: HostRecord,
  now: number,
): Promise<void> {
  const { borrowing, ...rest } = await hosts.cardNotes(before.id)
  const stays = before.train === after.train && before.channel === after.channel
  const notes = stays && borrowing !== undefined ? { ...rest, borrowing } : rest
  await hosts.changeCardNotes(before.id, rememberingLabels(notes, before, timestampOf(now)))
}

async function hostOf(hosts: HostReads, id: HostId): Promise<HostRecord> {
  const host = await hosts.host(id)
  if (host === undefined) throw noHost(id)
  return host
}

export function refuseRevoked({ id, state, why }: HostRecord): void {
  if (state === 'revoked')
    throw new YardError('refused', `the host ${id} was revoked: ${why}; nothing was changed`)
}

function hasLabels(host: HostRecord, labels: Labels): boolean {
  return Object.entries(labels).every(([label, value]) => host.labels[label] === value)
}

function summaryOf({ id, state, why, train, channel, labels, token, enrolled }: HostRecord): HostSummary {
  return { id, state, ...(why === undefined ? {} : { why }), train, channel, labels, token, enrolled }
}

async function detailOf(hosts: HostReads, host: HostRecord): Promise<HostDetail> {
  const { rankGroup, public: publicKey, counter } = host
  const certificates = (await hosts.certificatesOf(host.id)).map(({ host: _, ...rest }) => rest)
  const { before: _, ...card } = await hosts.cardNotes(host.id)
  const kept = await hosts.reportOf(host.id)
  return {
    ...summaryOf(host),
    rankGroup,
    public: publicKey,
    counter,
    certificates,
    card,
    ...(kept && { said: { seen: kept.seen, notes: kept.notes, report: kept.report } }),
  }
}

export function noHost(id: HostId): YardError {
  return new YardError('not-found', `there is no host ${id}; nothing was changed`, {
    hint: '`switchyard host ls` shows which there are',
  })
}
