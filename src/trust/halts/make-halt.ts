import { type Halt, timestampOf, YardError } from '../../model/index.ts'
import { type Envelope, sealEnvelope } from '../statements/envelope.ts'
import { maximumHaltText, maximumScope } from '../statements/halts.ts'
import { nextVersion } from '../statements/layout.ts'
import type { StatementSigner } from '../statements/statement-key.ts'

/** By so many seconds the clocks of those who stop may differ. */
const tolerance = 86_400

/**
 * Whether a number is ahead of the seconds since 1970, which an honest one follows: a wrong clock made it, or somebody who wants to use the
 * numbers up. What follows or lifts it would leave no number for the halts to come. @param now milliseconds since the epoch.
 */
export function isAheadOfTime({ number }: Pick<Halt, 'number'>, now: number): boolean {
  return number > now / 1000 + tolerance
}

export interface HaltOrder {
  /** `TRAIN/CHANNEL` or `TRAIN`; none: every channel of the yard. */
  scope: string[]
  who: string
  why: string
}

/**
 * A halt, signed. Its number follows the highest known one and is never below the seconds since 1970, so that whoever stops without
 * knowing any number is not taken for somebody whose halt was lifted long ago.
 * @param known highest number that is known; 0: none.
 * @param now milliseconds since the epoch.
 * @throws YardError `usage` when reason or scope are too long.
 */
export function makeHalt(
  { scope, who, why }: HaltOrder,
  known: number,
  signer: StatementSigner,
  now: number,
): { halt: Halt; envelope: Envelope } {
  if (scope.length > maximumScope || why.length > maximumHaltText || who.length > maximumHaltText)
    throw new YardError(
      'usage',
      `a halt names at most ${maximumScope} trains and channels, and its reason has at most ${maximumHaltText} characters; nothing was stopped`,
      { hint: 'name none to stop every channel' },
    )
  const number = nextVersion(known, now)
  const halt: Halt = { version: 1, number, scope, who, why, at: timestampOf(now) }
  return { halt, envelope: sealEnvelope('halt', halt, [signer]) }
}
