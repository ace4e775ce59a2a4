import { type Digest, digestOf } from './digest.ts'
import { YardError } from './errors.ts'
import type { Labels } from './host-labels.ts'
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

/**
 * Of a host, as the yard sees it. `quarantined`: its key may be in two machines, so it is told nothing new; `revoked`: it is no host
 * any more.
 */
export const hostStates = ['enrolled', 'quarantined', 'revoked'] as const
export type HostState = (typeof hostStates)[number]

/**
 * What is kept of a machine to notice that another one has its key: SHA-256 of its machine-id and that key.
 * @param publicKey 64 hexadecimal digits.
 */
export function machineDigest(machineId: string, publicKey: string): Digest {
  return digestOf(Buffer.from(`switchyard machine\n${machineId}\n${publicKey}\n`))
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
  labels: Labels
  /** Hosts of one group have one rank: they start in the same moment. Default: the host's id. */
  rankGroup: string
  /** What counted when the channel's open attempt began, where that was something else: it counts until the attempt is over. */
  opened?: { attempt: string; labels: { [label: string]: string }; rankGroup: string }
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
  /**
   * Higher with every report and renewal of this host (max(last + 1, unix seconds), as of statements): attempt and counter
   * together are said once, and counters of two boots never mix unless the key is in two machines.
   */
  counter: number
  kind: ReportKind
  /** By the host's clock; nothing is decided by it. */
  at: Timestamp
  /** The kernel's boot_id. */
  boot: string
  /** `machineDigest`: another one than at enrolment is a clone's. */
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

/** The packages in which the agent is installed: with a Node of its own, and light. No release may have them. */
export const agentPackageNames = ['switchyard-agent', 'switchyard-agent-light'] as const
