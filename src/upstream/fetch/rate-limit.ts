/** How far reading may run ahead of the rate, in milliseconds' worth of bytes. */
const burst = 250

/** A limit on bytes a second over everything that shares it. */
export interface RateLimit {
  /** Counts bytes that just arrived; milliseconds (0 or more) to stop reading for. `now` in milliseconds, never going back. */
  take(bytes: number, now: number): number
}

/**
 * A token bucket, told by the moment at which a line of that rate would have brought every byte so far:
 * idle time is credited for a quarter of a second at most.
 */
export function createRateLimit(bytesPerSecond: number): RateLimit {
  let paidUntil = Number.NEGATIVE_INFINITY
  return {
    take(bytes, now) {
      paidUntil = Math.max(paidUntil, now - burst) + (bytes * 1000) / bytesPerSecond
      return Math.max(0, paidUntil - now)
    },
  }
}
