import { mayStart } from '../fleet/pure.ts'
import type { HostCard, NamedRelease } from '../model/index.ts'
import type { Freshness, Trusted } from '../trust/pure.ts'
import type { Identity } from './identity.ts'
import type { Memory, PlaceFinding } from './memory.ts'

/** All that is looked at. */
export interface Facts {
  /** Undefined: not enrolled. */
  identity: Identity | undefined
  /** Whether this is the machine that enrolled. */
  isSameMachine: boolean
  trusted: Trusted | undefined
  freshness: Freshness
  card: HostCard | undefined
  memory: Memory
  /** What the machine says of itself. */
  says: { [fact: string]: string }
  /** Milliseconds since the epoch. */
  now: number
}

/** Whether this host may begin to move to a release now, and why: a word for programs, sentences for people. */
export interface Judgement {
  may: boolean
  word: string
  sentence: string
  /** What somebody should do about it; undefined: nothing. */
  hint?: string
  /** Where to. */
  release?: NamedRelease
}

/** Pure: says the same of the same facts, whether or not anybody can be asked. */
export function judge(facts: Facts): Judgement {
  const { identity, isSameMachine, trusted, card, memory, freshness, says, now } = facts
  if (identity === undefined)
    return still(
      'not-enrolled',
      'this host is not enrolled',
      'switchyard-agent enroll FILE, with what `switchyard host token create` prints',
    )
  if (!isSameMachine)
    return still(
      'cloned',
      `this machine is not the one that enrolled as host ${identity.host}: it looks like a copy of it`,
      'run switchyard-agent leave, and enrol it as a host of its own',
    )
  const server = memory.check?.server
  if (server?.finding === 'refused')
    return still('shut-out', server.sentence, 'ask whoever runs the yard: `switchyard host show` says why')
  const alarm = worstOf(memory.check?.places ?? [])
  if (trusted?.standing === undefined)
    return alarm === undefined
      ? still(
          'no-statements',
          'this host has never had statements of its channel',
          'run switchyard-agent check',
        )
      : still(alarm.finding, alarm.sentence ?? alarm.url, hints[alarm.finding])
  const { departures, rollout } = trusted.standing
  const decision = mayStart({
    departures,
    rollout,
    card,
    halts: trusted.halt === undefined ? [] : [trusted.halt.halt],
    facts: {
      host: identity.host,
      reverted: [],
      freshness: freshness === 'expired' ? 'stale' : freshness,
      says,
    },
    now,
  })
  if (decision.may) return decision
  const hint = hints[decision.word]
  return { may: false, word: decision.word, sentence: withCause(decision, alarm), ...(hint && { hint }) }
}

/** Findings that somebody should look at, though another place may have been good. */
export function isAlarming({ finding }: PlaceFinding): boolean {
  return !harmless.includes(finding)
}

/** The finding that explains best why nothing newer came: an attack before a place that is down. */
function worstOf(places: readonly PlaceFinding[]): PlaceFinding | undefined {
  return (
    places.find(isAlarming) ?? places.find(({ finding }) => finding !== 'current' && finding !== 'behind')
  )
}

/** Statements are stale because no place had newer ones; that one was lied to is said too. */
function withCause(decision: { word: string; sentence: string }, alarm: PlaceFinding | undefined): string {
  const isStale = decision.word === 'stale' || decision.word === 'clock-suspect'
  return isStale && alarm !== undefined
    ? `${decision.sentence}; ${alarm.url}: ${alarm.sentence}`
    : decision.sentence
}

/** What mirrors and networks do by themselves. */
const harmless: PlaceFinding['finding'][] = ['current', 'behind', 'unavailable', 'slow-retrieval', 'damaged']

const hints: { [word: string]: string } = {
  'clock-suspect': 'look at the clock of this machine: timedatectl',
  stale: 'see that a place has fresh statements: `switchyard status` on the yard, and the network from here',
  unavailable: 'see that one of its places can be reached from here',
  'card-expired': "see that the yard's server can be reached from here",
  'no-card': "see that the yard's server can be reached from here",
  'wrong-software': 'tell whoever runs the yard at once: a key may be stolen',
  'unsigned-release': 'tell whoever runs the yard at once: a key may be stolen',
  'arbitrary-software': 'tell whoever runs that place, and the yard: somebody tries to slip something in',
  'key-compromise': 'tell whoever runs the yard at once: a key may be stolen',
  rollback: 'tell whoever runs that place: it shows what is long past',
  contradiction: 'correct the label (`switchyard host label`), or the machine',
}

function still(word: string, sentence: string, hint?: string): Judgement {
  return { may: false, word, sentence, ...(hint !== undefined && { hint }) }
}
