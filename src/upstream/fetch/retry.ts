import type { Fault } from './fault.ts'

/** The longest that a Retry-After is honoured; a server that asks for more is left for the next mirror. */
const maxRetryAfter = 60_000
const firstPause = 500
const maxPause = 30_000

/**
 * Whether the same URL is asked again after a fault: milliseconds to wait first, or undefined to give it up.
 * `attempt` counts from 1 and does not exceed `attempts`; `random` in [0, 1) spreads the pauses of many.
 */
export function pauseBeforeRetry(
  fault: Fault,
  attempt: number,
  attempts: number,
  random: number,
): number | undefined {
  if (attempt >= attempts || !isPassing(fault)) return undefined
  const pause = Math.min(maxPause, firstPause * 2 ** (attempt - 1)) * (0.5 + random / 2)
  if (fault.kind !== 'busy' || fault.retryAfter === undefined) return pause
  return fault.retryAfter > maxRetryAfter ? undefined : Math.max(pause, fault.retryAfter)
}

function isPassing(fault: Fault): boolean {
  if (fault.kind === 'unreachable') return !fault.lasting
  return fault.kind === 'busy' || fault.kind === 'broken'
}
