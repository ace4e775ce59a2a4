import { YardError } from '../../model/index.ts'

/** Room for so many requests at once; who comes first is served first. */
export interface Slots {
  /** Resolves once there is room. @throws YardError `cancelled`. */
  take(signal: AbortSignal): Promise<void>
  give(): void
}

export function createSlots(count: number): Slots {
  let free = count
  const waiting = new Set<() => void>()
  return {
    take(signal) {
      if (signal.aborted) return Promise.reject(cancelled())
      if (free > 0) {
        free--
        return Promise.resolve()
      }
      return waitIn(waiting, signal)
    },
    give() {
      const [next] = waiting
      if (next === undefined) free++
      else next()
    },
  }
}

/** The error of every fetch that its caller ended. */
export function cancelled(): YardError {
  return new YardError('cancelled', 'the fetch was cancelled; what had arrived is kept for the next attempt')
}

function waitIn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const served = (): void => {
      waiting.delete(served)
      signal.removeEventListener('abort', left)
      resolve()
    }
    const left = (): void => {
      waiting.delete(served)
      reject(cancelled())
    }
    waiting.add(served)
    signal.addEventListener('abort', left, { once: true })
  })
}
