import { duration } from '../../config/index.ts'
import { type ChannelMove, millisecondsOf, type Timestamp } from '../../model/index.ts'
import { readChannel } from '../../repository/index.ts'
import type { Gate, Judgement } from './gate.ts'
import { timeText } from './time-text.ts'

export const soak: Gate<number> = {
  name: 'soak',
  help: 'How long the release must have been in the channel before this one, without a break.',
  options: duration,
  bare: undefined,
  async judge({ context, train, channel, release }, seconds) {
    if (channel.after === undefined)
      return {
        passed: false,
        summary: `${channel.name} comes after no channel, so that there is none to soak in`,
        findings: [],
        remedy: `say under \`after\` which channel comes before ${channel.name}`,
      }
    const before = await readChannel(context.refs, train.name, channel.after)
    const stay = lastStay(before?.history ?? [], release.timestamp)
    return judgeSoak(stay, { seconds, now: context.now(), where: `${train.name}/${channel.after}` })
  },
  countsForSeconds: () => 0,
}

/** The last time that a channel was at a release: from when until when, and what ended it. */
export interface Stay {
  from: Timestamp
  ended?: ChannelMove
}

export function lastStay(history: readonly ChannelMove[], release: Timestamp): Stay | undefined {
  const entered = history.findLastIndex(move => move.release === release)
  if (entered < 0) return undefined
  const ended = history[entered + 1]
  return { from: history[entered]!.moved, ...(ended === undefined ? {} : { ended }) }
}

/**
 * Passes when the last stay was long enough. One that a rollback ended does not count, however long it was: whoever took the
 * channel back from a release had a reason.
 */
export function judgeSoak(
  stay: Stay | undefined,
  { seconds, now, where }: { seconds: number; now: number; where: string },
): Judgement {
  if (stay === undefined)
    return {
      passed: false,
      summary: `it has not been in ${where}`,
      findings: [],
      remedy: `promote it to ${where}, and wait ${timeText(seconds)}`,
    }
  const { from, ended } = stay
  const until = ended === undefined ? now : millisecondsOf(ended.moved)
  const stayed = Math.max(0, Math.floor((until - millisecondsOf(from)) / 1000))
  const inputs = { from, seconds: stayed, ...(ended === undefined ? {} : { until: ended.moved }) }
  if (ended?.kind === 'rollback')
    return {
      passed: false,
      summary: `${where} was taken back from it at ${ended.moved}`,
      findings: [`by ${ended.who}${ended.why === undefined ? '' : `: ${ended.why}`}`],
      remedy: `bring it into ${where} again, and wait ${timeText(seconds)}`,
      inputs,
    }
  if (stayed >= seconds)
    return { passed: true, summary: `it was in ${where} for ${timeText(stayed)}`, findings: [], inputs }
  const left = seconds - stayed
  return {
    passed: false,
    summary: `it ${ended === undefined ? 'has been' : 'was only'} in ${where} for ${timeText(stayed)}, not for ${timeText(seconds)}`,
    findings: ended === undefined ? [] : [`${where} went on to ${ended.release} at ${ended.moved}`],
    remedy:
      ended === undefined
        ? `wait another ${timeText(left)}`
        : `bring it into ${where} again, and wait ${timeText(seconds)}`,
    inputs,
  }
}
