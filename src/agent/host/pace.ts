import type { Limits } from '../settings.ts'

/** The other side answers, but so slowly that the answer may never be there. */
export class TooSlow extends Error {}

/** One answer on its way, and whether it keeps to the limits. */
export interface Pace {
  /** Aborted with TooSlow when it does not. */
  signal: AbortSignal
  add(bytes: number): void
  /** Milliseconds that this side has taken for everything so far. */
  end(): number
}

/**
 * Every window of time must bring some bytes, and all answers of one side together must be there in time: a side that gives a little just
 * often enough is given up too, or the next place would never be asked.
 * @param spent milliseconds that it has taken before.
 */
export function startPace({ window, bytes, place }: Limits, spent: number): Pace {
  const slow = new AbortController()
  const begun = performance.now()
  const spentNow = () => spent + performance.now() - begun
  let brought = 0
  const look = () => {
    if (spentNow() > place * 1000) slow.abort(new TooSlow(`it has taken more than ${place} s in all`))
    else if (brought < bytes)
      slow.abort(new TooSlow(`${brought} bytes came in ${window} s, of at least ${bytes}`))
    brought = 0
  }
  const watch = setInterval(look, window * 1000)
  if (spentNow() > place * 1000) look()
  return {
    signal: slow.signal,
    add(count) {
      brought += count
    },
    end() {
      clearInterval(watch)
      return spentNow()
    },
  }
}
