import {
  type ChannelRecord,
  type ChannelReference,
  parseReleaseReference,
  type Timestamp,
  YardError,
} from '../model/index.ts'
import { readChannel } from '../repository/index.ts'
import { clientChanges } from './client-changes.ts'
import type { TrainContext } from './context.ts'
import { declaredChannel } from './declared-train.ts'
import { checkExpected, checkUnmoved } from './expected.ts'
import { type Line, movedTo, rolledBack } from './line.ts'
import { moveChannel } from './move-channel.ts'
import { type MoveReport, moveReport } from './promote.ts'
import { findRelease } from './release-reference.ts'
import { underTrainLock } from './train-lock.ts'

export interface RollbackOptions {
  /** `TRAIN@T`: a release of the channel's line of promotions, before or behind where it stands. */
  to?: string | undefined
  /** Where the caller believes the channel stands; another place is an error. Undefined: where it stands when it is asked. */
  expected?: Timestamp | undefined
  why?: string | undefined
}

/**
 * Moves a channel to the release before the current one in its line of promotions, or to another one of that line. No gate
 * is asked: what it goes back to has passed before. Of two who take it back at once one wins: it goes one step, not two.
 * @throws YardError `refused` when there is nothing to go back to, or the release was never promoted; `not-found`; `busy`.
 */
export async function rollback(
  context: TrainContext,
  reference: ChannelReference,
  options: RollbackOptions = {},
): Promise<MoveReport> {
  const begun = context.clock()
  const { train, channel } = declaredChannel(context, reference)
  const seen = await readChannel(context.refs, train.name, channel.name)
  checkExpected(seen, reference, options.expected)
  return underTrainLock(context, train.name, async () => {
    const current = await readChannel(context.refs, train.name, channel.name)
    checkUnmoved(seen, current, reference)
    if (current === undefined) throw nothingBefore(reference, 'it has never been promoted to')
    const line =
      options.to === undefined ? lineBefore(current, reference) : lineTo(current, reference, options.to)
    const release = await findRelease(context, `${train.name}@${line.line[line.at]}`)
    const changes = await clientChanges(context, current, release)
    const moved = await moveChannel(context, current, {
      channel,
      release,
      kind: 'rollback',
      line,
      why: options.why,
    })
    return moveReport(current, moved, changes, context.clock() - begun)
  })
}

function lineBefore(current: ChannelRecord, reference: ChannelReference): Line {
  const line = rolledBack(current)
  if (line !== undefined) return line
  throw nothingBefore(reference, `${current.release} is the first release that was promoted to it`)
}

function lineTo(current: ChannelRecord, { train, channel }: ChannelReference, to: string): Line {
  const { train: named, at } = parseReleaseReference(to)
  const line = named === train && at !== undefined ? movedTo(current, at) : undefined
  if (line !== undefined) return line
  const others = current.line.filter(release => release !== current.release)
  throw new YardError(
    'refused',
    `${to} is no other release in the line of ${train}/${channel}; nothing was moved`,
    {
      hint:
        others.length === 0
          ? 'there is no other one; a release enters by `switchyard promote`'
          : `these are: ${[...new Set(others)].map(release => `${train}@${release}`).join(', ')}`,
    },
  )
}

function nothingBefore({ train, channel }: ChannelReference, why: string): YardError {
  return new YardError(
    'refused',
    `${train}/${channel} has nothing to go back to: ${why}; nothing was moved`,
    {
      hint: `\`switchyard channels ${train}\` shows where its channels stand`,
    },
  )
}
