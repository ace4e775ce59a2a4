import {
  type ChannelRecord,
  type ChannelReference,
  parseReleaseReference,
  type ReleaseRecord,
  type Timestamp,
  YardError,
} from '../model/index.ts'
import { readChannel } from '../repository/index.ts'
import type { TrainContext } from './context.ts'
import { declaredChannel } from './declared-train.ts'
import { promoted } from './line.ts'
import { moveChannel } from './move-channel.ts'
import { findRelease } from './release-reference.ts'
import { underTrainLock } from './train-lock.ts'

export interface PromoteOptions {
  /** `TRAIN@T`; default: the newest release of the train. */
  release?: string | undefined
  /** Where the caller believes the channel stands; another place is an error. Undefined: wherever it stands. */
  expected?: Timestamp | undefined
  why?: string | undefined
}

export interface MoveReport {
  outcome: 'moved' | 'unchanged'
  channel: ChannelRecord
  /** Where it stood before; undefined at its first promotion. */
  from?: Timestamp
  milliseconds: number
}

/**
 * Moves a channel to a release, all repositories at once.
 * @throws YardError `not-found` for what does not exist; `refused` when the release was not in the channel before it, or a
 *   gate does not pass; `busy` when somebody else moved the channel meanwhile.
 */
export async function promote(
  context: TrainContext,
  reference: ChannelReference,
  options: PromoteOptions = {},
): Promise<MoveReport> {
  const begun = context.clock()
  const { train, channel } = declaredChannel(context, reference)
  return underTrainLock(context, train.name, async () => {
    const release = await findRelease(context, options.release ?? train.name)
    checkTrain(release, reference, options.release)
    const current = await readChannel(context.refs, train.name, channel.name)
    checkExpected(current, reference, options.expected)
    if (current?.release === release.timestamp)
      return { outcome: 'unchanged', channel: current, milliseconds: context.clock() - begun }
    if (channel.after !== undefined) await checkWasIn(context, release, channel.after, reference)
    const record = await moveChannel(context, current, {
      channel,
      release,
      kind: 'promotion',
      line: promoted(current, release.timestamp),
      why: options.why,
    })
    return moveReport(current, record, context.clock() - begun)
  })
}

export function moveReport(
  before: ChannelRecord | undefined,
  channel: ChannelRecord,
  milliseconds: number,
): MoveReport {
  const from = before === undefined ? {} : { from: before.release }
  return { outcome: 'moved', channel, ...from, milliseconds }
}

function checkTrain({ train }: ReleaseRecord, reference: ChannelReference, asked: string | undefined): void {
  if (asked === undefined || train === reference.train) return
  throw new YardError(
    'usage',
    `${asked} is a release of ${parseReleaseReference(asked).train}, not of ${reference.train}; nothing was moved`,
  )
}

function checkExpected(
  current: ChannelRecord | undefined,
  { train, channel }: ChannelReference,
  expected: Timestamp | undefined,
): void {
  if (expected === undefined || current?.release === expected) return
  const last = current?.history.at(-1)
  const who = last === undefined ? '' : ` (${last.kind} by ${last.who})`
  throw new YardError(
    'busy',
    `${train}/${channel} is at ${current?.release ?? 'no release'} now${who}, not at ${expected}; nothing was moved`,
    { hint: `look at \`switchyard channels ${train}\`, then decide again` },
  )
}

async function checkWasIn(
  context: TrainContext,
  { timestamp }: ReleaseRecord,
  after: ChannelReference['channel'],
  { train, channel }: ChannelReference,
): Promise<void> {
  const before = await readChannel(context.refs, train, after)
  if (before?.history.some(move => move.release === timestamp) === true) return
  throw new YardError(
    'refused',
    `${train}@${timestamp} has not been in ${train}/${after}, which comes before ${train}/${channel}; nothing was moved`,
    { hint: `run \`switchyard promote ${train}/${after} ${train}@${timestamp}\` first` },
  )
}
