import type { LockedSnapshot, LockedState } from '../../config/index.ts'
import {
  type Name,
  type ReleaseRecord,
  type SnapshotName,
  type Timestamp,
  timestampOf,
} from '../../model/index.ts'
import {
  listChannels,
  listReleases,
  listRepositories,
  listSnapshots,
  listTrains,
  readChannel,
  readHolds,
  readRelease,
  readSnapshot,
} from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import type { PlanState } from './plan-state.ts'
import { holdsSame, snapshotKey } from './same-content.ts'

/**
 * What a plan of this yard rests on. Only refs are read, the database is not opened; signatures of releases are verified by
 * whoever moves a channel to them, not here.
 * @throws YardError `damaged` when a ref cannot be read.
 */
export async function readPlanState(
  context: TrainContext,
  lock: LockedState | undefined,
): Promise<PlanState> {
  const { repositories, trains } = context.configuration
  const state: PlanState = {
    declared: { repositories, trains },
    lock,
    now: timestampOf(context.now()),
    snapshotCounts: new Map(),
    releaseCounts: new Map(),
    channels: new Map(),
    bumpedFrom: new Map(),
    holds: new Map(),
    releases: new Map(),
    snapshots: new Map(),
    standIns: new Map(),
  }
  for (const repository of await listRepositories(context.refs)) {
    const { length } = await listSnapshots(context.refs, repository)
    if (length > 0) state.snapshotCounts.set(repository, length)
  }
  for (const train of await listTrains(context.refs)) await addTrain(context, state, train)
  for (const { train, timestamp } of lock?.releases.values() ?? [])
    await addRelease(context, state, train, timestamp)
  if (lock !== undefined) await addStandIns(context, state, lock)
  return state
}

async function addTrain(context: TrainContext, state: PlanState, train: Name): Promise<void> {
  state.releaseCounts.set(train, (await listReleases(context.refs, train)).length)
  state.holds.set(train, await readHolds(context.refs, train))
  for (const channel of await listChannels(context.refs, train)) {
    const record = await readChannel(context.refs, train, channel)
    if (record === undefined) continue
    state.channels.set(`${train}/${channel}`, record)
    await addRelease(context, state, train, record.release)
  }
}

async function addRelease(
  { refs }: TrainContext,
  { releases, snapshots, bumpedFrom }: PlanState,
  train: Name,
  timestamp: Timestamp,
): Promise<void> {
  const record = (await readRelease(refs, train, timestamp))?.record
  if (record === undefined) return
  releases.set(`${train}@${timestamp}`, record)
  bumpedFrom.set(`${train}@${timestamp}`, await changedBy(refs, record))
  for (const name of Object.values(record.snapshots) as SnapshotName[]) {
    const snapshot = await readSnapshot(refs, name.repository, name.timestamp)
    if (snapshot !== undefined) snapshots.set(snapshotKey(name), snapshot)
  }
}

/** The release that a bump changes, and so on to a regular one; nothing for that one itself. */
async function changedBy(refs: TrainContext['refs'], record: ReleaseRecord): Promise<Timestamp[]> {
  const changed: Timestamp[] = []
  let one: ReleaseRecord | undefined = record
  while (one?.kind === 'bump' && one.from !== undefined) {
    changed.push(one.from)
    one = (await readRelease(refs, one.train, one.from))?.record
  }
  return changed
}

/** Only of releases that are not here: who has them needs none. */
async function addStandIns(context: TrainContext, state: PlanState, lock: LockedState): Promise<void> {
  for (const [name, { snapshots }] of lock.releases) {
    if (state.releases.has(name)) continue
    for (const wanted of snapshots.values()) {
      const key = snapshotKey(wanted)
      const found = await standInFor(context, lock.snapshots.get(key)!)
      if (found !== undefined) state.standIns.set(key, found)
    }
  }
}

/** The snapshot of that name, else the newest with the same content. */
async function standInFor({ refs }: TrainContext, locked: LockedSnapshot): Promise<SnapshotName | undefined> {
  const { repository, timestamp } = locked
  const listed = await listSnapshots(refs, repository)
  for (const each of [timestamp, ...listed.toReversed()]) {
    const record = await readSnapshot(refs, repository, each)
    if (record !== undefined && holdsSame(record, locked)) return { repository, timestamp: each }
  }
  return undefined
}
