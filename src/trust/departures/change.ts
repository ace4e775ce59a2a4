import {
  canonicalJson,
  type Departures,
  type Json,
  type Name,
  type ReleaseStatement,
  type RolloutStatement,
  type Timestamp,
} from '../../model/index.ts'
import {
  type DelegatedRole,
  lifetimes,
  ownedPaths,
  readRole,
  roleOf,
  targetOf,
} from '../statements/layout.ts'
import type { RoleTrust } from './metadata.ts'

/**
 * What is to be published together: hosts see all of it or nothing. Roles that are new get their delegation by themselves.
 */
export interface Edits {
  releases?: readonly ReleaseStatement[]
  departures?: readonly Departures[]
  rollouts?: readonly RolloutStatement[]
  /** Releases that no statement names any more. */
  forgotten?: readonly { train: Name; release: Timestamp }[]
  /** Who signs for a channel, where that is to be others than by default; also for one that exists. */
  channelKeys?: readonly ({ train: Name; channel: Name } & RoleTrust)[]
  /** A channel, or with `channel` absent a train and its releases, that hosts shall know no more. */
  removed?: readonly { train: Name; channel?: Name }[]
}

/** The same by roles, so that two changes can be merged. */
export interface Change {
  roles: { [role: string]: RoleChange }
  trust: { [role: string]: RoleTrust }
  removed: string[]
  /** Roles to be signed again as they are. */
  renewed: string[]
}

export interface RoleChange {
  /** Canonical JSON by path of the target. */
  put: { [path: string]: string }
  drop: string[]
}

export const noChange: Change = { roles: {}, trust: {}, removed: [], renewed: [] }

export function changeOf(edits: Edits): Change {
  const roles: Change['roles'] = {}
  const at = (role: string) => (roles[role] ??= { put: {}, drop: [] })
  for (const one of edits.releases ?? [])
    at(roleOf.releases(one.train)).put[targetOf.release(one.train, one.release)] = textOf(one)
  for (const { train, release } of edits.forgotten ?? [])
    at(roleOf.releases(train)).drop.push(targetOf.release(train, release))
  for (const one of edits.departures ?? [])
    at(roleOf.channel(one.train, one.channel)).put[targetOf.departures(one.train, one.channel)] = textOf(one)
  for (const one of edits.rollouts ?? [])
    at(roleOf.rollout(one.train, one.channel)).put[targetOf.rollout(one.train, one.channel)] = textOf(one)
  const trust = (edits.channelKeys ?? []).map(({ train, channel, keys, threshold }) => [
    roleOf.channel(train, channel),
    { keys, threshold },
  ])
  const removed = (edits.removed ?? []).flatMap(({ train, channel }) =>
    channel === undefined
      ? [roleOf.releases(train)]
      : [roleOf.channel(train, channel), roleOf.rollout(train, channel)],
  )
  return { roles, trust: Object.fromEntries(trust), removed, renewed: [] }
}

/** Both, the later one deciding where they speak of the same target or role. */
export function mergeChanges(earlier: Change, later: Change): Change {
  const roles = { ...earlier.roles }
  for (const [role, { put, drop }] of Object.entries(later.roles)) {
    const before = roles[role] ?? { put: {}, drop: [] }
    const kept = Object.entries(before.put).filter(([path]) => !drop.includes(path))
    const still = before.drop.filter(path => !(path in put))
    roles[role] = { put: { ...Object.fromEntries(kept), ...put }, drop: [...new Set([...still, ...drop])] }
  }
  const wanted = new Set([...Object.keys(later.roles), ...Object.keys(later.trust)])
  const removed = earlier.removed.filter(role => !wanted.has(role))
  for (const role of later.removed) delete roles[role]
  return {
    roles,
    trust: { ...earlier.trust, ...later.trust },
    removed: [...new Set([...removed, ...later.removed])],
    renewed: [...new Set([...earlier.renewed, ...later.renewed])],
  }
}

/** Without what it says of roles that were removed since. */
export function withoutRoles(change: Change, removed: readonly string[]): Change {
  const gone = new Set(removed)
  const without = <T>(record: { [role: string]: T }) =>
    Object.fromEntries(Object.entries(record).filter(([role]) => !gone.has(role)))
  return {
    roles: without(change.roles),
    trust: without(change.trust),
    removed: change.removed,
    renewed: change.renewed.filter(role => !gone.has(role)),
  }
}

/** What the name of a delegated role says: no name has a `_`. @throws TypeError for another name, which we have never written. */
export function delegationOf(role: string): { kind: DelegatedRole['kind']; paths: string[] } {
  const read = readRole(role)
  if (read === undefined) throw new TypeError(`unknown role ${role}`)
  return { kind: read.kind, paths: ownedPaths(read) }
}

/** Seconds from signing to expiry of what a role of targets signs. */
export function lifetimeOf(role: string, isRunning: boolean): number {
  if (role === 'targets') return lifetimes.targets
  const { kind } = delegationOf(role)
  return kind === 'rollout' ? onlineLifetime(isRunning) : lifetimes[kind]
}

export function onlineLifetime(isRunning: boolean): number {
  return isRunning ? lifetimes.online.running : lifetimes.online.idle
}

function textOf(statement: ReleaseStatement | Departures | RolloutStatement): string {
  return canonicalJson(statement as unknown as Json)
}
