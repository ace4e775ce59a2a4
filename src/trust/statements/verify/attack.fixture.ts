import { expect } from 'vitest'
import { timestampOf } from '../../../model/index.ts'
import type { Trusted } from './advance.ts'
import {
  channelRole,
  createYard,
  day,
  type FixtureYard,
  follow,
  releasesRole,
  rolloutRole,
  sourceOf,
  start,
} from './repository.fixture.ts'
import type { Source } from './source.ts'
import type { SuspicionName } from './suspicion.ts'

/** What a place shows instead of what the yard published. */
export type Show = (
  yard: FixtureYard,
  before: Map<string, Buffer>,
) => Map<string, Buffer> | Source | undefined

export interface Attack {
  attack: string
  /** Done to a yard that a host has followed, and that has published since. */
  show: Show
  suspicion: SuspicionName
  message?: RegExp
  /** How the yard recovers, when publishing again is not enough. */
  recover?: (yard: FixtureYard) => void
}

/** When the yard published first; the host came a day later, and the attack another. */
export const first = start - day
export const timestamp = 'metadata/timestamp.json'
export const fileOf = (yard: FixtureYard, role: string) => {
  const signed = role === 'snapshot' ? yard.snapshot : yard.roles.get(role)!
  return `metadata/${signed.version}.${role}.json`
}
export const replaced = (yard: FixtureYard, path: string, bytes: Buffer | string) =>
  new Map(yard.files).set(path, Buffer.from(bytes))
export const without = (yard: FixtureYard, path: string) => {
  const files = new Map(yard.files)
  expect(files.delete(path)).toBe(true)
  return files
}
export const cut = (yard: FixtureYard, path: string) =>
  replaced(yard, path, yard.files.get(path)!.subarray(0, yard.files.get(path)!.length - 7))
export const statementFile = (yard: FixtureYard, kind: string) =>
  [...yard.files.keys()].filter(path => path.startsWith(`targets/${kind}`)).at(-1)!

/** After the attack, the yard publishes again; what it publishes is followed by the host that was attacked. */
export async function endure({ show, suspicion, message, recover }: Attack): Promise<void> {
  const yard = createYard(first)
  const before = new Map(yard.files)
  yard.now += day
  yard.depart(timestampOf(yard.now))
  const { trusted } = await follow(yard, yard.enrolled())
  yard.now += day
  yard.depart(timestampOf(yard.now))
  const restore = yard.remember()
  const shown = show(yard, before) ?? new Map(yard.files)
  const source = shown instanceof Map ? sourceOf(shown) : shown

  const attacked = await follow(yard, trusted, { source })
  expect(attacked.suspicion?.message ?? 'nothing was suspected').toMatch(message ?? /./)
  expect(attacked.suspicion?.suspicion).toBe(suspicion)
  expect(attacked.suspicion?.object).toMatch(/^(metadata|targets)\//)
  expect(attacked.trusted.standing).toEqual(trusted.standing)
  // The same again changes nothing more.
  const again = await follow(yard, attacked.trusted, { source })
  expect(again.trusted).toEqual(attacked.trusted)

  yard.now += 1000
  restore()
  recover?.(yard)
  yard.publish('targets', releasesRole, channelRole, rolloutRole)
  await expectRecovered(yard, again.trusted)
}

export async function expectRecovered(yard: FixtureYard, trusted: Trusted): Promise<void> {
  const { trusted: after, suspicion } = await follow(yard, trusted)
  expect(suspicion).toBeUndefined()
  expect(after.standing).toMatchObject({ departures: yard.departures, rollout: yard.rollout })
}
