import type { Digest } from '../model/index.ts'

/** First byte and one past the last byte. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * Immutable bytes named by their SHA-256. Nothing in this interface requires a path; drivers that have one answer
 * `locate`. All methods may be called concurrently and by several processes.
 */
export interface Blobs {
  /** Size in bytes, or undefined when the blob is not here. */
  size(digest: Digest): Promise<number | undefined>
  /** The blob's bytes (or a range of them) in chunks. Does not hash. @throws YardError `not-found`. */
  open(digest: Digest, range?: ByteRange): AsyncIterable<Uint8Array>
  /** The whole blob in memory, verified. @throws YardError `not-found`, `damaged`, or `invalid` when larger than `maxBytes`. */
  read(digest: Digest, maxBytes: number): Promise<Buffer>
  /** A file or a signed URL that holds exactly the blob, where the driver has one. */
  locate?(digest: Digest): { file: string } | { url: string }
  /** Keeps bytes that are in memory; resolves when durable; a blob that is already here costs a look. */
  put(bytes: Uint8Array): Promise<Digest>
  /**
   * Begins, or resumes, writing a blob whose digest is known beforehand. The partial bytes of an earlier attempt are
   * kept under the digest; `offset` says how many are there (already fed to the hash). Only one writer per digest
   * exists at a time over all processes: a second caller waits; once the first commits, it gets undefined ("already here").
   */
  resume(digest: Digest, size: number): Promise<BlobWriter | undefined>
  /** Every blob, in no order, with its size in bytes and when it was written, in milliseconds since the epoch. */
  list(): AsyncIterable<{ digest: Digest; size: number; written: number }>
  /** Idempotent. */
  remove(digest: Digest): Promise<void>
  /** Takes a file that already exists elsewhere on this machine, verified: by reflink or hard link where the driver can, else by copy. Undefined when its bytes are not `digest`. */
  adopt(file: string, digest: Digest): Promise<{ size: number } | undefined>
  /** Bytes that can still be written, or undefined when the driver cannot know. */
  freeSpace(): Promise<number | undefined>
}

/** Writes one blob. Exactly one of `commit`, `keep`, `discard` ends it and releases the digest. */
export interface BlobWriter {
  /** Bytes that are there already, from an earlier attempt. */
  readonly offset: number
  /** Appends. Resolves when more may be written. @throws YardError `invalid` past the announced size, `no-space` when the disk is full. */
  write(chunk: Uint8Array): Promise<void>
  /** Throws away what is there and begins at 0 (a server that ignored our Range). */
  restart(): Promise<void>
  /** Verifies size and SHA-256, makes the blob durable and visible under its name. @throws YardError `damaged` (nothing is kept) when they differ. */
  commit(): Promise<void>
  /** Gives up for now; what was written stays for a later `resume`. */
  keep(): Promise<void>
  /** Gives up and removes what was written. */
  discard(): Promise<void>
}
