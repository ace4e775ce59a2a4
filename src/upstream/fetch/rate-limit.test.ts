import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRateLimit } from './rate-limit.ts'

describe('createRateLimit', () => {
  it('lets the first quarter of a second of bytes through at once', () => {
    const limit = createRateLimit(1000)
    expect(limit.take(250, 0)).toBe(0)
    expect(limit.take(100, 0)).toBe(100)
  })

  it('never lets more through than rate times time plus the burst', () => {
    const chunks = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 0, max: 2000 })), {
      minLength: 1,
    })
    fc.assert(
      fc.property(chunks, steps => {
        const limit = createRateLimit(1000)
        let now = 0
        let bytes = 0
        for (const [size, idle] of steps) {
          bytes += size
          now += limit.take(size, now)
          expect(bytes).toBeLessThanOrEqual(250 + now + 1e-6)
          now += idle
        }
      }),
    )
  })

  it('does not save up long idleness', () => {
    const limit = createRateLimit(1000)
    limit.take(1, 0)
    expect(limit.take(1250, 3_600_000)).toBe(1000)
  })
})
