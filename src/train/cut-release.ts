import type { TrainConfiguration } from '../config/index.ts'
import {
  type ChannelPolicy,
  canonicalJson,
  type Json,
  type Name,
  nextTimestamp,
  parseReference,
  type ReleaseRecord,
  type SnapshotName,
  type SnapshotRecord,
  type Timestamp,
  YardError,
} from '../model/index.ts'
import {
  findSnapshot,
  listReleases,
  listSnapshots,
  readChannel,
  readRelease,
  trainRefs,
  writeRecord,
} from '../repository/index.ts'
import { audit } from './audit.ts'
import { lineOfRelease } from './audit-lines.ts'
import { lostBumps } from './bump/lost-bumps.ts'
import { foretellChanges } from './client-changes.ts'
import type { TrainContext } from './context.ts'
import { declaredChannel, declaredTrain } from './declared-train.ts'
import { applyHolds } from './holds/apply-holds.ts'
import { refuseAgent } from './refuse-agent.ts'
import { findRelease } from './release-reference.ts'
import { signRecord } from './signed-record.ts'
import { underStoreLock, underTrainLock } from './train-lock.ts'

export interface CutOptions {
  /** `REPO@T` for repositories that shall not travel with their newest snapshot. */
  snapshots?: string[]
  /** Cut it though some snapshot is not as complete as the train asks. */
  allowIncomplete?: boolean
  /** A channel: what is held in it is in the release as it is there. */
  keep?: Name | undefined
  why?: string
}

/** What became of it: with the same snapshots and policy as the regular release before there is nothing to cut. */
export interface CutReport {
  outcome: 'created' | 'unchanged'
  release: ReleaseRecord
  /** What to know about it, one sentence each: holds that have expired, bumps that it does not have. */
  notes: string[]
}

/**
 * Freezes the snapshots of a train's repositories, the newest ones or those that are named, as one signed release. Packages that
 * are held stay as the regular release before has them. Bumps before it expire into it.
 * @throws YardError `not-found` for an unknown train, repository or snapshot; `incomplete` when files of a snapshot are not
 *   here (or, with `complete: fetchable`, lost); `usage` for a snapshot of a repository that does not travel; `busy`.
 */
export async function cutRelease(
  context: TrainContext,
  name: Name,
  options: CutOptions = {},
): Promise<CutReport> {
  const train = declaredTrain(context, name)
  return underTrainLock(context, name, async () => {
    const wanted = await wantedSnapshots(context, train, options.snapshots ?? [])
    const listed = await listReleases(context.refs, name)
    const { before, bumps } = await regularBefore(context, name, listed)
    const isWhole = options.allowIncomplete !== true
    const fetch = isWhole && train.complete === 'local'
    const keep = options.keep === undefined ? undefined : await keptChannel(context, name, options.keep)
    const { snapshots, held, notes } = await applyHolds(context, train, { wanted, before, keep, fetch })
    if (isWhole) await checkComplete(context, train, [...snapshots.values()])
    for (const bump of bumps) notes.push(...(await lostBumps(context, bump, snapshots)))
    const content = {
      snapshots: Object.fromEntries(
        [...snapshots].map(([repository, record]) => [repository, nameOf(record)]),
      ),
      policy: policyOf(train),
    }
    if (before !== undefined && isSame(before, content))
      return { outcome: 'unchanged', release: before, notes }
    const release = await commitRelease(context, {
      version: 1,
      train: name,
      timestamp: nextTimestamp(context.now(), listed.at(-1)),
      kind: 'regular',
      ...content,
      ...(before === undefined ? {} : { from: before.timestamp }),
      ...(held.length === 0 ? {} : { held }),
      who: context.actor.who,
      ...(options.why === undefined ? {} : { why: options.why }),
    })
    return { outcome: 'created', release, notes }
  })
}

/** @throws YardError `not-found` for an unknown channel; `refused` for one without a release. */
async function keptChannel(
  context: TrainContext,
  train: Name,
  name: Name,
): Promise<{ channel: Name; release: ReleaseRecord }> {
  const { channel } = declaredChannel(context, { train, channel: name })
  const current = await readChannel(context.refs, train, channel.name)
  if (current === undefined)
    throw new YardError('refused', `${train}/${name} has no release yet to keep packages of; nothing was cut`)
  return { channel: channel.name, release: await findRelease(context, `${train}@${current.release}`) }
}

/** The newest regular release, and the bumps that were cut since, oldest first. */
async function regularBefore(
  context: TrainContext,
  name: Name,
  listed: readonly Timestamp[],
): Promise<{ before: ReleaseRecord | undefined; bumps: ReleaseRecord[] }> {
  const bumps: ReleaseRecord[] = []
  for (const timestamp of listed.toReversed()) {
    const release = await findRelease(context, `${name}@${timestamp}`)
    if (release.kind === 'regular') return { before: release, bumps: bumps.reverse() }
    bumps.push(release)
  }
  return { before: undefined, bumps: bumps.reverse() }
}

/**
 * Signs a release and lists it: its ref is the commit. The caller holds the train's lock.
 * @throws YardError `not-found` when a snapshot was removed meanwhile; `exists` when the timestamp is taken; `refused` when it has the agent.
 */
export async function commitRelease(context: TrainContext, record: ReleaseRecord): Promise<ReleaseRecord> {
  // This also tells, before anything is done, of a log that could not be written.
  await refuseAgent(context, record)
  const signed = await signRecord(context, record, record.timestamp)
  const { train, timestamp } = record
  await underStoreLock(context, `${train}@${timestamp}`, async () => {
    for (const { repository, timestamp } of Object.values(record.snapshots))
      await findSnapshot(context, `${repository}@${timestamp}`)
    if ((await readRelease(context.refs, train, timestamp)) !== undefined)
      throw new YardError('exists', `there is a release ${train}@${timestamp} already; nothing was changed`)
    await writeRecord(context.refs, trainRefs.release(train, timestamp), signed)
  })
  await audit(context, lineOfRelease(record))
  await foretellChanges(context, record)
  return record
}

/** A train's channels and gates, as a release keeps them. */
export function policyOf(train: TrainConfiguration): ReleaseRecord['policy'] {
  const channels = [...train.channels.values()].map(({ name, after, gates }): [Name, ChannelPolicy] => [
    name,
    {
      ...(after === undefined ? {} : { after }),
      gates: gates.map(({ gate, options }) => ({ gate, options: options as Json })),
    },
  ])
  return Object.fromEntries(channels)
}

async function wantedSnapshots(
  context: TrainContext,
  train: TrainConfiguration,
  named: string[],
): Promise<Map<Name, SnapshotRecord>> {
  const wanted = new Map<Name, string>(train.repositories.map(repository => [repository, repository]))
  for (const reference of named) {
    const { repository } = parseReference(reference)
    if (!wanted.has(repository))
      throw new YardError('usage', `${repository} does not travel with ${train.name}; nothing was cut`, {
        hint: `its repositories are: ${train.repositories.join(', ')}`,
      })
    wanted.set(repository, reference)
  }
  const found = new Map<Name, SnapshotRecord>()
  const missing: Name[] = []
  for (const [repository, reference] of wanted)
    if (reference === repository && (await listSnapshots(context.refs, repository)).length === 0)
      missing.push(repository)
    else found.set(repository, await findSnapshot(context, reference))
  if (missing.length === 0) return found
  throw new YardError(
    'not-found',
    `${train.name} cannot depart: ${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} no snapshot yet; nothing was cut`,
    { hint: `run \`switchyard sync ${missing.join(' ')}\`` },
  )
}

/** @throws YardError `incomplete` when a snapshot is not as complete as the train asks. */
export async function checkComplete(
  context: TrainContext,
  train: TrainConfiguration,
  records: SnapshotRecord[],
): Promise<void> {
  const catalog = await context.catalog()
  for (const { repository, timestamp } of records) {
    const { totalEntries, localEntries, lostEntries } = await catalog.completeness(repository, timestamp)
    const missing = train.complete === 'local' ? totalEntries - localEntries : lostEntries
    if (missing === 0) continue
    const name = `${repository}@${timestamp}`
    const what = train.complete === 'local' ? 'not here' : 'lost upstream'
    throw new YardError(
      'incomplete',
      `${name} is not complete: ${missing} of ${totalEntries} files are ${what}; nothing was cut`,
      {
        hint: `run \`switchyard fetch ${name}\`, set \`complete: fetchable\` for the train, or use --allow-incomplete`,
      },
    )
  }
}

function nameOf({ repository, timestamp }: SnapshotRecord): SnapshotName {
  return { repository, timestamp }
}

function isSame(before: ReleaseRecord, now: Pick<ReleaseRecord, 'snapshots' | 'policy'>): boolean {
  return textOf(before) === textOf(now)
}

function textOf({ snapshots, policy }: Pick<ReleaseRecord, 'snapshots' | 'policy'>): string {
  return canonicalJson({ snapshots, policy } as unknown as Json)
}
