import { describe, expect, it } from 'vitest'
import { freshnessNow } from './freshness.ts'

const day = 86_400_000
const signed = Date.UTC(2026, 10, 21)
const standing = { timestamp: 7, signedAfter: signed, expires: signed + 7 * day }
const taken = { timestamp: 7, boot: 'a', uptime: 1_000 }

interface Times {
  /** Days since they were signed, by the wall clock and by the one that nobody sets. */
  wall: number
  uptime?: number
  boot?: string
  synchronised?: boolean
  memory?: { taken?: typeof taken }
}

/** Statements that were taken as soon as they were signed. */
function judged({ wall, uptime = wall, boot = 'a', synchronised = true, memory = { taken } }: Times) {
  const reading = { now: signed + wall * day, uptime: 1_000 + uptime * day, boot }
  return freshnessNow(standing, memory, reading, () => synchronised)
}

describe('statements', () => {
  it.each<[string, Times, string]>([
    ['are fresh until they expire', { wall: 6.9 }, 'fresh'],
    ['expire', { wall: 7 }, 'expired'],
    [
      'may have expired, by a clock that nobody keeps right',
      { wall: 7, uptime: 1, synchronised: false },
      'clock-suspect',
    ],
    [
      'have expired by that clock, when the machine was up so long',
      { wall: 7, synchronised: false },
      'expired',
    ],
    ['expire though the clock is set back', { wall: 0, uptime: 7 }, 'expired'],
    ['expire though the clock stands in 1970', { wall: -20_000, uptime: 7 }, 'expired'],
    ['are not judged by a clock that is before they were signed', { wall: -2, uptime: 0 }, 'clock-suspect'],
    ['are not judged by a clock that has fallen behind the machine', { wall: 1, uptime: 3 }, 'clock-suspect'],
    ['are fresh by a clock that is a few hours behind', { wall: -0.3, uptime: 0 }, 'fresh'],
    ['are judged by the clock after a boot', { wall: 3, uptime: 0, boot: 'b' }, 'fresh'],
    [
      'are judged by the clock when nobody knows when they were taken',
      { wall: 3, uptime: 9, memory: {} },
      'fresh',
    ],
    [
      'are judged by the clock when those that were taken are others',
      { wall: 3, uptime: 9, memory: { taken: { ...taken, timestamp: 6 } } },
      'fresh',
    ],
  ])('%s', (_, times, expected) => expect(judged(times)).toBe(expected))
})
