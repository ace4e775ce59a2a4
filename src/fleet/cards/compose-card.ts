import type { CardNotes, HostRecord } from '../../catalog/index.ts'
import {
  type HostCard,
  type Labels,
  millisecondsOf,
  type RolloutStatement,
  type Timestamp,
  timestampOf,
} from '../../model/index.ts'
import { lifetimes } from '../../trust/pure.ts'

/** Cards of one hour are the same bytes. */
const hour = 3_600_000

/** The attempt that is under way in a host's channel, and since when. */
export interface OpenAttempt {
  attempt: string
  began: Timestamp
}

/**
 * What a host is told alone. It is as fresh as its channel's rollout. A host that is quarantined is held.
 * @param open undefined: nothing is under way.
 * @param now milliseconds since the epoch.
 */
export function composeCard(
  host: HostRecord,
  notes: CardNotes,
  open: OpenAttempt | undefined,
  now: number,
): HostCard {
  const issued = now - (now % hour)
  const seconds = open === undefined ? lifetimes.online.idle : lifetimes.online.running
  const { id, train, channel, labels, rankGroup, counter } = host
  const { entitlements, borrowing } = notes
  const hold = holdOf(host, notes)
  const opened = open && openedWith(notes, open)
  return {
    version: 1,
    host: id,
    counter,
    issued: timestampOf(issued),
    expires: timestampOf(issued + seconds * 1000),
    train,
    channel,
    labels,
    rankGroup,
    ...(opened && { opened }),
    ...(hold && { hold }),
    entitlements,
    ...(borrowing !== undefined && millisecondsOf(borrowing.until) >= now && { borrowing }),
  }
}

/** Characters of why a host is held that its card has. */
const mostOfWhy = 200

function holdOf({ state, why = '' }: HostRecord, { hold }: CardNotes): CardNotes['hold'] {
  const held = state === 'quarantined' ? { who: 'switchyard', why: `quarantined: ${why}` } : hold
  return held && { ...held, why: held.why.slice(0, mostOfWhy) }
}

/** What counted when the attempt began, where that was something else. */
function openedWith({ before }: CardNotes, { attempt, began }: OpenAttempt): HostCard['opened'] {
  const then = before.find(({ until }) => until > began)
  return then && { attempt, labels: then.labels, rankGroup: then.rankGroup }
}

/** What is under way: nothing that the host has to wait for is open in an idle rollout. */
export function openAttempt(
  rollout: RolloutStatement | undefined,
  began: Timestamp | undefined,
): OpenAttempt | undefined {
  if (rollout === undefined || began === undefined || rollout.state === 'idle') return undefined
  return { attempt: rollout.attempt, began }
}

/** More changes than that within one attempt nobody makes. */
const mostBefore = 8

/** To be kept with every change of labels or rank group, so that an attempt that is under way counts by the old ones. */
export function rememberingLabels(
  notes: CardNotes,
  { labels, rankGroup }: { labels: Labels; rankGroup: string },
  until: Timestamp,
): CardNotes {
  return { ...notes, before: [...notes.before, { labels, rankGroup, until }].slice(-mostBefore) }
}
