import { setTimeout as delay } from 'node:timers/promises'

/** The moments at which one process after the other is killed. */
export interface Moments {
  /** Waits until the next moment of a process that was just started: from its beginning to somewhat behind its end, not evenly. */
  next(): Promise<void>
  /** The process had ended before: the moments come earlier from now on, for this machine has become faster. */
  tooLate(): void
}

/** @param work what an undisturbed process does; the moments are spread over as long as it takes. */
export async function momentsOf(work: () => Promise<unknown>): Promise<Moments> {
  const begun = performance.now()
  await work()
  let took = performance.now() - begun
  let count = 0
  return {
    next: () => delay(took * (0.2 + ((count++ * 0.379) % 0.9))),
    tooLate() {
      took *= 0.85
    },
  }
}
