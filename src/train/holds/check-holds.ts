import {
  type ChannelRecord,
  type ChannelReference,
  type Name,
  type ReleaseRecord,
  textOfByteString,
  YardError,
} from '../../model/index.ts'
import { changesNamed, findSnapshot, readSnapshot } from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import { activeHolds } from './apply-holds.ts'

/**
 * A package that is held in a channel is not changed there: a release that would is not let in. Where nothing stands yet, nothing is held.
 * @throws YardError `refused`, with the hold and the packages.
 */
export async function checkChannelHolds(
  context: TrainContext,
  { train, channel }: ChannelReference,
  current: ChannelRecord | undefined,
  release: ReleaseRecord,
): Promise<void> {
  if (current === undefined) return
  const holds = (await activeHolds(context, train, channel)).filter(hold => hold.channel === channel)
  for (const hold of holds)
    for (const [repository, { snapshot }] of Object.entries(current.repositories)) {
      const next = release.snapshots[repository as Name]
      const before = await readSnapshot(context.refs, snapshot.repository, snapshot.timestamp)
      if (next === undefined || before === undefined) continue
      const after = await findSnapshot(context, `${next.repository}@${next.timestamp}`)
      const names = await changesNamed(context, before, after, [hold.package])
      if (names.length === 0) continue
      const place = `${train}/${channel}`
      throw new YardError(
        'refused',
        `${train}@${release.timestamp} changes ${names.map(textOfByteString).join(', ')} of ${repository}, and ${hold.package} is held in ${place} until ${hold.until} by ${hold.who} (${hold.why}); nothing was moved`,
        {
          hint: `cut a release that keeps it as it is there, \`switchyard release ${train} --keep ${channel}\`, or let it go: \`switchyard unhold ${place} '${hold.package}'\``,
        },
      )
    }
}
