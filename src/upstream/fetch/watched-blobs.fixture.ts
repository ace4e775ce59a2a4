import { type Digest, YardError } from '../../model/index.ts'
import { type Blobs, openMemoryStore } from '../../store/index.ts'
import type { BlobRequest } from '../fetcher.ts'

/** A store's blobs that tests can ask what fetching did to them. */
export interface WatchedBlobs extends Blobs {
  has(digest: Digest): Promise<boolean>
  /** The blob's bytes. */
  bytes(digest: Digest): Promise<Buffer>
  /** Bytes that an attempt left behind. */
  partialLength(request: BlobRequest): Promise<number>
  /** Leaves bytes behind, as an attempt that broke off would have. */
  leave(request: BlobRequest, bytes: Buffer): Promise<void>
  /** Bytes that fetching wrote, over all blobs and attempts. */
  written(): number
  /** Writes fail with `no-space` from now on. */
  fill(): void
}

export function watchBlobs(blobs: Blobs = openMemoryStore().blobs): WatchedBlobs {
  let written = 0
  let full = false
  return {
    ...blobs,
    async resume(digest, size) {
      const writer = await blobs.resume(digest, size)
      if (writer === undefined) return undefined
      const write = async (chunk: Uint8Array): Promise<void> => {
        await new Promise(resolve => setImmediate(resolve))
        if (full) throw new YardError('no-space', 'the disk is full')
        written += chunk.length
        await writer.write(chunk)
      }
      return { ...writer, write }
    },
    has: async digest => (await blobs.size(digest)) !== undefined,
    bytes: digest => blobs.read(digest, Number.MAX_SAFE_INTEGER),
    async partialLength({ digest, size }) {
      const writer = await blobs.resume(digest, size)
      await writer?.keep()
      return writer?.offset ?? 0
    },
    async leave({ digest, size }, bytes) {
      const writer = await blobs.resume(digest, size)
      await writer!.write(bytes)
      await writer!.keep()
    },
    written: () => written,
    fill: () => {
      full = true
    },
  }
}
