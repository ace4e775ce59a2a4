import { setTimeout as sleep } from 'node:timers/promises'

/** Time and chance, handed in so that tests need not wait. */
export interface Surroundings {
  /** Milliseconds since the epoch. */
  now(): number
  /** In [0, 1). */
  random(): number
  /** @throws when the signal aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

export const realSurroundings: Surroundings = {
  now: Date.now,
  random: Math.random,
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
}
