import type { ListedSnapshot, PackageHit } from '../catalog/index.ts'
import type { JobEvent } from '../jobs/index.ts'
import type { ByteString, ChannelReference, Name, Timestamp } from '../model/index.ts'
import type {
  ChangeCount,
  FsckReport,
  GcReport,
  ListEntry,
  RefusedFile,
  SnapshotDiff,
  SyncCost,
  UploadedFile,
} from '../repository/index.ts'
import type { CutOptions, CutReport, MoveReport, ReleaseSummary, TrainSummary } from '../train/index.ts'

/** A snapshot, and how complete it is on our disk. */
export type SnapshotSummary = ListedSnapshot
export type SearchHit = PackageHit
export type { Completeness } from '../catalog/index.ts'

export interface VerbOptions {
  onEvent?: (event: JobEvent) => void
  signal?: AbortSignal
}

export interface RepositorySummary {
  name: Name
  kind: 'mirror' | 'compose' | 'uploads'
  format: 'apt' | 'dnf'
  policy: 'immediate' | 'on-demand'
  snapshotCount: number
  latest?: SnapshotSummary
  /** When the last sync completed, with or without a new snapshot; and when and how one that came after it failed. */
  checked?: Timestamp
  failure?: { at: Timestamp; message: string }
}

/** What became of one repository in a sync. */
export type SyncReport =
  | { repository: Name; outcome: 'created'; snapshot: SnapshotSummary; change: ChangeCount; cost: SyncCost }
  | { repository: Name; outcome: 'unchanged'; snapshot?: Timestamp; cost: SyncCost }
  | { repository: Name; outcome: 'stale'; snapshot?: Timestamp; warning: string; cost: SyncCost }
  | {
      repository: Name
      outcome: 'failed'
      snapshot?: Timestamp
      error: { code: string; message: string; hint?: string }
    }

/** What became of an upload: all of its files are in the snapshot, or, where one is refused, none. */
export type UploadReport =
  | {
      repository: Name
      outcome: 'created'
      snapshot: SnapshotSummary
      change: ChangeCount
      files: UploadedFile[]
      milliseconds: number
    }
  | {
      repository: Name
      outcome: 'unchanged'
      snapshot: Timestamp
      files: UploadedFile[]
      milliseconds: number
    }
  | { repository: Name; outcome: 'refused'; snapshot?: Timestamp; refused: RefusedFile[] }

/**
 * All that can be asked of a yard. The local implementation opens a directory; a remote one asks a server. References
 * are written `REPO`, `REPO@latest` or `REPO@20261121T064500Z`. Every method throws YardError and leaves what was
 * served before as it was when it does.
 */
export interface Yard {
  repositories(): Promise<RepositorySummary[]>
  /** Of one repository or of all; by repository, oldest first. */
  snapshots(repository?: Name): Promise<SnapshotSummary[]>
  snapshot(reference: string): Promise<SnapshotSummary>
  /** Reads upstreams and composes, side by side; one repository's failure is its own report. No names: every repository. */
  sync(names: Name[], options?: VerbOptions & { allowIdentityChange?: boolean }): Promise<SyncReport[]>
  /** Puts package files, by their paths on this machine, into a repository of uploads: all in one snapshot, or none. */
  upload(repository: Name, files: string[], options?: VerbOptions): Promise<UploadReport>
  /** Completes an on-demand snapshot. */
  fetch(reference: string, options?: VerbOptions): Promise<SnapshotSummary>
  diff(from: string, to: string, options?: { files?: boolean; changelogs?: boolean }): Promise<SnapshotDiff>
  list(reference: string, path: ByteString): Promise<ListEntry[]>
  /** The bytes of one file of a snapshot; fetched first when they are not here. */
  cat(reference: string, path: ByteString): Promise<AsyncIterable<Uint8Array>>
  /** `pattern` is a package's name or a glob. Newest versions first. */
  search(pattern: string, options?: { repository?: Name; limit?: number }): Promise<SearchHit[]>
  /** `REPO` removes its every snapshot, `REPO@T` one. Answers what was removed. */
  remove(reference: string, options?: VerbOptions): Promise<string[]>
  /** The declared trains, or one of them, each with where its channels stand. */
  trains(train?: Name): Promise<TrainSummary[]>
  /** Of one train or of all; by train, oldest first. */
  releases(train?: Name): Promise<ReleaseSummary[]>
  /** Cuts a release from the newest snapshots of a train's repositories, or from named ones. */
  release(train: Name, options?: CutOptions): Promise<CutReport>
  /** Moves a channel to a release (default: the newest) past its gates. */
  promote(
    channel: ChannelReference,
    options?: { release?: string; expected?: Timestamp; why?: string },
  ): Promise<MoveReport>
  /** Moves a channel back to the release before in its line of promotions, or to another one of that line. */
  rollback(channel: ChannelReference, options?: { to?: string; why?: string }): Promise<MoveReport>
  collectGarbage(options?: { dryRun?: boolean }): Promise<GcReport>
  fsck(options?: { repair?: boolean } & VerbOptions): Promise<FsckReport>
  close(): Promise<void>
}
