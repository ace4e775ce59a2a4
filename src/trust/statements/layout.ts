import { isName, type Name, type Timestamp } from '../../model/index.ts'

/**
 * Which role of the TUF metadata owns which targets, and how long what it signs is fresh. Every role below `targets` has
 * its own prefix by a terminating delegation: look-up in TUF stops at the first role that matches, and the host reads all
 * three. `_` stands in no name, so roles cannot be mistaken for each other.
 */
export const roleOf = {
  releases: (train: Name) => `releases_${train}`,
  channel: (train: Name, channel: Name) => `channel_${train}_${channel}`,
  rollout: (train: Name, channel: Name) => `rollout_${train}_${channel}`,
}

/** A role below `targets`, as its name says. */
export type DelegatedRole =
  | { kind: 'releases'; train: Name }
  | { kind: 'channel' | 'rollout'; train: Name; channel: Name }

/** `roleOf` backwards. Undefined: `root`, `targets`, `snapshot`, `timestamp`, and names that no role of ours has. */
export function readRole(role: string): DelegatedRole | undefined {
  const [kind, train = '', channel, ...more] = role.split('_')
  if (!isName(train) || more.length > 0) return undefined
  if (kind === 'releases') return channel === undefined ? { kind, train } : undefined
  const isOfChannel = kind === 'channel' || kind === 'rollout'
  return isOfChannel && channel !== undefined && isName(channel) ? { kind, train, channel } : undefined
}

/** Paths of targets, below `targets/`. */
export const targetOf = {
  release: (train: Name, release: Timestamp) => `releases/${train}/${release}.json`,
  departures: (train: Name, channel: Name) => `channels/${train}/${channel}.json`,
  rollout: (train: Name, channel: Name) => `rollouts/${train}/${channel}.json`,
}

/** What a role is delegated. A `*` of TUF does not reach past a `/` (TUF specification 1.0.34, 4.5). */
export const pathsOf = {
  releases: (train: Name) => [`releases/${train}/*`],
  channel: (train: Name, channel: Name) => [targetOf.departures(train, channel)],
  rollout: (train: Name, channel: Name) => [targetOf.rollout(train, channel)],
}

/** What a role owns that was read from its name. */
export function ownedPaths(role: DelegatedRole): string[] {
  return role.kind === 'releases'
    ? pathsOf.releases(role.train)
    : pathsOf[role.kind](role.train, role.channel)
}

const hour = 3_600
const day = 24 * hour

/** Seconds from signing to expiry. */
export const lifetimes = {
  root: 365 * day,
  targets: 365 * day,
  releases: 90 * day,
  channel: 90 * day,
  /** Of timestamp, snapshot and rollouts: while nothing is under way, and while a rollout runs. */
  online: { idle: 7 * day, running: 24 * hour },
} as const

/** The field of root's signed part that lists who may stop: `{ keyids, threshold }`. Their keys stand in root's `keys`. */
export const haltField = 'x-switchyard-halt'

/** Next version of any role but root: a server that was restored from a backup is never behind its hosts. */
export function nextVersion(last: number, now: number): number {
  return Math.max(last + 1, Math.floor(now / 1000))
}
