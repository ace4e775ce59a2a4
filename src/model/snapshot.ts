import type { ByteString } from './byte-string.ts'
import type { Digest } from './digest.ts'
import type { Name } from './name.ts'
import type { Timestamp } from './timestamp.ts'

/**
 * What vouches for a snapshot's content: named keys that signed its metadata, or each of its packages; a metalink over
 * TLS; or the operator's explicit `trusted: true`.
 */
export type TrustAnchor =
  | { kind: 'keys'; fingerprints: string[] }
  | { kind: 'packages'; fingerprints: string[] }
  | { kind: 'metalink'; url: string }
  | { kind: 'trusted' }

/** One suite (or flat directory) of an APT repository as a snapshot holds it. */
export interface SuiteRecord {
  /** The directory of its Release file within the files tree: `dists/bookworm`; `''` for a flat repository at the root. */
  directory: ByteString
  /** As the operator named it: `bookworm`, `bookworm-security`; the first part of its keys in the packages tree. */
  suite: ByteString
  origin: string
  label: string
  codename: string
  /** The Date of its Release file. */
  date: Timestamp
  components: ByteString[]
  architectures: ByteString[]
  trust: TrustAnchor
}

/** One directory with `repodata/` of an RPM repository as a snapshot holds it. */
export interface RepodataRecord {
  /** Above its `repodata/`, within the files tree: `''` for the repository itself, else a variant of a kickstart tree. */
  directory: ByteString
  /** Of repomd.xml, as upstream counts it; `''` when it does not. */
  revision: string
  /** The newest timestamp that repomd.xml gives. */
  date: Timestamp
  /** repomd.xml.asc is in the tree, and keys that we name verify it. */
  signed: boolean
  trust: TrustAnchor
}

interface SnapshotBase {
  version: 1
  repository: Name
  timestamp: Timestamp
  kind: 'mirror' | 'compose' | 'uploads'
  /** Root page of the files tree: path -> digest and size of every file a client can ask for. */
  files: Digest
  /** Root page of the packages tree: every package's own stanza or fragments. */
  packages: Digest
  /** Entries of the files tree, and the sum of their sizes in bytes (a blob named twice counts twice). */
  fileCount: number
  byteCount: number
  packageCount: number
  /**
   * Made for a train (its line is called `TRAIN.REPO` and stands in no configuration): the first of `inputs`, but for these
   * packages, which are as the second has them. Both are of one repository's line, or were derived from it.
   */
  derived?: { repository: Name; packages: ByteString[]; sources: ByteString[] }
  /** Composed only: the snapshots it was made from, in the order of `from`. */
  inputs?: { repository: Name; timestamp: Timestamp }[]
  /** Of metadata that we wrote: the digest of what was asked for. */
  settings?: Digest
}

/**
 * One snapshot: a small canonical record naming two trees. It never changes once listed; what depends on today (which
 * blobs are local) is not in it.
 */
export type SnapshotRecord = AptSnapshot | DnfSnapshot
export type AptSnapshot = SnapshotBase & { format: 'apt'; suites: SuiteRecord[] }
export type DnfSnapshot = SnapshotBase & { format: 'dnf'; repodata: RepodataRecord[] }

/** The repository to which the packages of a snapshot belong, though they may stand in a line of a train's own. */
export function homeOf({ repository, derived }: SnapshotRecord): Name {
  return derived?.repository ?? repository
}

/** What vouches for each part of a snapshot. */
export function trustOf(record: SnapshotRecord): TrustAnchor[] {
  return (record.format === 'apt' ? record.suites : record.repodata).map(part => part.trust)
}

/** A file of a files tree. */
export interface FileEntry {
  sha256: Digest
  /** In bytes. */
  size: number
}

/**
 * What `/content/REPO/latest/` serves: the newest snapshot's tree, with its Release files sealed (fresh Date, our
 * signature), and the snapshots it served before, still answered until their time is over.
 */
export interface LatestRecord {
  version: 1
  snapshot: Timestamp
  /** When it began to be served: strictly later than the move before, the Date of the sealed Release files. */
  moved: Timestamp
  /** Path -> the sealed file that stands in front of the snapshot's own (`dists/bookworm/InRelease`, ...). */
  sealed: { [path: ByteString]: FileEntry }
  /** Fingerprints of the keys that signed `sealed`. */
  keys?: string[]
  /** Snapshots served before, newest first, and the moment each was replaced. */
  recent: { snapshot: Timestamp; replaced: Timestamp; sealed: { [path: ByteString]: FileEntry } }[]
}
