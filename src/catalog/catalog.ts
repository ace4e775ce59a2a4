import type {
  AuditDraft,
  AuditEntry,
  ByteString,
  Digest,
  Name,
  SnapshotRecord,
  Timestamp,
} from '../model/index.ts'
import type { HostReads, HostWrites } from './hosts.ts'

/** Where the catalog is. `patience`: milliseconds that a write waits for another process's (default 30,000). */
export type CatalogOptions =
  | { kind: 'sqlite'; file: string; patience?: number }
  | { kind: 'postgresql'; url: string; patience?: number }

/** The bytes are on our disk; an upstream should still have them; nobody has them any more. */
export type ContentState = 'local' | 'fetchable' | 'lost'

/** How complete a snapshot is; entries and bytes of its files tree. What is neither local nor lost is fetchable. */
export interface Completeness {
  totalEntries: number
  totalBytes: number
  localEntries: number
  localBytes: number
  lostEntries: number
  lostBytes: number
}

export interface ListedSnapshot {
  record: SnapshotRecord
  completeness: Completeness
}

/** What tells one package of a packages tree from every other. No part is longer than 512 bytes. */
export interface PackageKey {
  /** `deb`, ... */
  family: ByteString
  suite: ByteString
  component: ByteString
  architecture: ByteString
  name: ByteString
  version: ByteString
  digest: Digest
}

export interface PackageRow extends PackageKey {
  /** Of the package file, in bytes. */
  size: number
  /** Name of the source package. */
  source: ByteString
}

export type PackageChange = ({ kind: 'added' } & PackageRow) | ({ kind: 'removed' } & PackageKey)

/**
 * `delta` paths more (or fewer) of the files tree name this blob; several changes of one blob add up. `state`: whether
 * the blob is here now, looked up as late as possible; it counts when the base does not name the blob.
 */
export interface ContentRow {
  digest: Digest
  size: number
  delta: number
  state: 'local' | 'fetchable'
}

/** A line of the audit log before the log numbers it, and its moment. */
export interface AuditLine {
  draft: AuditDraft
  at: Timestamp
}

export interface SnapshotCommit {
  record: SnapshotRecord
  /** The newest listed snapshot, to which the changes are relative; undefined when there is none. */
  base: Timestamp | undefined
  /** In any order; read inside the transaction, so it must not ask this catalog for a write. */
  packages: Iterable<PackageChange> | AsyncIterable<PackageChange>
  /** In any order; read before the transaction. */
  content: Iterable<ContentRow> | AsyncIterable<ContentRow>
  /** What the audit log says of it, in the same transaction. Undefined: nobody made it, it is only listed again. */
  audit?: AuditLine
}

export interface SearchOptions {
  /** A name, or a glob in which `*` stands for any bytes and `?` for one byte. At most 512 bytes. */
  pattern: ByteString
  repository?: Name
  /** At most so many hits. */
  limit: number
}

/** One span of listed snapshots that have a package; a package that left and came back has two. */
export interface PackageHit {
  repository: Name
  /** Of packages: `deb`, `deb-src`, `rpm`. */
  family: string
  name: ByteString
  version: ByteString
  architecture: ByteString
  suite: ByteString
  component: ByteString
  digest: Digest
  first: Timestamp
  /** Undefined while the newest snapshot has it. */
  last?: Timestamp
}

/** What a package claims to be, and its bytes. */
export interface PackageIdentity {
  name: ByteString
  version: ByteString
  architecture: ByteString
  digest: Digest
}

/** One name, version and architecture that had the bytes `before` (the latest ones, if there were several). */
export interface Reissue {
  name: ByteString
  version: ByteString
  architecture: ByteString
  before: Digest
  after: Digest
}

export interface LatestAudit {
  before?: number
  since?: Timestamp
  limit: number
}

/** A package by its name, version and bytes, whatever index lists it. */
export interface PackageBytes {
  name: ByteString
  version: ByteString
  digest: Digest
}

/** Since when a repository has had a package in a suite. */
export interface FirstSeen extends PackageBytes {
  suite: ByteString
  first: Timestamp
}

export interface UnfinishedRemoval {
  repository: Name
  timestamp: Timestamp
}

/**
 * The database of a yard. Reads see committed states only and never wait for a write; writes run one at a time over
 * all processes and wait their turn. Every method throws YardError `busy` (the turn did not come in time), `damaged`
 * (the database is corrupt), `unavailable` (it cannot be reached or read) or `no-space`; none of them changes anything
 * when it throws, except that after `unavailable` from PostgreSQL a commit may have happened: ask again.
 */
export interface Catalog {
  /**
   * Lists a snapshot: this transaction is the snapshot's commit. Creates the repository when it is new.
   * @throws YardError `exists` when its timestamp is not later than every one the repository has given out;
   *   `busy` when `base` is no longer the newest; `invalid` when a package's text is too long;
   *   `internal` when the changes do not fit the base or do not add up to the record's counts.
   */
  commitSnapshot(commit: SnapshotCommit): Promise<ListedSnapshot>
  /**
   * Takes a snapshot off the list; its record stays until `finishRemoval`. Removing newest first costs least.
   * Idempotent; the audit log gets its line with the call that removes. @throws YardError `not-found`.
   */
  beginRemoval(repository: Name, timestamp: Timestamp, audit?: AuditLine): Promise<void>
  /** Forgets a snapshot whose removal was begun. Idempotent. @throws YardError `refused` while it is listed. */
  finishRemoval(repository: Name, timestamp: Timestamp): Promise<void>
  /** Removals that were begun and not finished: what a crash left to do. */
  unfinishedRemovals(): Promise<UnfinishedRemoval[]>

  /** Listed snapshots, by repository, oldest first. */
  snapshots(repository?: Name): Promise<ListedSnapshot[]>
  /** The latest timestamp that the repository ever gave out, removed snapshots included: the next must be later. */
  lastTimestamp(repository: Name): Promise<Timestamp | undefined>
  /** @throws YardError `not-found` when there is no such listed snapshot. */
  completeness(repository: Name, timestamp: Timestamp): Promise<Completeness>
  /** Ordered by name, repository, and the bytes of version, architecture, suite, component. @throws YardError `usage`. */
  search(options: SearchOptions): Promise<PackageHit[]>
  /** Which of these were known under other bytes; asked before they are committed. In the order of `added`. */
  reissued(repository: Name, added: Iterable<PackageIdentity>): Promise<Reissue[]>
  /** By suite, the snapshot that first brought each of these, removed ones included; none of a package it never had. In their order. */
  firstSeen(repository: Name, packages: Iterable<PackageBytes>): Promise<FirstSeen[]>

  /**
   * Blobs became local, fetchable or lost: in `repository`, or in every repository that names them. The completeness
   * of every snapshot that has them follows in the same transaction. Digests nobody names are passed over.
   */
  markBlobs(digests: Iterable<Digest>, state: ContentState, repository?: Name): Promise<void>
  /** Sets a snapshot's counters to what was counted by hand. @throws YardError `not-found`. */
  recount(repository: Name, timestamp: Timestamp, counters: Completeness): Promise<void>

  /** Adds a line to the audit log, numbered and chained to the one before, in a transaction of its own. */
  appendAudit(draft: AuditDraft, at: Timestamp): Promise<AuditEntry>
  /** Lines of the audit log with a number above `after`, in their order; at most `limit`. */
  auditEntries(options: { after: number; limit: number }): Promise<AuditEntry[]>
  /** The newest lines of the audit log, newest first: below the number `before`, not older than `since`; at most `limit`. */
  latestAudit(options: LatestAudit): Promise<AuditEntry[]>
  /** Every line on one subject (`web/production`, `web@20261121T070000Z`), oldest first. */
  auditOf(subject: string): Promise<AuditEntry[]>

  /** Asks of hosts; sees committed states only. */
  readHosts<T>(work: (hosts: HostReads) => Promise<T>): Promise<T>
  /** Changes hosts in one transaction, alone over all processes: what `work` throws undoes all of it. */
  changeHosts<T>(work: (hosts: HostWrites) => Promise<T>): Promise<T>

  /** Waits for the writes under way. */
  close(): Promise<void>
}
