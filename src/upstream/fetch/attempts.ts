import { YardError } from '../../model/index.ts'
import type { Desk } from './desk.ts'
import type { Fault } from './fault.ts'
import type { Mirror } from './mirror.ts'
import { pauseBeforeRetry } from './retry.ts'
import { cancelled } from './slots.ts'

export type Outcome<T> = { kind: 'done'; value: T } | Fault

/** An attempt that brought so many bytes was worth it and is not counted, so that a bad line can still bring a large file. */
export const worthwhile = 1024 * 1024

/** The mirrors to ask, in order. @throws YardError `internal` for a mirror that is not the fetcher's. */
export function mirrorsFor(desk: Desk, only: string | undefined): Mirror[] {
  const mirrors = desk.order.current(desk.surroundings.now())
  if (only === undefined) return mirrors
  const chosen = mirrors.find(mirror => mirror.base === only)
  if (chosen === undefined)
    throw new YardError('internal', `${desk.object}: ${only} is not one of its mirrors`)
  return [chosen]
}

/** Asks one URL until it gives something or its attempts are used up; tells the order of mirrors how connecting went. */
export async function retry<T>(
  desk: Desk,
  mirror: Mirror,
  position: () => number,
  attemptOnce: () => Promise<Outcome<T>>,
  signal: AbortSignal,
): Promise<Outcome<T>> {
  for (let attempt = 1; ; attempt++) {
    const before = position()
    const outcome = await attemptOnce()
    if (outcome.kind === 'unreachable') desk.order.notReached(mirror, desk.surroundings.now())
    else desk.order.reached(mirror)
    if (outcome.kind === 'done') return outcome
    if (position() - before >= worthwhile) attempt = 0
    const pause = pauseBeforeRetry(outcome, Math.max(1, attempt), desk.attempts, desk.surroundings.random())
    if (pause === undefined) return outcome
    await rest(desk, pause, signal)
  }
}

/** Waits between two attempts. @throws YardError `cancelled` */
export async function rest(desk: Desk, milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await desk.surroundings.sleep(milliseconds, signal)
  } catch {
    throw cancelled()
  }
}
