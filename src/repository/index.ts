export { compareVersions } from './compare-versions.ts'
export {
  type Content,
  createContent,
  type DirectoryEntry,
  type OpenedFile,
  type Resolution,
} from './content/content.ts'
export type { ContentView } from './content/standing.ts'
export type { RepositoryContext } from './context.ts'
export type { AdvisoryChange } from './diff/advisory-changes.ts'
export {
  type DiffedPackage,
  diffSnapshots,
  type FileChange,
  type SnapshotDiff,
} from './diff/diff-snapshots.ts'
export type { ModuleChange } from './diff/module-changes.ts'
export type { Need } from './diff/needs.ts'
export { fetchTree } from './fetch-tree.ts'
export { fsck } from './fsck/fsck.ts'
export type { FsckFinding, FsckReport } from './fsck/report.ts'
export { type ListEntry, listDirectory } from './list-directory.ts'
export type { ChangeCount, PackageChange, PackageVersion } from './package-changes.ts'
export { reconcile } from './reconcile.ts'
export {
  arrivals,
  listSnapshots,
  readSnapshot,
  readUpstreamMemory,
  type UpstreamMemory,
  writeRecord,
} from './records.ts'
export { resealAll } from './reseal.ts'
export {
  collectGarbage,
  collectLock,
  collectWaitMilliseconds,
  type GcReport,
  removeSnapshots,
} from './retention.ts'
export { recentAfter, sealSnapshot, signingDate } from './seal.ts'
export { findSnapshot } from './snapshot-reference.ts'
export { type SyncOptions, type SyncResult, syncRepositories } from './sync.ts'
export type { SyncCost, SyncOutcome } from './sync-outcome.ts'
export {
  listChannels,
  listReleases,
  listTrains,
  readChannel,
  readRelease,
  type SignedRelease,
  trainRefs,
} from './train-records.ts'
export type { OfferedFile } from './uploads/offered-file.ts'
export type { RefusedFile } from './uploads/read-offered.ts'
export { type Uploaded, type UploadedFile, uploadFiles } from './uploads/upload.ts'
