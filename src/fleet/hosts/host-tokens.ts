import type { HostToken } from '../../catalog/index.ts'
import {
  checkLabels,
  digestOf,
  type HostId,
  type Labels,
  type Name,
  timestampOf,
  YardError,
} from '../../model/index.ts'
import { makeToken } from '../../trust/index.ts'
import type { EnrolmentFile } from '../../trust/pure.ts'
import type { FleetContext } from '../context.ts'
import { hostsUrl, placesOf } from '../places.ts'
import { by } from './by.ts'
import { noHost } from './hosts.ts'
import { checkDeclared } from './move-host.ts'

/** What may be told of a token for hosts. */
export type HostTokenSummary = Omit<HostToken, 'digest'>

export interface HostTokenOptions {
  /** For new hosts: where they belong. */
  train?: Name | undefined
  channel?: Name | undefined
  labels?: Labels | undefined
  /** Instead: the host that enrols anew, with another key; what is not said stays as it is. */
  host?: HostId | undefined
  /** How many may enrol by it. Default: one. */
  uses?: number | undefined
  /** Milliseconds since the epoch. Default: in a day. */
  expiresAt?: number | undefined
  why?: string | undefined
}

const mostUses = 1_000_000
const day = 86_400_000
const longest = 3_650 * day

/**
 * Makes a token, and the file by which a machine becomes a host with it; the token's text is in it and nowhere else.
 * @throws YardError `configuration` when hosts cannot reach the yard; `usage`, `not-found`; `exists` when there is, or was, one of
 *   that name; `refused` for a host that was revoked.
 */
export async function createHostToken(
  context: FleetContext,
  name: Name,
  options: HostTokenOptions,
): Promise<{ file: EnrolmentFile; summary: HostTokenSummary }> {
  const now = context.now()
  const { uses = 1, expiresAt = now + day, host, why } = options
  checkBounds(uses, host === undefined ? mostUses : 1, expiresAt - now)
  const { token, digest } = makeToken(name, 'host')
  const file = await fileFor(context, token)
  const catalog = await context.catalog()
  const summary = await catalog.changeHosts(async hosts => {
    const known = host === undefined ? undefined : await hosts.host(host)
    if (host !== undefined && known === undefined) throw noHost(host)
    if (known?.state === 'revoked')
      throw new YardError('refused', `the host ${known.id} was revoked: ${known.why}; nothing was changed`, {
        hint: 'a token without --host lets the machine become another host',
      })
    const { train, channel } = placeFor(context, { ...known, ...given(options) })
    const made: HostToken = {
      name,
      digest,
      train,
      channel,
      labels: checkLabels(options.labels ?? known?.labels ?? {}),
      ...(host === undefined ? {} : { host }),
      uses,
      used: 0,
      created: timestampOf(now),
      by: context.actor.who,
      expires: timestampOf(expiresAt),
    }
    await hosts.addHostToken(made)
    const { labels, expires } = made
    const detail = { train, channel, labels, uses, expires, ...(host === undefined ? {} : { host }) }
    await hosts.appendAudit(by(context, { verb: 'host token create', subject: name, why, detail }))
    return summaryOf(made)
  })
  return { file, summary }
}

/** Every token for hosts that was ever made, by name. */
export async function listHostTokens(context: FleetContext): Promise<HostTokenSummary[]> {
  const catalog = await context.catalog()
  return (await catalog.readHosts(hosts => hosts.hostTokens())).map(summaryOf)
}

/** From now on nobody enrols by it; hosts that have stay. Of one that is revoked already nothing changes. @throws YardError `not-found`. */
export async function revokeHostToken(
  context: FleetContext,
  name: Name,
  { why }: { why?: string | undefined },
): Promise<HostTokenSummary> {
  const catalog = await context.catalog()
  return catalog.changeHosts(async hosts => {
    const token = await hosts.hostToken(name)
    if (token === undefined)
      throw new YardError('not-found', `there is no token for hosts ${name}; nothing was changed`, {
        hint: '`switchyard host token ls` shows which there are',
      })
    if (token.revoked !== undefined) return summaryOf(token)
    const revoked = { ...token, revoked: timestampOf(context.now()) }
    await hosts.changeHostToken(revoked)
    await hosts.appendAudit(by(context, { verb: 'host token revoke', subject: name, why, detail: {} }))
    return summaryOf(revoked)
  })
}

/** @param life milliseconds. @throws YardError `usage`. */
function checkBounds(uses: number, most: number, life: number): void {
  const fault =
    !Number.isSafeInteger(uses) || uses < 1 || uses > most
      ? `good for ${uses} hosts, and such a token is for ${most === 1 ? 'one' : `1 to ${most}`}`
      : life <= 0
        ? 'expired already'
        : life > longest
          ? 'good for more than ten years'
          : undefined
  if (fault !== undefined) throw new YardError('usage', `the token would be ${fault}; nothing was changed`)
}

async function fileFor(context: FleetContext, token: string): Promise<EnrolmentFile> {
  const server = hostsUrl(context.configuration)
  const root = Buffer.from((await context.statements.root()).text)
  const authorities = await context.authorities()
  return {
    version: 1,
    server,
    ca: authorities.map(({ certificate }) => certificate).join(''),
    root: { sha256: digestOf(root), metadata: root.toString('base64') },
    token,
    places: placesOf(context.configuration),
  }
}

/** @throws YardError `usage`; `not-found` when switchyard.yaml declares no such channel. */
function placeFor(
  context: FleetContext,
  { train, channel }: { train?: Name; channel?: Name },
): { train: Name; channel: Name } {
  if (train === undefined || channel === undefined)
    throw new YardError(
      'usage',
      'a token for new hosts says to which channel they belong; nothing was changed',
      {
        hint: 'name one: TRAIN/CHANNEL',
      },
    )
  checkDeclared(context, train, channel)
  return { train, channel }
}

function given({ train, channel }: HostTokenOptions): { train?: Name; channel?: Name } {
  return { ...(train === undefined ? {} : { train }), ...(channel === undefined ? {} : { channel }) }
}

function summaryOf({ digest: _, ...summary }: HostToken): HostTokenSummary {
  return summary
}
