import {
  type Departures,
  type Halt,
  type HostCard,
  type HostId,
  haltConcerns,
  millisecondsOf,
  type NamedRelease,
  type RolloutStatement,
  type Timestamp,
  wholeRank,
} from '../../model/index.ts'
import { grantedBelow } from './granted-below.ts'
import { rankOf } from './rank.ts'

/** What a host asks before it begins: verified statements, and what it knows of itself. */
export interface StartQuestion {
  departures: Departures
  rollout: RolloutStatement
  /** Undefined: the host never got one. */
  card: HostCard | undefined
  halts: readonly Halt[]
  facts: HostFacts
  /** Milliseconds since the epoch. */
  now: number
}

export interface HostFacts {
  host: HostId
  /** What it is on; undefined until it has applied one. */
  on?: NamedRelease | undefined
  /** Attempts from which it went back: it takes the release again under another one only. */
  reverted: readonly string[]
  /** How the statements are, as the verifier judged: `clock-suspect`: stale, or the clock is wrong. */
  freshness: 'fresh' | 'stale' | 'clock-suspect'
  /** What the machine says of itself. Where it contradicts a label the host stands still. */
  says: { [fact: string]: string }
}

/** Why a host begins or not: a word for programs, a sentence for people. */
export type StartDecision =
  | { may: true; release: NamedRelease; word: 'granted' | 'borrowed'; sentence: string }
  | { may: false; word: StandStill; sentence: string }

/** In the order in which they are looked at: the first that holds is told. */
export const standStills = [
  'other-channel',
  'halted',
  'no-card',
  'held',
  'unsigned-release',
  'below-floor',
  'clock-suspect',
  'stale',
  'card-expired',
  'current',
  'reverted',
  'paused',
  'contradiction',
  'waiting',
] as const
export type StandStill = (typeof standStills)[number]

/**
 * Whether a host may begin to go to the release of its rollout, or to one that it has borrowed. Pure: the same statements say the same
 * on every host, with or without a server. Whatever is missing, in doubt or contradictory makes it stand still.
 */
export function mayStart(question: StartQuestion): StartDecision {
  const { departures, rollout, card, facts, now } = question
  const channel = `${departures.train}/${departures.channel}`
  const mixed = mixedUp(question)
  if (mixed !== undefined) return still('other-channel', mixed)
  const halt = bindingHalt(question)
  if (halt !== undefined)
    return still('halted', `${halt.who} stopped ${channel} (halt ${halt.number}, ${halt.at}): ${halt.why}`)
  if (card === undefined) return still('no-card', 'this host has no card yet, which its yard hands out')
  const { hold } = card
  if (hold !== undefined && isAhead(hold.until, now))
    return still('held', `${hold.who} holds this host ${untilText(hold.until)}: ${hold.why}`)

  const borrowing = card.borrowing && isAhead(card.borrowing.until, now) ? card.borrowing : undefined
  const { release } = borrowing ?? rollout
  const name = `${departures.train}@${release.release}`
  if (![departures.release, ...departures.fallbacks].some(signed => isSame(signed, release)))
    return still(
      'unsigned-release',
      `${borrowing === undefined ? 'the rollout points to' : 'the card lends'} ${name}, which is neither the release of ${channel} that people signed nor one of its fall-backs`,
    )
  if (release.release < departures.floor)
    return still('below-floor', `${name} is below the security floor of ${channel}, ${departures.floor}`)

  if (facts.freshness === 'clock-suspect')
    return still(
      'clock-suspect',
      'the clock of this host is not to be relied on: nothing tells stale statements from fresh ones',
    )
  const frozen = rollout.onStale === 'freeze'
  if (facts.freshness === 'stale' && frozen)
    return still('stale', `the statements of ${channel} are stale, and no place has newer ones`)
  if (now >= millisecondsOf(card.expires) && frozen)
    return still(
      'card-expired',
      `this host's card expired at ${card.expires}, and the yard did not hand out another`,
    )

  if (facts.on !== undefined && isSame(facts.on, release))
    return still('current', `this host is on ${name} already`)
  if (borrowing !== undefined)
    return {
      may: true,
      release,
      word: 'borrowed',
      sentence: `${borrowing.who} borrows this host for ${name} until ${borrowing.until}`,
    }
  if (facts.reverted.includes(rollout.attempt))
    return still('reverted', `this host went back from ${name}; it takes it again under another attempt only`)
  if (rollout.state === 'paused') return still('paused', `the rollout of ${name} to ${channel} is paused`)
  return byRank(question, card, name)
}

function byRank({ rollout, facts }: StartQuestion, card: HostCard, name: string): StartDecision {
  const counted = card.opened?.attempt === rollout.attempt ? card.opened : card
  const contradiction = Object.entries(counted.labels).find(
    ([label, value]) => Object.hasOwn(facts.says, label) && facts.says[label] !== value,
  )
  if (contradiction !== undefined) {
    const [label, value] = contradiction
    return still(
      'contradiction',
      `this host is labelled ${label}=${value}, but says ${label}=${facts.says[label]}`,
    )
  }
  const rank = rankOf(rollout.attempt, counted)
  const below = grantedBelow(rollout.grants, counted.labels)
  const numbers = `rank ${percent(rank)}, granted below ${percent(below)}`
  return rank < below
    ? {
        may: true,
        release: rollout.release,
        word: 'granted',
        sentence: `${name} is granted to this host: ${numbers}`,
      }
    : still('waiting', `${name} is not granted to this host yet: ${numbers}`)
}

/** Statements of several channels, or another host's card: what a place has mixed up. */
function mixedUp({ departures, rollout, card, facts }: StartQuestion): string | undefined {
  const { train, channel } = departures
  for (const [what, one] of [
    ['the rollout', rollout],
    ["this host's card", card],
  ] as const)
    if (one !== undefined && (one.train !== train || one.channel !== channel))
      return `${what} is of ${one.train}/${one.channel}, not of ${train}/${channel}`
  return card === undefined || card.host === facts.host
    ? undefined
    : `the card is of host ${card.host}, not of this one, ${facts.host}`
}

/** The highest halt that concerns the channel and was not lifted. */
function bindingHalt({ departures, halts }: StartQuestion): Halt | undefined {
  const { train, channel, lifted } = departures
  return halts
    .filter(halt => halt.number > lifted && haltConcerns(halt, train, channel))
    .sort((a, b) => b.number - a.number)[0]
}

function isSame(a: NamedRelease, b: NamedRelease): boolean {
  return a.release === b.release && a.digest === b.digest
}

/** Whether a moment, its second included, is not over yet; none never is. */
function isAhead(until: Timestamp | undefined, now: number): boolean {
  return until === undefined || now < millisecondsOf(until) + 1000
}

function untilText(until: Timestamp | undefined): string {
  return until === undefined ? 'until further notice' : `until ${until}`
}

/** Of all ranks: 100% is everybody. */
function percent(rank: number): string {
  return `${((rank / wholeRank) * 100).toFixed(4)}%`
}

function still(word: StandStill, sentence: string): StartDecision {
  return { may: false, word, sentence }
}
