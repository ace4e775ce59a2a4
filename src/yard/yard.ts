import type { ByteString, Digest, FileEntry, Name, SnapshotRecord, Timestamp } from '../model/index.ts'

/** Something that happens while a verb runs, for progress bars, logs and events. */
export type YardEvent =
  | { kind: 'step'; repository: Name; step: string }
  | {
      kind: 'progress'
      repository: Name
      step: string
      doneFiles: number
      totalFiles: number
      doneBytes: number
      totalBytes: number
    }
  | { kind: 'warning'; repository: Name; message: string; hint?: string }

export interface VerbOptions {
  onEvent?: (event: YardEvent) => void
  signal?: AbortSignal
}

/** How complete a snapshot is on our disk; entries and bytes of its files tree. */
export interface Completeness {
  totalEntries: number
  totalBytes: number
  localEntries: number
  localBytes: number
  lostEntries: number
  lostBytes: number
}

export interface SnapshotSummary {
  record: SnapshotRecord
  completeness: Completeness
}

export interface RepositorySummary {
  name: Name
  kind: 'mirror' | 'compose'
  format: 'apt'
  policy: 'immediate' | 'on-demand'
  snapshotCount: number
  latest?: SnapshotSummary
  /** When the last sync completed (with or without a new snapshot), and what the last one that failed said. */
  checked?: Timestamp
  failure?: { at: Timestamp; message: string }
}

/** What became of one repository in a sync. */
export type SyncReport =
  | { repository: Name; outcome: 'created'; snapshot: SnapshotRecord; change: ChangeCount; cost: SyncCost }
  | { repository: Name; outcome: 'unchanged'; snapshot?: Timestamp; cost: SyncCost }
  | { repository: Name; outcome: 'stale'; snapshot?: Timestamp; warning: string }
  | {
      repository: Name
      outcome: 'failed'
      snapshot?: Timestamp
      error: { code: string; message: string; hint?: string }
    }

export interface ChangeCount {
  added: number
  removed: number
  upgraded: number
  downgraded: number
  rebuilt: number
}

/** What a sync cost: requests made, bytes fetched from upstream, blobs and bytes written, and pages really new. */
export interface SyncCost {
  requests: number
  fetchedBytes: number
  fetchedFiles: number
  newFilePages: number
  newFilePageBytes: number
  newPackagePages: number
  newPackagePageBytes: number
  milliseconds: number
}

export interface PackageVersion {
  suite: ByteString
  component: ByteString
  architecture: ByteString
  version: ByteString
  digest: Digest
  /** Of the package file, in bytes. */
  size: number
}

export interface PackageChange {
  kind: 'added' | 'removed' | 'upgraded' | 'downgraded' | 'rebuilt'
  name: ByteString
  source: ByteString
  suite: ByteString
  component: ByteString
  architecture: ByteString
  before?: PackageVersion
  after?: PackageVersion
  /** Debian changelog entries newer than `before`, where the new package file is local. */
  changelog?: string
}

export interface Diff {
  from: { repository: Name; timestamp: Timestamp }
  to: { repository: Name; timestamp: Timestamp }
  packages: PackageChange[]
  count: ChangeCount
  /** Bytes of package files that are only in `from`, only in `to`. */
  removedBytes: number
  addedBytes: number
  files?: { path: ByteString; before?: FileEntry; after?: FileEntry }[]
}

export interface ListEntry {
  name: ByteString
  kind: 'directory' | 'file'
  size?: number
  sha256?: Digest
  state?: 'local' | 'fetchable' | 'lost'
}

export interface SearchHit {
  repository: Name
  name: ByteString
  version: ByteString
  architecture: ByteString
  suite: ByteString
  component: ByteString
  digest: Digest
  /** The first snapshot that has it and the last one; `last` undefined while the newest snapshot has it. */
  first: Timestamp
  last?: Timestamp
}

export interface FsckReport {
  checkedBlobs: number
  checkedPages: number
  checkedRefs: number
  checkedBytes: number
  damaged: {
    what: 'blob' | 'page' | 'ref' | 'index'
    name: string
    problem: string
    repaired: boolean
    usedBy: string[]
  }[]
}

export interface GcReport {
  dryRun: boolean
  removedBlobs: number
  removedPages: number
  freedBytes: number
}

/** The bytes behind a path, ready to be streamed, or why not. */
export type FoundFile = {
  entry: FileEntry
  state: 'local' | 'fetchable' | 'lost'
  lastModified: Timestamp
  immutable: boolean
  metadata: boolean
}

/**
 * All that can be asked of a yard. The local implementation opens a directory; another one will ask a server.
 * Every method throws YardError; repositories are named, snapshots are `REPO@T`.
 */
export interface Yard {
  repositories(): Promise<RepositorySummary[]>
  /** `repository` undefined: of all. Oldest first. */
  snapshots(repository?: Name): Promise<SnapshotSummary[]>
  snapshot(reference: string): Promise<SnapshotSummary>
  /** Reads upstreams and composes, side by side; one repository's failure is its own report. `names` empty: every repository. */
  sync(names: Name[], options?: VerbOptions): Promise<SyncReport[]>
  /** Completes an on-demand snapshot. */
  fetch(reference: string, options?: VerbOptions): Promise<SnapshotSummary>
  diff(from: string, to: string, options?: { files?: boolean; changelogs?: boolean }): Promise<Diff>
  list(reference: string, directory: ByteString): Promise<ListEntry[]>
  /** The bytes of one file of a snapshot, fetched first when they are not here. */
  cat(reference: string, path: ByteString): Promise<AsyncIterable<Uint8Array>>
  /** `pattern` is a package name or a glob. */
  search(pattern: string, options?: { repository?: Name; limit?: number }): Promise<SearchHit[]>
  /** `REPO` removes the repository's every snapshot, `REPO@T` one of them. */
  remove(reference: string): Promise<{ removed: string[] }>
  collectGarbage(options?: { dryRun?: boolean }): Promise<GcReport>
  fsck(options?: { repair?: boolean } & VerbOptions): Promise<FsckReport>
  close(): Promise<void>
}
