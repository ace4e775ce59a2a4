import { type Digest, isYardError, YardError } from '../model/index.ts'
import type { Blobs } from '../store/index.ts'

/** Blobs that come before an upload names them; those that none names go with the next garbage collection. */
export interface Arrivals {
  /** Which of these are not here. */
  missing(digests: readonly Digest[]): Promise<Digest[]>
  /**
   * Keeps a blob whose digest and size (bytes) somebody tells. Nothing is kept when it throws, or `chunks` does.
   * @throws YardError `invalid` when its bytes are others; `no-space`; `unavailable`.
   */
  receive(digest: Digest, size: number, chunks: AsyncIterable<Uint8Array>): Promise<void>
}

export function createArrivals(blobs: Blobs): Arrivals {
  return {
    async missing(digests) {
      const sizes = await Promise.all(digests.map(digest => blobs.size(digest)))
      return digests.filter((_, i) => sizes[i] === undefined)
    },
    async receive(digest, size, chunks) {
      const writer = await blobs.resume(digest, size)
      if (writer === undefined) return
      try {
        if (writer.offset > 0) await writer.restart()
        for await (const chunk of chunks) await writer.write(chunk)
        await writer.commit()
      } catch (cause) {
        if (!isYardError(cause, 'damaged', 'invalid')) throw cause
        throw new YardError('invalid', `what came is not the blob ${digest}; nothing was kept`, { cause })
      } finally {
        await writer.discard()
      }
    },
  }
}
