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
import { findSnapshot, recentAfter, sealSnapshot, trainRefs, writeRecord } from '../repository/index.ts'
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
  const fingerprints = new Set<string>()
  const signers = (await context.signers()).map(key => key.fingerprint)
  const isSameSeal = signers.join() === current?.keys?.join()
  const repositories = await Promise.all(
    named.map(async ([name, snapshot]): Promise<[Name, ServedRepository]> => {
      const record = await findSnapshot(context, `${snapshot.repository}@${snapshot.timestamp}`)
      const before = current?.repositories[name]
      const isKept = isSameSeal && before !== undefined && isSealedAt(before, snapshot)
      const { sealed, keys = [] } = await (!channel.seal
        ? { sealed: {} }
        : isKept
          ? { sealed: before.sealed, keys: signers }
          : sealSnapshot(context, record, moved))
      for (const key of keys) fingerprints.add(key)
      const recent = before === undefined ? [] : recentAfter(before, snapshot, moved, channel)
      return [name, { snapshot, sealed, recent }]
    }),
  )
  const keys = fingerprints.size === 0 ? {} : { keys: [...fingerprints] }
  return { repositories: Object.fromEntries(repositories), ...keys }
}

/** A repository that the move leaves where it is keeps its seal: to its clients nothing has happened. */
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
