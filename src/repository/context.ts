import type { Catalog } from '../catalog/index.ts'
import type { Configuration, MirrorConfiguration, UploadsConfiguration } from '../config/index.ts'
import type { AuditCause, Digest } from '../model/index.ts'
import type { Blobs, Locks, Pages, Refs } from '../store/index.ts'
import type { TreeStore } from '../tree/index.ts'
import type { Keyring, SigningKey } from '../trust/index.ts'
import type { Fetcher } from '../upstream/index.ts'

/** What the verbs of this room are handed: everything that touches a disk, a network or a clock. */
export interface RepositoryContext {
  configuration: Configuration
  /** What the audit log says of snapshots that are made or removed: on whose behalf, by which verb, and why. */
  cause: AuditCause
  blobs: Blobs
  pages: Pages
  /** Removes temporary files of dead processes, and partial blobs nobody has touched for so many milliseconds. */
  sweep(olderThanMilliseconds: number): Promise<{ files: number; bytes: number }>
  /** The same pages through a bounded cache of decoded ones. */
  trees: TreeStore
  refs: Refs
  locks: Locks
  /** Opened at the first call, when what a crash left undone is finished too; the read path never calls it. */
  catalog(): Promise<Catalog>
  /** One fetcher per mirrored repository for as long as the yard is open. */
  fetcher(mirror: MirrorConfiguration): Promise<Fetcher>
  /** A fetcher for the repository's `fallback:` upstreams, when it names any. */
  fallbackFetcher(mirror: MirrorConfiguration): Promise<Fetcher | undefined>
  /** The keys that a mirror or an uploads repository names. */
  keyring(repository: MirrorConfiguration | UploadsConfiguration): Promise<Keyring | undefined>
  /** The yard's keys that sign at this moment, in stable order. */
  signers(): Promise<readonly SigningKey[]>
  /** Armoured public keys of the yard: those that sign, or the ones with these fingerprints, retired or not. */
  publicKeys(fingerprints?: readonly string[]): Promise<string>
  /** Compresses bytes into one .xz stream of one block (CRC64), the same bytes for the same input and version. */
  compressXz(bytes: Buffer): Promise<Buffer>
  /** A file of a `seed:` directory that may hold the blob, by the path that the index names. */
  seedFile(directory: string, path: string): string
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds on a monotonic clock. */
  clock(): number
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
  /** Told of every blob that no upstream has any more. The catalog learns by itself of those that arrive in `blobs`. */
  onLost(digest: Digest): void
  /** Has the catalog learn what became of blobs, which otherwise happens in its own time. */
  settleBlobStates(): Promise<void>
}
