import type { Blobs } from '../../store/index.ts'
import type { BlobRequest } from '../fetcher.ts'
import { type Broadcast, createBroadcast } from './broadcast.ts'
import { cancelled } from './slots.ts'

/** One fetch of one blob, shared by everybody who wants it now. */
export interface Flight {
  broadcast: Broadcast
  /**
   * What the fetch comes to: true when it brought the blob. Who is aborted leaves with `cancelled`; the fetch goes
   * on while anybody is left, and is aborted with the last.
   */
  join(signal: AbortSignal | undefined): Promise<boolean>
}

/** The fetches that are under way. */
export interface Flights {
  board(request: BlobRequest, blobs: Blobs, mirror: string | undefined): Flight
  /** Aborts every fetch and resolves once all have ended. */
  close(): Promise<void>
}

export type RunFlight = (
  request: BlobRequest,
  blobs: Blobs,
  mirror: string | undefined,
  broadcast: Broadcast,
  signal: AbortSignal,
) => Promise<boolean>

export function createFlights(run: RunFlight): Flights {
  const byStore = new Map<Blobs, Map<string, Flight>>()
  const underWay = new Map<Promise<unknown>, AbortController>()

  function start(request: BlobRequest, blobs: Blobs, mirror: string | undefined, gone: () => void): Flight {
    const controller = new AbortController()
    const broadcast = createBroadcast(request.size)
    const result = run(request, blobs, mirror, broadcast, controller.signal)
    const ended = result
      .catch(() => {})
      .finally(() => {
        gone()
        underWay.delete(ended)
        broadcast.end()
      })
    underWay.set(ended, controller)
    return { broadcast, join: createJoin(result, controller, gone) }
  }

  return {
    board(request, blobs, mirror) {
      const flights = byStore.get(blobs) ?? new Map<string, Flight>()
      const key = keyOf(request, mirror)
      const flying = flights.get(key)
      if (flying !== undefined) return flying
      const flight = start(request, blobs, mirror, () => {
        if (flights.get(key) === flight) flights.delete(key)
        if (flights.size === 0) byStore.delete(blobs)
      })
      flights.set(key, flight)
      byStore.set(blobs, flights)
      return flight
    },
    async close() {
      for (const controller of underWay.values()) controller.abort()
      await Promise.all(underWay.keys())
    },
  }
}

/** Fetches that are restricted to different mirrors, or expect different sizes, may end differently: they are not one. */
function keyOf(request: BlobRequest, mirror: string | undefined): string {
  return `${request.digest} ${request.size} ${mirror ?? ''}`
}

function createJoin(result: Promise<boolean>, controller: AbortController, gone: () => void): Flight['join'] {
  let aboard = 0
  return signal => {
    aboard++
    if (signal === undefined) return result
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(cancelled())
        if (--aboard > 0) return
        gone()
        controller.abort()
      }
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }
}
