import type { ChannelConfiguration } from '../config/index.ts'
import type {
  ChannelMove,
  ChannelRecord,
  Name,
  PlannedMove,
  ReleaseRecord,
  ServedRepository,
  SnapshotName,
  Timestamp,
} from '../model/index.ts'
import { findSnapshot, recentAfter, type Seal, sealSnapshots } from '../repository/index.ts'
import type { TrainContext } from './context.ts'

/** Where a channel goes, and how it seals and keeps there. */
export interface Destination {
  channel: Pick<ChannelConfiguration, 'seal' | 'keepSeconds' | 'keepAtLeast'>
  release: ReleaseRecord
}

/**
 * A channel as a move leaves it, every repository sealed.
 * @param current where it stands; undefined: it has never been moved.
 * @param moved the moment of the move.
 * @throws YardError `not-found` or `damaged` when a snapshot of the release is not here.
 */
export async function recordAfter(
  context: TrainContext,
  current: ChannelRecord | undefined,
  move: PlannedMove,
  destination: Destination,
  moved: Timestamp,
): Promise<ChannelRecord> {
  const { train, channel, release, line, at } = move
  return {
    version: 1,
    train,
    channel,
    release,
    moved,
    ...(await served(context, current, destination, moved)),
    line,
    at,
    history: [...(current?.history ?? []), historyOf(current, move, moved)],
  }
}

async function served(
  context: TrainContext,
  current: ChannelRecord | undefined,
  { channel, release }: Destination,
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
  current: ChannelRecord | undefined,
  { kind, release, who, why, overridden }: PlannedMove,
  moved: Timestamp,
): ChannelMove {
  return {
    kind,
    release,
    ...(current === undefined ? {} : { from: current.release }),
    moved,
    who,
    ...(why === undefined ? {} : { why }),
    ...(overridden === undefined || overridden.length === 0 ? {} : { overridden }),
  }
}
