import { isYardError } from '../../model/index.ts'
import type { Blobs, BlobWriter } from '../../store/index.ts'
import type { BlobRequest } from '../fetcher.ts'
import type { Broadcast } from './broadcast.ts'
import { cancelled } from './slots.ts'

/** Small chunks are gathered, so that a blob costs few writes; larger ones were slower to write (ext4, 2026-11). */
const batchBytes = 256 * 1024

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
  signal: AbortSignal,
): Promise<Incoming | undefined> {
  const first = await openWriter(request, blobs, signal)
  if (first === undefined) return undefined
  let writer: BlobWriter | undefined = first
  let position = first.offset
  let sources = new Set<string>(position > 0 ? ['an earlier attempt'] : [])
  let batch = createBatch(first, request.size)

  async function begin(): Promise<Verdict> {
    const verdict: Verdict = sources.size > 1 || sources.has('an earlier attempt') ? 'mixed' : 'wrong'
    writer = undefined
    broadcast.reset()
    writer = await openWriter(request, blobs, signal)
    if (writer === undefined) return 'elsewhere'
    position = writer.offset
    sources = new Set(position > 0 ? ['an earlier attempt'] : [])
    batch = createBatch(writer, request.size)
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
        await writer!.commit()
        writer = undefined
        return 'committed'
      } catch (error) {
        if (isYardError(error, 'damaged')) return begin()
        throw error
      }
    },
    async reject() {
      await writer!.discard()
      return begin()
    },
    async keep() {
      if (writer === undefined) return
      // What was gathered is worth keeping; when it cannot be written, what was written before still is.
      await batch.flush().catch(() => {})
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

interface Batch {
  take(chunk: Buffer): Promise<void> | undefined
  flush(): Promise<void>
}

/**
 * Writes behind the reader: one buffer is being written while the other is filled. Chunks are copied at once, so that they die young:
 * holding them until they are written costs several times the copy in garbage collection.
 */
function createBatch(writer: BlobWriter, size: number): Batch {
  let filling: Buffer | undefined
  let spare: Buffer | undefined
  let filled = 0
  let underWay: Promise<void> | undefined

  function writeBehind(): void {
    const bytes = filling!
    const length = filled
    filling = spare
    spare = undefined
    filled = 0
    underWay = writer.write(bytes.subarray(0, length)).then(() => {
      spare = bytes
      underWay = undefined
    })
    // A failure is met by whoever waits next; `underWay` stays rejected, so that nothing is written after a gap.
    underWay.catch(() => {})
  }

  function gather(chunk: Buffer): void {
    if (filled === 0 && (filling?.length ?? 0) < chunk.length)
      filling = Buffer.allocUnsafeSlow(Math.max(Math.min(batchBytes, size), chunk.length))
    chunk.copy(filling!, filled)
    filled += chunk.length
  }

  return {
    take(chunk) {
      if (filled === 0 || filled + chunk.length <= filling!.length) {
        gather(chunk)
        return undefined
      }
      const next = (): void => {
        writeBehind()
        gather(chunk)
      }
      if (underWay !== undefined) return underWay.then(next)
      next()
      return undefined
    },
    async flush() {
      while (underWay !== undefined) await underWay
      if (filled > 0) writeBehind()
      await underWay
    },
  }
}
