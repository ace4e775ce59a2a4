import type { ChannelConfiguration } from '../config/index.ts'
import {
  type ChannelMove,
  type ChannelRecord,
  type Name,
  nextTimestamp,
  type ReleaseRecord,
  type ServedRepository,
  type SnapshotName,
  type Timestamp,
} from '../model/index.ts'
import {
  findSnapshot,
  recentAfter,
  type Seal,
  sealSnapshots,
  trainRefs,
  writeRecord,
} from '../repository/index.ts'
import { audit } from './audit.ts'
import { lineOfMove } from './audit-lines.ts'
import type { TrainContext } from './context.ts'
import type { Line } from './line.ts'
import { underStoreLock } from './train-lock.ts'

export interface Move {
  channel: ChannelConfiguration
  release: ReleaseRecord
  kind: ChannelMove['kind']
  line: Line
  why?: string | undefined
  overridden?: ChannelMove['overridden']
}

/**
 * Points a channel at a release: every repository is sealed, then one ref is replaced, and clients see all of it or nothing. A
 * crash before the audit log has its line is made good when the catalog is opened next. The caller holds the train's lock.
 * @param current where the channel stands; undefined: it has never been moved.
 * @throws YardError `not-found` or `damaged` when a snapshot of the release is not here; the channel stays then.
 */
export async function moveChannel(
  context: TrainContext,
  current: ChannelRecord | undefined,
  move: Move,
): Promise<ChannelRecord> {
  const { channel, release, line } = move
  const { train } = release
  const moved = nextTimestamp(context.now(), current?.moved)
  const record = await underStoreLock(context, `${train}/${channel.name}`, async () => {
    const next: ChannelRecord = {
      version: 1,
      train,
      channel: channel.name,
      release: release.timestamp,
      moved,
      ...(await served(context, current, move, moved)),
      ...line,
      history: [...(current?.history ?? []), historyOf(context, current, move, moved)],
    }
    await writeRecord(context.refs, trainRefs.channel(train, channel.name), next)
    return next
  })
  await audit(context, lineOfMove(record, record.history.at(-1)!))
  return record
}

async function served(
  context: TrainContext,
  current: ChannelRecord | undefined,
  { channel, release }: Move,
  moved: Timestamp,
): Promise<Pick<ChannelRecord, 'repositories' | 'keys'>> {
  const named = Object.entries(release.snapshots) as [Name, SnapshotName][]
  const records = await Promise.all(
    named.map(([, { repository, timestamp }]) => findSnapshot(context, `${repository}@${timestamp}`)),
  )
  const kept = channel.seal ? await keptSeals(context, current, named) : named.map(() => ({ sealed: {} }))
  const fresh = await sealSnapshots(
    context,
    records.filter((_, i) => kept[i] === undefined),
    moved,
  )
  const repositories: ChannelRecord['repositories'] = {}
  const keys = new Set<string>()
  for (const [i, [name, snapshot]] of named.entries()) {
    const { sealed, keys: signers = [] }: Seal = kept[i] ?? fresh.shift()!
    for (const key of signers) keys.add(key)
    const before = current?.repositories[name]
    const recent = before === undefined ? [] : recentAfter(before, snapshot, moved, channel)
    repositories[name] = { snapshot, sealed, recent }
  }
  return { repositories, ...(keys.size === 0 ? {} : { keys: [...keys] }) }
}

/** A repository that the move leaves where it is keeps its seal, unless the keys changed: to its clients nothing has happened. */
async function keptSeals(
  context: TrainContext,
  current: ChannelRecord | undefined,
  named: [Name, SnapshotName][],
): Promise<(Seal | undefined)[]> {
  const keys = (await context.signers()).map(key => key.fingerprint)
  return named.map(([name, snapshot]) => {
    const before = current?.repositories[name]
    return before !== undefined && current?.keys?.join() === keys.join() && isSealedAt(before, snapshot)
      ? { sealed: before.sealed, keys }
      : undefined
  })
}

function isSealedAt({ snapshot, sealed }: ServedRepository, wanted: SnapshotName): boolean {
  const isThere = snapshot.repository === wanted.repository && snapshot.timestamp === wanted.timestamp
  return isThere && Object.keys(sealed).length > 0
}

function historyOf(
  context: TrainContext,
  current: ChannelRecord | undefined,
  { release, kind, why, overridden }: Move,
  moved: Timestamp,
): ChannelMove {
  return {
    kind,
    release: release.timestamp,
    ...(current === undefined ? {} : { from: current.release }),
    moved,
    who: context.actor.who,
    ...(why === undefined ? {} : { why }),
    ...(overridden === undefined || overridden.length === 0 ? {} : { overridden }),
  }
}
