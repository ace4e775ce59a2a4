import { setTimeout as delay } from 'node:timers/promises'

/** How long something takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/**
 * Waits until moment `i` of a process that was just started: from its beginning to somewhat behind its end, not evenly.
 * @param took how long an undisturbed one takes, in milliseconds.
 */
export function untilMoment(i: number, took: number): Promise<void> {
  return delay(took * (0.2 + ((i * 0.379) % 0.9)))
}
