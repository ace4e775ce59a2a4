import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Fault, parseRetryAfter } from './fault.ts'
import { pauseBeforeRetry } from './retry.ts'

const broken: Fault = { kind: 'broken', reason: 'x' }
const busy = (retryAfter?: number): Fault => ({ kind: 'busy', reason: 'x', retryAfter })

describe('pauseBeforeRetry', () => {
  it('doubles the pause with every attempt', () => {
    expect([1, 2, 3, 4].map(attempt => pauseBeforeRetry(broken, attempt, 9, 0.999))).toEqual(
      [500, 1000, 2000, 4000].map(pause => expect.closeTo(pause, -1)),
    )
  })

  it('is never shorter than half nor longer than the whole pause, and at most half a minute', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 0.9999, noNaN: true }),
        (attempt, random) => {
          const whole = Math.min(30_000, 500 * 2 ** (attempt - 1))
          const pause = pauseBeforeRetry(broken, attempt, 99, random)!
          expect(pause).toBeGreaterThanOrEqual(whole / 2)
          expect(pause).toBeLessThanOrEqual(whole)
        },
      ),
    )
  })

  it('gives up after the last attempt', () => {
    expect(pauseBeforeRetry(broken, 3, 3, 0)).toBeUndefined()
  })

  it('waits as long as the server asks, but not more than a minute', () => {
    expect(pauseBeforeRetry(busy(7000), 1, 3, 0)).toBe(7000)
    expect(pauseBeforeRetry(busy(60_000), 1, 3, 0)).toBe(60_000)
    expect(pauseBeforeRetry(busy(61_000), 1, 3, 0)).toBeUndefined()
  })

  it('does not hammer a server that asks for no pause at all', () => {
    expect(pauseBeforeRetry(busy(0), 1, 3, 0)).toBe(250)
  })

  it.each<Fault>([
    { kind: 'absent', reason: 'x' },
    { kind: 'forbidden', reason: 'x', hint: 'y' },
    { kind: 'unusable', reason: 'x' },
    { kind: 'differs', reason: 'x' },
    { kind: 'unreachable', reason: 'x', lasting: true, hint: undefined },
  ])('does not repeat what cannot change: $kind', fault => {
    expect(pauseBeforeRetry(fault, 1, 9, 0)).toBeUndefined()
  })
})

describe('parseRetryAfter', () => {
  const now = Date.UTC(2026, 10, 21, 12, 0, 0)
  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
    ['99999999999', undefined],
  ])('reads %j as %j ms', (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected)
  })
})
