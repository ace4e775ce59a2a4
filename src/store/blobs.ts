import type { Digest } from '../model/index.ts'

/** First byte and one past the last byte. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * Immutable bytes named by their SHA-256. Nothing in this interface requires a path; drivers that have one answer
 * `locate`. All methods may be called concurrently and by several processes.
 *
 * Every method that writes may throw YardError `no-space` (the disk or the quota is full; what was there is untouched)
 * and `unavailable` (the store cannot be read or written: permissions, a read-only or failing disk).
 */
export interface Blobs {
  /** Size in bytes, or undefined when the blob is not here. Cheap enough for a server to ask once a request. */
  size(digest: Digest): Promise<number | undefined>
  /**
   * The blob's bytes (or a range of them) in chunks of at most 512 KiB, read as they are asked for. Does not hash.
   * @throws (at the first chunk) YardError `not-found`; `invalid` when the range leaves the blob; `damaged` when the blob
   *   ends early.
   */
  open(digest: Digest, range?: ByteRange): AsyncIterable<Uint8Array>
  /** The whole blob in memory, verified. @throws YardError `not-found`, `damaged`, or `invalid` when larger than `maxBytes`. */
  read(digest: Digest, maxBytes: number): Promise<Buffer>
  /** A file or a signed URL that holds exactly the blob, where the driver has one. Says nothing of whether it is here. */
  locate?(digest: Digest): { file: string } | { url: string }
  /** Keeps bytes that are in memory; resolves when durable; a blob that is already here costs a look. */
  put(bytes: Uint8Array): Promise<Digest>
  /** The same for several, in their order: who waits for a disk waits once for all of them. When it throws, any may be kept. */
  putAll(all: readonly Uint8Array[]): Promise<Digest[]>
  /**
   * Keeps bytes as they come, under the digest that they turn out to have; resolves when durable. When the chunks end by
   * throwing, nothing is kept.
   */
  receive(chunks: AsyncIterable<Uint8Array>): Promise<{ digest: Digest; size: number }>
  /**
   * Begins, or resumes, writing a blob whose digest is known beforehand. The partial bytes of an earlier attempt are
   * kept under the digest; `offset` says how many are there (already fed to the hash). Only one writer per digest
   * exists at a time over all processes: a second caller waits; once the first commits, it gets undefined ("already
   * here"); when the first gives up or dies, the second goes on where it stopped.
   */
  resume(digest: Digest, size: number): Promise<BlobWriter | undefined>
  /**
   * Every blob, in no order, with its size in bytes and when it was written, in milliseconds since the epoch. Asking
   * to keep a blob that is already here (`put`, `resume`, `adopt`) counts as writing it, to the hour: what a sync that is
   * under way relies on looks young to a collector of garbage, whose grace must be longer than an hour.
   */
  list(): AsyncIterable<{ digest: Digest; size: number; written: number }>
  /** Idempotent. */
  remove(digest: Digest): Promise<void>
  /**
   * Takes a file that already exists elsewhere on this machine, verified, by reflink where the driver can, else by copy
   * (never by hard link: whoever owns the file may change it in place). Undefined when there is no such file or its
   * bytes are not `digest`; when the blob is already here, the file is not looked at.
   */
  adopt(file: string, digest: Digest): Promise<{ size: number } | undefined>
  /** Bytes that can still be written, or undefined when the driver cannot know. */
  freeSpace(): Promise<number | undefined>
}

/**
 * Writes one blob. Exactly one of `commit`, `keep`, `discard` ends it and releases the digest, also when it throws;
 * after the end `keep` and `discard` do nothing, so that a `finally` may call them. One call at a time.
 */
export interface BlobWriter {
  /** Bytes that are there already, from an earlier attempt; 0 after `restart`. */
  readonly offset: number
  /**
   * Appends. Resolves when more may be written, and the chunk's memory may then be used again. Hashes at once; whether
   * the bytes have reached the disk shows at `commit`. Whole blocks of 4 KiB in memory of `pageAligned` are cheapest.
   * @throws YardError `invalid` past the announced size, `no-space` when the disk is full.
   */
  write(chunk: Uint8Array): Promise<void>
  /** Throws away what is there and begins at 0 (a server that ignored our Range). */
  restart(): Promise<void>
  /**
   * Verifies size and SHA-256, makes the blob durable and visible under its name. @throws YardError `damaged` (nothing is
   * kept) when they differ: a writer that had resumed (`offset` > 0) may have inherited the damage, so try again from 0.
   */
  commit(): Promise<void>
  /** Gives up for now; what was written stays for a later `resume`. */
  keep(): Promise<void>
  /** Gives up and removes what was written. */
  discard(): Promise<void>
}
