import type { ChannelConfiguration } from '../config/index.ts'
import { type ChannelRecord, type ChannelReference, type ReleaseRecord, YardError } from '../model/index.ts'
import { listReleases, readChannel, readRelease } from '../repository/index.ts'
import { mayFollow } from './bump/bump-line.ts'
import type { TrainContext } from './context.ts'
import { findRelease } from './release-reference.ts'

/**
 * The release that enters a channel when none is named: the one at which the channel before it stands; for a channel without one
 * the train's newest regular release. A bump is of one channel's release, so it is named.
 * @throws YardError `not-found` when the train has none.
 */
export async function defaultRelease(
  context: TrainContext,
  { train }: ChannelReference,
  { after }: ChannelConfiguration,
): Promise<ReleaseRecord> {
  const before = after === undefined ? undefined : await readChannel(context.refs, train, after)
  // Where nothing has been in the channel before, that is what the newest one is refused for.
  return before === undefined
    ? newestRegular(context, train)
    : findRelease(context, `${train}@${before.release}`)
}

async function newestRegular(
  context: TrainContext,
  train: ChannelReference['train'],
): Promise<ReleaseRecord> {
  const newest = await findRelease(context, train)
  if (newest.kind === 'regular') return newest
  for (const timestamp of (await listReleases(context.refs, train)).toReversed()) {
    const release = await findRelease(context, `${train}@${timestamp}`)
    if (release.kind === 'regular') return release
  }
  return newest
}

/**
 * @param before where the channel before it stands, and has stood.
 * @param current where the channel itself does.
 * @throws YardError `refused` for a release that has not been in the channel before, and is no bump of one that has been there or here.
 */
export async function checkMayEnter(
  context: TrainContext,
  { train, channel }: ChannelReference,
  { after }: ChannelConfiguration,
  release: ReleaseRecord,
  before: ChannelRecord | undefined,
  current: ChannelRecord | undefined,
): Promise<void> {
  if (after === undefined) return
  const wasIn = (at: ChannelRecord | undefined) => {
    const releases = new Set(at?.history.map(move => move.release))
    return releases.has.bind(releases)
  }
  const isAllowed = await mayFollow(
    release,
    wasIn(before),
    wasIn(current),
    async from => (await readRelease(context.refs, train, from))?.record,
  )
  if (isAllowed) return
  throw new YardError(
    'refused',
    `${train}@${release.timestamp} has not been in ${train}/${after}, which comes before ${train}/${channel}; nothing was moved`,
    { hint: `run \`switchyard promote ${train}/${after} ${train}@${release.timestamp}\` first` },
  )
}
