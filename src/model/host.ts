import type { Digest } from './digest.ts'
import { YardError } from './errors.ts'
import type { Name } from './name.ts'
import type { NamedRelease } from './statements.ts'
import type { Timestamp } from './timestamp.ts'

/** An enrolled machine's identity: 32 lower-case hexadecimal digits, drawn at random at enrolment. */
export type HostId = string & { readonly HostId: unique symbol }

export function isHostId(text: string): text is HostId {
  return /^[0-9a-f]{32}$/.test(text)
}

/** @throws YardError `usage` when the text is no host's id. */
export function parseHostId(text: string): HostId {
  if (isHostId(text)) return text
  throw new YardError('usage', `not a host's id: ${JSON.stringify(text.slice(0, 80))}`, {
    hint: 'it has 32 hexadecimal digits; `switchyard host ls` shows them',
  })
}

/** The most bytes that a host's card may have, in its envelope. */
export const maximumCardBytes = 4096

/**
 * What one host alone is told, signed by the rollout role of its channel. Labels come from the token or the operator,
 * never from the host.
 */
export interface HostCard {
  version: 1
  host: HostId
  /** One more with every change; a host takes no card with a lower one than it has seen. */
  counter: number
  issued: Timestamp
  expires: Timestamp
  train: Name
  channel: Name
  labels: { [label: string]: string }
  /** Hosts of one group have one rank: they start in the same moment. Default: the host's id. */
  rankGroup: string
  /** Why the host stands still, while it does. */
  hold?: { who: string; why: string; until?: Timestamp }
  /** What the host may have beyond its channel, by name. */
  entitlements: string[]
  /** A release that the host tries on somebody's behalf, and when it goes back by itself. */
  borrowing?: { release: NamedRelease; who: string; until: Timestamp }
}

/** What a host says, signed by its own key. Sending it twice changes nothing. */
export interface HostReport {
  version: 1
  host: HostId
  /** Id of the attempt that it belongs to, from a rollout's statement; `''` for a sign of life. */
  attempt: string
  /** One more with every report of this host: attempt and counter together are said once. */
  counter: number
  kind: ReportKind
  /** By the host's clock; nothing is decided by it. */
  at: Timestamp
  /** The kernel's boot_id. */
  boot: string
  /** SHA-256 of the machine-id and the host's id: another one than at enrolment is a clone's. */
  machine: Digest
  /** What the host is on; absent until it has applied one. */
  release?: NamedRelease
  /** Version of the timestamp that it trusts, and the highest halt that it knows. */
  departures?: number
  halt?: number
  /** Why it stands still, or what went wrong: one of the agent's words and a sentence. */
  reason?: { word: string; sentence: string }
  /** What the host says of itself: may narrow where it is eligible, never widen it. */
  facts?: { [fact: string]: string }
}

/** `alive`: the rare sign of life. The others are the steps of an attempt. */
export const reportKinds = [
  'alive',
  'fetched',
  'started',
  'applied',
  'well',
  'reverted',
  'needs-hands',
  'refused',
] as const
export type ReportKind = (typeof reportKinds)[number]
