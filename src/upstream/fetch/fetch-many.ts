import { isYardError, YardError } from '../../model/index.ts'
import type { BlobRequest } from '../fetcher.ts'
import { cancelled } from './slots.ts'

/** Blobs that may be on their way beside those that are being received: they are verified and made durable meanwhile. */
const settling = 4
/** So many blobs in a row that no mirror gave, for want of an answer, and the rest is not asked for. */
const hopeless = 64

/**
 * Brings many blobs, some at a time, and reports every failure. It stops asking when nothing can come of it (nobody answers, the
 * disk is full): every request that is left is then reported with that error.
 * @throws YardError `cancelled`; what `requests` throws.
 */
export async function fetchMany(
  requests: Iterable<BlobRequest>,
  concurrency: number,
  bring: (request: BlobRequest) => Promise<boolean>,
  onDone: ((request: BlobRequest, fetched: boolean) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<{ request: BlobRequest; error: unknown }[]> {
  const failures: { request: BlobRequest; error: unknown }[] = []
  const queue = requests[Symbol.iterator]()
  let unanswered = 0
  let pointless: YardError | undefined

  async function bringOne(request: BlobRequest): Promise<void> {
    if (pointless !== undefined) throw pointless
    try {
      const fetched = await bring(request)
      unanswered = 0
      onDone?.(request, fetched)
    } catch (error) {
      if (isYardError(error, 'no-space')) pointless = error
      else if (isYardError(error, 'unavailable') && ++unanswered >= hopeless) pointless = givenUp(error)
      else if (!isYardError(error, 'unavailable')) unanswered = 0
      throw error
    }
  }

  async function work(): Promise<void> {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      if (signal?.aborted) throw cancelled()
      const request = next.value
      await bringOne(request).catch(error => failures.push({ request, error }))
    }
    if (signal?.aborted) throw cancelled()
  }

  const ends = await Promise.allSettled(Array.from({ length: concurrency + settling }, work))
  const broken = ends.find(end => end.status === 'rejected')
  if (broken !== undefined) throw broken.reason
  return failures
}

function givenUp(last: YardError): YardError {
  return new YardError(
    'unavailable',
    `not asked for, because ${hopeless} files in a row failed; the last: ${last.message}`,
    {
      ...(last.hint === undefined ? {} : { hint: last.hint }),
    },
  )
}
