import type { LockedRelease, LockedSnapshot, LockedState } from '../../config/index.ts'
import { type ChannelReference, type Name, type SnapshotName, YardError } from '../../model/index.ts'
import { findSnapshot, readChannel, readRelease } from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import { differingRepositories, snapshotKey } from './same-content.ts'

/**
 * The lock, changed so that it says where these channels stand; every declared one by default. A release that it describes
 * already stays described as it is when it holds the same; releases and snapshots that nothing names any more leave it.
 * @throws YardError `not-found` when a release or snapshot that a channel is on is not here.
 */
export async function lockedNow(
  context: TrainContext,
  lock: LockedState = { channels: new Map(), releases: new Map(), snapshots: new Map() },
  channels: readonly ChannelReference[] = everyChannel(context),
): Promise<LockedState> {
  const next: LockedState = {
    channels: new Map(lock.channels),
    releases: new Map(lock.releases),
    snapshots: new Map(lock.snapshots),
  }
  for (const { train, channel } of channels) {
    const record = await readChannel(context.refs, train, channel)
    if (record === undefined) {
      next.channels.delete(`${train}/${channel}`)
      continue
    }
    next.channels.set(`${train}/${channel}`, { train, channel, release: record.release })
    await addRelease(context, next, { train, timestamp: record.release })
  }
  return withoutUnused(next)
}

function everyChannel({ configuration }: TrainContext): ChannelReference[] {
  return [...configuration.trains].flatMap(([train, { channels }]) =>
    [...channels.keys()].map(channel => ({ train, channel })),
  )
}

async function addRelease(
  context: TrainContext,
  next: LockedState,
  { train, timestamp }: Pick<LockedRelease, 'train' | 'timestamp'>,
): Promise<void> {
  const name = `${train}@${timestamp}`
  const record = (await readRelease(context.refs, train, timestamp))?.record
  if (record === undefined)
    throw new YardError('not-found', `there is no release ${name} any more, though a channel is on it`, {
      hint: 'restore `refs/trains/` from a backup, or move the channel to another release',
    })
  const snapshots = Object.entries(record.snapshots) as [Name, SnapshotName][]
  const ours = await Promise.all(
    snapshots.map(([, { repository, timestamp }]) => findSnapshot(context, `${repository}@${timestamp}`)),
  )
  const known = next.releases.get(name)
  const found = new Map(ours.map(snapshot => [snapshotKey(snapshot), snapshot]))
  if (known !== undefined && differingRepositories(record, known, next, found).length === 0) return
  next.releases.set(name, {
    train,
    timestamp,
    snapshots: new Map(
      snapshots.map(([name, { repository, timestamp }]) => [name, { repository, timestamp }]),
    ),
    ...(record.kind === 'bump' && record.from !== undefined ? { bumpOf: record.from } : {}),
    ...(record.why === undefined ? {} : { why: record.why }),
  })
  for (const { repository, timestamp, files, packages } of ours) {
    const locked: LockedSnapshot = { repository, timestamp, files, packages }
    next.snapshots.set(snapshotKey(locked), locked)
  }
}

function withoutUnused({ channels, releases, snapshots }: LockedState): LockedState {
  const used = new Set([...channels.values()].map(({ train, release }) => `${train}@${release}`))
  const kept = [...releases].filter(([name]) => used.has(name))
  const named = new Set(kept.flatMap(([, release]) => [...release.snapshots.values()].map(snapshotKey)))
  return {
    channels,
    releases: new Map(kept),
    snapshots: new Map([...snapshots].filter(([name]) => named.has(name))),
  }
}
