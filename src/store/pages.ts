import type { Digest } from '../model/index.ts'
import type { PageStore } from '../tree/index.ts'

/**
 * Pages at rest: named by the SHA-256 of their canonical bytes, kept compressed (zstd) because the name must not
 * depend on a compressor. Everything of PageStore holds: `read` verifies, `write` is durable when it resolves.
 * A page is at most 16 MiB: `write` throws `invalid` beyond, and `internal` when a page's bytes are not its digest.
 * The codes `no-space` and `unavailable` are those of Blobs.
 */
export interface Pages extends PageStore {
  has(digest: Digest): Promise<boolean>
  /**
   * Every page that is kept, in no order, with its stored (compressed) size in bytes and when it was written, in
   * milliseconds since the epoch. Writing a page that is already here makes it young again, to the hour (see Blobs.list).
   */
  list(): AsyncIterable<{ digest: Digest; storedSize: number; written: number }>
  /** Idempotent. */
  remove(digest: Digest): Promise<void>
}

/** The most bytes that a page may have before compression. */
export const maximumPageBytes = 16 * 1024 * 1024
