import { type ChannelRecord, type ChannelReference, type Timestamp, YardError } from '../model/index.ts'

/** @throws YardError `busy` when the channel stands elsewhere than the caller believes. */
export function checkExpected(
  current: ChannelRecord | undefined,
  reference: ChannelReference,
  expected: Timestamp | undefined,
): void {
  if (expected !== undefined && current?.release !== expected)
    throw elsewhere(reference, current, `not at ${expected}`)
}

/**
 * Of two who move a channel at once one wins, and the other is told: what it decided, it decided about another state.
 * @param before what the caller saw when it began; a fresh seal since then is no move.
 * @throws YardError `busy` when somebody moved the channel meanwhile.
 */
export function checkUnmoved(
  before: ChannelRecord | undefined,
  now: ChannelRecord | undefined,
  reference: ChannelReference,
): void {
  if (before?.history.length !== now?.history.length)
    throw elsewhere(reference, now, `no longer at ${before?.release ?? 'no release'}`)
}

function elsewhere(
  { train, channel }: ChannelReference,
  current: ChannelRecord | undefined,
  than: string,
): YardError {
  const last = current?.history.at(-1)
  const who = last === undefined ? '' : ` (${last.kind} by ${last.who})`
  return new YardError(
    'busy',
    `${train}/${channel} is at ${current?.release ?? 'no release'} now${who}, ${than}; nothing was moved`,
    { hint: `look at \`switchyard channels ${train}\`, then decide again` },
  )
}
