import type { Digest } from '../model/index.ts'
import type { PageStore } from '../tree/index.ts'

/**
 * Pages at rest: named by the SHA-256 of their canonical bytes, kept compressed (zstd) because the name must not
 * depend on a compressor. Everything of PageStore holds: `read` verifies, `write` is durable when it resolves.
 */
export interface Pages extends PageStore {
  has(digest: Digest): Promise<boolean>
  /** Every page that is kept, in no order, with its stored (compressed) size in bytes and when it was written, in milliseconds since the epoch. */
  list(): AsyncIterable<{ digest: Digest; storedSize: number; written: number }>
  /** Idempotent. */
  remove(digest: Digest): Promise<void>
}
