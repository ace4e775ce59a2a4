import { describe, expect, it } from 'vitest'
import type { Departures, Digest, Halt, Name, NamedRelease, Timestamp } from '../../model/index.ts'
import { departuresTo, floorAfter, liftedFrom, noFloor, rolloutOf } from './channel-statements.ts'

const day = (number: number) => `2026110${number}T070000Z` as Timestamp
const named = (number: number): NamedRelease => ({
  release: day(number),
  digest: `${number}`.repeat(64) as Digest,
})
const web = { train: 'web' as Name, channel: 'production' as Name }
const destination = {
  ...web,
  release: named(2),
  fallbacks: [named(1)],
  floor: noFloor,
  moved: day(3),
}
const halt = (number: number, ...scope: string[]): Halt => ({
  version: 1,
  number,
  scope,
  who: 'ada',
  why: 'it breaks',
  at: day(3),
})

describe("a channel's statement", () => {
  it('names its release, its floor and the ways back', () => {
    expect(departuresTo(destination, undefined)).toEqual({ version: 1, ...destination, lifted: 0 })
  })

  it('leaves lifted what was lifted before', () => {
    const before = { ...departuresTo(destination, undefined), lifted: 4 }
    expect(departuresTo({ ...destination, release: named(1) }, before)).toMatchObject({ lifted: 4 })
  })
})

describe('lifting halts', () => {
  const before: Departures = { ...departuresTo(destination, undefined), lifted: 2 }

  it('reaches up to the highest one that binds the channel, and no further', () => {
    const halts = [halt(1), halt(3, 'web/production'), halt(4, 'web'), halt(5, 'db'), halt(6, 'web/staging')]
    expect(liftedFrom(before, halts)).toEqual({ ...before, lifted: 4 })
  })

  it('reaches one of all channels', () => {
    expect(liftedFrom(before, [halt(7)])).toMatchObject({ lifted: 7 })
  })

  it('does nothing where none binds it', () => {
    expect(liftedFrom(before, [halt(1), halt(2, 'web'), halt(9, 'db')])).toBeUndefined()
  })
})

describe('a rollout without waves', () => {
  it('lets every host of the channel follow, and starts nothing on stale statements', () => {
    expect(rolloutOf(departuresTo(destination, undefined))).toEqual({
      version: 1,
      ...web,
      release: named(2),
      attempt: day(3),
      state: 'idle',
      grants: [{ stratum: '', below: 1_000_000 }],
      onStale: 'freeze',
    })
  })

  it('is another attempt after every move', () => {
    const [first, again] = [day(3), day(4)].map(moved =>
      rolloutOf(departuresTo({ ...destination, moved }, undefined)),
    )
    expect(first!.attempt).not.toBe(again!.attempt)
  })
})

describe('the security floor', () => {
  const at = (number: number) => ({ ...web, release: day(number) })

  it('is below every release until somebody raises it', () => {
    expect(floorAfter(at(1), undefined, undefined)).toBe(noFloor)
    expect(floorAfter(at(3), undefined, day(2))).toBe(day(2))
  })

  it('stays where it is', () => {
    expect(floorAfter(at(3), { floor: day(2) }, undefined)).toBe(day(2))
    expect(floorAfter(at(2), { floor: day(2) }, day(2))).toBe(day(2))
  })

  it('never falls', () => {
    expect(() => floorAfter(at(3), { floor: day(2) }, day(1))).toThrow(/a floor only rises/)
  })

  it('lets no channel below it, whether it was there or is new', () => {
    expect(() => floorAfter(at(1), { floor: day(2) }, undefined)).toThrow(/lies below web@20261102T070000Z/)
    expect(() => floorAfter(at(1), undefined, day(2))).toThrow(/the security floor of web\/production/)
  })
})
