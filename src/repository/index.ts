export { advisoriesOf } from './advisories.ts'
export { readOffer } from './by-source/read-offer.ts'
export {
  compareOffers,
  type PackageDowngrade,
  type SourceChange,
  type SourceComparison,
} from './by-source/source-changes.ts'
export { checkClosure } from './closure/check-closure.ts'
export type { ClosureProblem, ClosureVerdict } from './closure/closure-check.ts'
export { readClosureMemory, writeClosureMemory } from './closure/memory.ts'
export { compareVersions } from './compare-versions.ts'
export { nevraOf } from './compose/dnf/group-entries.ts'
export { globMatcher } from './compose/select.ts'
export {
  type Content,
  createContent,
  type DirectoryEntry,
  type OpenedFile,
  type Resolution,
} from './content/content.ts'
export type { ContentView } from './content/standing.ts'
export type { RepositoryContext } from './context.ts'
export { type Derivation, deriveSnapshot } from './derive/derive-snapshot.ts'
export { type AdvisoryChange, severityRank } from './diff/advisory-changes.ts'
export { cvesIn } from './diff/cves.ts'
export {
  type ContentDiff,
  type DiffedPackage,
  type DiffOptions,
  diffSnapshots,
  diffWithNothing,
  type FileChange,
  type SnapshotDiff,
} from './diff/diff-snapshots.ts'
export type { ModuleChange } from './diff/module-changes.ts'
export type { Need } from './diff/needs.ts'
export { type DiffSummary, type Mending, summarise } from './diff/summary.ts'
export {
  besideRelease,
  listEvidence,
  readApproval,
  readApprovals,
  readEvidence,
  refsBesideRelease,
} from './evidence-records.ts'
export { fetchTree } from './fetch-tree.ts'
export { type Chosen, chooseTransplant, type OpenNeed } from './forced/choose.ts'
export { lostVersions } from './forced/lost-versions.ts'
export { changesNamed, differsIn, isNamedBy, namesPackage, versionsOf } from './forced/matching.ts'
export type { SnapshotPair } from './forced/read-members.ts'
export { fsck } from './fsck/fsck.ts'
export type { Check, FsckFinding, FsckReport } from './fsck/report.ts'
export { type ListEntry, listDirectory } from './list-directory.ts'
export { type OwnPackage, readOwnPackages } from './own-packages.ts'
export type { ChangeCount, PackageChange, PackageVersion } from './package-changes.ts'
export { changedKeys, keysNamed } from './package-keys.ts'
export { reconcile } from './reconcile.ts'
export {
  arrivals,
  listRepositories,
  listSnapshots,
  readNewest,
  readSnapshot,
  readUpstreamMemory,
  type UpstreamMemory,
  writeRecord,
} from './records.ts'
export { reissuedPaths } from './reissued-paths.ts'
export {
  listComparisons,
  type ReleaseComparison,
  readComparison,
  writeComparison,
} from './release-comparison.ts'
export { resealAll } from './reseal.ts'
export {
  collectGarbage,
  collectLock,
  collectWaitMilliseconds,
  type GcReport,
  removeSnapshots,
} from './retention.ts'
export {
  recentAfter,
  type Seal,
  sealedBlobs,
  sealSnapshot,
  sealSnapshots,
  signingDate,
  stillAnswered,
} from './seal.ts'
export { findSnapshot } from './snapshot-reference.ts'
export { streamsOf } from './stored-modules.ts'
export { type IdentityChange, identityChanges } from './suite-identity.ts'
export { type SyncOptions, type SyncResult, syncRepositories } from './sync.ts'
export type { SyncCost, SyncOutcome } from './sync-outcome.ts'
export {
  listChannels,
  listMoves,
  listReleases,
  listTrains,
  readChannel,
  readHolds,
  readMove,
  readRelease,
  type Signed,
  type SignedRelease,
  signedBytes,
  trainRefs,
} from './train-records.ts'
export type { OfferedFile } from './uploads/offered-file.ts'
export type { RefusedFile } from './uploads/read-offered.ts'
export { type Uploaded, type UploadedFile, uploadFiles } from './uploads/upload.ts'
