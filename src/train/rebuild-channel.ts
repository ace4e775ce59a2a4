import {
  type ChannelMove,
  type ChannelRecord,
  type ChannelReference,
  type Name,
  nextTimestamp,
  type ReleaseRecord,
  type ServedRepository,
  type Timestamp,
  YardError,
} from '../model/index.ts'
import { findSnapshot, listReleases, sealSnapshot, stillAnswered } from '../repository/index.ts'
import type { TrainContext } from './context.ts'
import { cutBefore, type Line, replayed } from './line.ts'
import { findRelease } from './release-reference.ts'

/**
 * A channel as its moves have left it, sealed now. What it served before is answered as long as its keep says, as far as the
 * releases are here.
 * @throws YardError `damaged` when the moves are none, or none that one channel can have made; as `findRelease` does.
 */
export async function rebuiltChannel(
  context: TrainContext,
  { train, channel }: ChannelReference,
  history: ChannelMove[],
): Promise<ChannelRecord> {
  const last = history.at(-1)
  const line = withoutRemoved(replayed(history), await listReleases(context.refs, train))
  if (last === undefined || line === undefined)
    throw new YardError('damaged', `the audit log does not tell where ${train}/${channel} stands`, {
      hint: `decide where it shall stand, remove its ref below refs/trains/${train}/channels/, and promote`,
    })
  const release = await findRelease(context, `${train}@${last.release}`)
  const moved = nextTimestamp(context.now(), last.moved)
  const before = await releasesBefore(context, train, history)
  const keys = new Set<string>()
  const repositories: ChannelRecord['repositories'] = {}
  for (const [name, snapshot] of Object.entries(release.snapshots) as [
    Name,
    ServedRepository['snapshot'],
  ][]) {
    const record = await findSnapshot(context, `${snapshot.repository}@${snapshot.timestamp}`)
    const isSealed = context.configuration.trains.get(train)?.channels.get(channel)?.seal ?? true
    const { sealed, keys: signers = [] } = isSealed
      ? await sealSnapshot(context, record, moved)
      : { sealed: {} }
    for (const key of signers) keys.add(key)
    repositories[name] = { snapshot, sealed, recent: recentOf(context, { train, channel }, name, before) }
  }
  return {
    version: 1,
    train,
    channel,
    release: last.release,
    moved,
    ...(keys.size === 0 ? {} : { keys: [...keys] }),
    repositories,
    ...line,
    history,
  }
}

/** A line goes back no further than to the release after the last one that was removed from it. */
function withoutRemoved(line: Line | undefined, listed: Timestamp[]): Line | undefined {
  const gone = line?.line.findLast((release, i) => i < line.at && !listed.includes(release))
  return line === undefined || gone === undefined ? line : cutBefore(line, gone, 0)
}

interface Replaced {
  release: ReleaseRecord
  replaced: ChannelMove['moved']
}

/** What was replaced by each move, newest first, without the releases that are not here any more. */
async function releasesBefore(
  context: TrainContext,
  train: Name,
  history: ChannelMove[],
): Promise<Replaced[]> {
  const found: Replaced[] = []
  for (const { from, moved } of history.toReversed()) {
    if (from === undefined) continue
    const release = await findRelease(context, `${train}@${from}`).catch(() => undefined)
    if (release !== undefined) found.push({ release, replaced: moved })
  }
  return found
}

function recentOf(
  context: TrainContext,
  { train, channel }: ChannelReference,
  repository: Name,
  before: Replaced[],
): ServedRepository['recent'] {
  const { trains, latest } = context.configuration
  const keep = trains.get(train)?.channels.get(channel) ?? latest
  const all = before.flatMap(({ release, replaced }) => {
    const snapshot = release.snapshots[repository]
    return snapshot === undefined ? [] : [{ snapshot, replaced, sealed: {} }]
  })
  return stillAnswered(all, context.now(), keep)
}
