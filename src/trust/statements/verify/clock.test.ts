import { describe, expect, it } from 'vitest'
import { timestampOf } from '../../../model/index.ts'
import { lifetimes } from '../layout.ts'
import { freshnessOf, signedAfter } from './clock.ts'
import {
  clockAt,
  createYard,
  day,
  follow,
  iso,
  judgeTrust,
  rolloutRole,
  start,
} from './repository.fixture.ts'

const in1970 = clockAt(1000, false)
const in2038 = clockAt(Date.UTC(2038, 0, 19, 3, 14, 8), false)

describe('freshness', () => {
  const statements = { signedAfter: start, expires: start + 7 * day }
  it.each([
    ['now', clockAt(start), 'fresh'],
    ['a moment before the end', clockAt(start + 7 * day - 1), 'fresh'],
    ['at the end', clockAt(start + 7 * day), 'expired'],
    ['at the end, by a clock that nobody vouches for', clockAt(start + 7 * day, false), 'clock-suspect'],
    ['a day before they were signed', clockAt(start - day), 'fresh'],
    ['more than a day before they were signed', clockAt(start - day - 1), 'clock-suspect'],
    ['in 1970', in1970, 'clock-suspect'],
    ['in 2038', in2038, 'clock-suspect'],
    ['in 2038, as somebody vouches', { ...in2038, synchronised: true }, 'expired'],
  ])('%s', (_, clock, freshness) => expect(freshnessOf(statements, clock)).toBe(freshness))
})

it('a version that ran ahead does not move the floor of time beyond what the expiry allows', () => {
  const expires = iso(start + lifetimes.online.idle * 1000)
  expect(signedAfter({ version: start / 1000, expires })).toBe(start)
  expect(signedAfter({ version: Number.MAX_SAFE_INTEGER, expires })).toBe(start)
  expect(signedAfter({ version: start / 1000 - 99, expires })).toBe(start - 99_000)
})

describe('a host whose clock says 1970, and which nobody vouches for', () => {
  it('reads statements by the moment before which they cannot have been signed, and says that it suspects its clock', async () => {
    const yard = createYard()
    const { trusted, suspicion } = await follow(yard, yard.enrolled(), { clock: in1970 })
    expect(suspicion).toBeUndefined()
    expect(trusted.standing!.departures).toEqual(yard.departures)
    expect(judgeTrust(trusted, in1970)).toEqual({ statements: 'clock-suspect' })
    expect(judgeTrust(trusted, clockAt(start))).toEqual({ statements: 'fresh' })
  })

  it('knows by verified metadata that the rest has expired', async () => {
    const yard = createYard()
    const { trusted } = await follow(yard, yard.enrolled(), { clock: in1970 })
    yard.now += 100 * day
    yard.publish(rolloutRole)
    const late = await follow(yard, trusted, { clock: in1970 })
    expect(late.suspicion?.suspicion).toBe('clock-suspect')
    expect(late.suspicion?.message).toMatch(/\.json is expired/)
    expect(late.trusted.standing).toEqual(trusted.standing)
  })

  it('is not frozen at what it saw last: older statements are refused as ever', async () => {
    const yard = createYard()
    const old = new Map(yard.files)
    yard.now += day
    yard.depart(timestampOf(yard.now))
    const { trusted } = await follow(yard, yard.enrolled(), { clock: in1970 })
    yard.files = old
    expect((await follow(yard, trusted, { clock: in1970 })).suspicion?.suspicion).toBe('rollback')
  })
})

describe('a host whose clock jumped to 2038', () => {
  it('suspects the clock, not the yard, and goes on as soon as the clock is right: nothing was moved by it', async () => {
    const yard = createYard()
    const { trusted } = await follow(yard, yard.enrolled())
    yard.now += day
    yard.depart(timestampOf(yard.now))
    const away = await follow(yard, trusted, { clock: in2038 })
    expect(away.suspicion?.suspicion).toBe('clock-suspect')
    expect(judgeTrust(away.trusted, in2038)).toEqual({ statements: 'clock-suspect' })
    const back = await follow(yard, away.trusted)
    expect(back.suspicion).toBeUndefined()
    expect(judgeTrust(back.trusted, clockAt(yard.now))).toEqual({ statements: 'fresh' })
  })

  it('calls it a freeze where somebody vouches for the clock', async () => {
    const yard = createYard()
    const { trusted } = await follow(yard, yard.enrolled())
    yard.now += day
    yard.publish()
    const clock = { ...in2038, synchronised: true }
    expect((await follow(yard, trusted, { clock })).suspicion?.suspicion).toBe('freeze')
  })
})

it('a yard whose clock was in 2038 for an hour is followed again when it is right, without new keys', async () => {
  const yard = createYard()
  const { trusted } = await follow(yard, yard.enrolled())
  const now = yard.now + day
  yard.now = in2038.now
  yard.depart(timestampOf(now))
  const ahead = await follow(yard, trusted, { clock: clockAt(now) })
  expect(ahead.suspicion?.suspicion).toBe('fast-forward')
  expect(ahead.trusted).toEqual(trusted)

  // Versions go on from there; what they claim of the time is bounded by the expiry.
  yard.now = now
  yard.depart(timestampOf(now))
  const after = await follow(yard, ahead.trusted)
  expect(after.suspicion).toBeUndefined()
  expect(after.trusted.standing!.timestamp).toBeGreaterThan(in2038.now / 1000)
  expect(judgeTrust(after.trusted, clockAt(now))).toEqual({ statements: 'fresh' })
})

it('whoever vouches for the clock is asked only where something has expired, or comes from the future', async () => {
  const yard = createYard()
  let asked = 0
  const clock = (now: number) => ({
    now,
    get synchronised() {
      asked++
      return true
    },
  })
  const { trusted } = await follow(yard, yard.enrolled(), { clock: clock(start) })
  yard.now += day
  yard.depart(timestampOf(yard.now))
  const { trusted: after } = await follow(yard, trusted, { clock: clock(yard.now) })
  expect(judgeTrust(after, clock(yard.now))).toEqual({ statements: 'fresh' })
  expect(asked).toBe(0)
  expect(judgeTrust(after, clock(yard.now + 8 * day))).toEqual({ statements: 'expired' })
  expect(asked).toBe(1)
})
