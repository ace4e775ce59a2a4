import type { Blobs } from '../../store/index.ts'
import type { BlobRequest } from '../fetcher.ts'
import type { Desk } from './desk.ts'
import { isHere } from './fetch-blob.ts'
import type { Flights } from './flights.ts'

/**
 * The bytes of a blob while it is fetched: as they arrive where this reader was there from the first byte on and keeps
 * pace; from the store, once it is verified, for the rest. What an earlier attempt left cannot be read before that.
 * @throws YardError as `Fetcher.blob`.
 */
export async function* streamBlob(
  desk: Desk,
  flights: Flights,
  request: BlobRequest,
  blobs: Blobs,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (await isHere(desk, request, blobs)) {
    yield* blobs.open(request.digest)
    return
  }
  const stopped = new AbortController()
  const leaving = signal === undefined ? stopped.signal : AbortSignal.any([signal, stopped.signal])
  const flight = flights.board(request, blobs, undefined)
  const reader = flight.broadcast.read()
  const done = flight.join(leaving)
  // A failure is met by `await done` below; whoever stops reading before that must not leave it unhandled.
  done.catch(reader.leave)
  try {
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) yield chunk
    await done
    reader.confirm()
    if (reader.taken < request.size)
      yield* blobs.open(request.digest, { start: reader.taken, end: request.size })
  } finally {
    stopped.abort()
    reader.leave()
  }
}
