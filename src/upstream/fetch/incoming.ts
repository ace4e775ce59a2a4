import { isYardError } from '../../model/index.ts'
import type { Blobs, BlobWriter } from '../../store/index.ts'
import type { BlobRequest } from '../fetcher.ts'
import { type Buffers, createBatch } from './batch.ts'
import type { Broadcast } from './broadcast.ts'
import { cancelled } from './slots.ts'

/** A blob on its way into the store: its writer, how far it has come, and whose bytes are in it. */
export interface Incoming {
  /** Bytes accepted so far; after `flush`, bytes in the store. */
  readonly position: number
  /** Appends bytes that a mirror sent. A promise means: nothing more until it resolves. @throws what the store throws. */
  take(chunk: Buffer, mirror: string): Promise<void> | undefined
  /** Writes what was gathered. */
  flush(): Promise<void>
  /** Verifies and keeps the blob, or throws its bytes away. */
  commit(): Promise<Verdict>
  /** Throws away what is there: it cannot be the blob. */
  reject(): Promise<Verdict>
  /** Ends without the blob; what arrived stays for the next attempt. */
  keep(): Promise<void>
}

/**
 * - `committed`: the blob is here, through us; `elsewhere`: another process has brought it meanwhile.
 * - `wrong`: the bytes of one mirror were not the blob; `mixed`: those of several, or of an earlier attempt, were
 *   not, so that none can be blamed. Either way writing begins anew at 0.
 */
export type Verdict = 'committed' | 'elsewhere' | 'wrong' | 'mixed'

/**
 * Begins or resumes a blob; undefined when it is here already.
 * @throws YardError `cancelled`, and what the store throws.
 */
export async function openIncoming(
  request: BlobRequest,
  blobs: Blobs,
  broadcast: Broadcast,
  buffers: Buffers,
  signal: AbortSignal,
): Promise<Incoming | undefined> {
  const first = await openWriter(request, blobs, signal)
  if (first === undefined) return undefined
  let writer: BlobWriter | undefined = first
  let position = first.offset
  let sources = new Set<string>(position > 0 ? ['an earlier attempt'] : [])
  let batch = createBatch(first, buffers)

  async function begin(): Promise<Verdict> {
    const verdict: Verdict = sources.size > 1 || sources.has('an earlier attempt') ? 'mixed' : 'wrong'
    writer = undefined
    broadcast.reset()
    writer = await openWriter(request, blobs, signal)
    if (writer === undefined) return 'elsewhere'
    position = writer.offset
    sources = new Set(position > 0 ? ['an earlier attempt'] : [])
    batch = createBatch(writer, buffers)
    return verdict
  }

  return {
    get position() {
      return position
    },
    take(chunk, mirror) {
      sources.add(mirror)
      if (broadcast.hasReaders) broadcast.send(chunk, position)
      position += chunk.length
      return batch.take(chunk)
    },
    flush: () => batch.flush(),
    async commit() {
      try {
        batch.end()
        await writer!.commit()
        writer = undefined
        return 'committed'
      } catch (error) {
        if (isYardError(error, 'damaged')) return begin()
        throw error
      }
    },
    async reject() {
      batch.end()
      await writer!.discard()
      return begin()
    },
    async keep() {
      if (writer === undefined) return
      // What was gathered is worth keeping; when it cannot be written, what was written before still is.
      await batch.flush().catch(() => {})
      batch.end()
      await writer.keep()
      writer = undefined
    },
  }
}

/** Waiting for another writer of the same digest can be given up; a writer that comes after that is let go. */
function openWriter(
  request: BlobRequest,
  blobs: Blobs,
  signal: AbortSignal,
): Promise<BlobWriter | undefined> {
  const opening = blobs.resume(request.digest, request.size)
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(cancelled())
      opening.then(
        writer => writer?.keep(),
        () => {},
      )
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    opening.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
