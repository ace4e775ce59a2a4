import type { ListedSnapshot, PackageHit } from '../catalog/index.ts'
import type {
  CardChange,
  HostDetail,
  HostSummary,
  HostsFilter,
  HostTokenOptions,
  HostTokenSummary,
} from '../fleet/index.ts'
import type { JobEvent } from '../jobs/index.ts'
import type {
  AuditEntry,
  ByteString,
  ChannelReference,
  Digest,
  Hold,
  HostId,
  Name,
  Right,
  Timestamp,
} from '../model/index.ts'
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
import type {
  ApplyOptions,
  ApplyReport,
  ApproveOptions,
  ApproveReport,
  BumpOptions,
  BumpReport,
  ChannelVerdicts,
  Comparison,
  CutOptions,
  CutReport,
  HoldOptions,
  HoldReport,
  HoldTarget,
  JudgeOptions,
  KeptEvidence,
  LiftReport,
  ListedHold,
  MoveReport,
  OverlayReport,
  Places,
  PlanItem,
  ReleaseSummary,
  SourcesComparison,
  TrainSummary,
} from '../train/index.ts'
import type { SigningRequest, StatementsState } from '../trust/index.ts'
import type { EnrolmentFile } from '../trust/pure.ts'
import type { CeremonyReport } from './ceremony.ts'
import type { LockReport } from './lock-file.ts'
import type { ProposedFiles } from './plan-and-apply.ts'
import type { YardStatus } from './status.ts'
import type { TokenSummary } from './tokens.ts'
import type { LogReport } from './verify-log.ts'

/** A snapshot, and how complete it is on our disk. */
export type SnapshotSummary = ListedSnapshot
/** Which snapshots of a repository have a package, and the channels and releases that carry one of them. */
export type SearchHit = PackageHit & Places
export type { Completeness } from '../catalog/index.ts'

export interface VerbOptions {
  onEvent?: (event: JobEvent) => void
  signal?: AbortSignal
  /** The reason, for the audit log. */
  why?: string | undefined
}

/** A file to upload: its path on this machine, or the name and digest of one whose blob the yard has. */
export type UploadSource = string | { file: string; sha256: Digest }

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
  /** Puts package files into a repository of uploads: all in one snapshot, or none. */
  upload(repository: Name, files: readonly UploadSource[], options?: VerbOptions): Promise<UploadReport>
  /** Completes an on-demand snapshot. */
  fetch(reference: string, options?: VerbOptions): Promise<SnapshotSummary>
  diff(from: string, to: string, options?: { files?: boolean; changelogs?: boolean }): Promise<SnapshotDiff>
  /** Any two references: `TRAIN@T` and `TRAIN/CHANNEL` as well, repository by repository. */
  compare(from: string, to: string, options?: { files?: boolean; changelogs?: boolean }): Promise<Comparison>
  /** By source package what hosts would get that moved from one reference to another, of any repositories of one format. */
  compareSources(from: string, to: string): Promise<SourcesComparison>
  /** What lies in a directory. Of `TRAIN@T` or `TRAIN/CHANNEL` the repositories, and `REPO/path` within one of them. */
  list(reference: string, path: ByteString): Promise<ListEntry[]>
  /** The bytes of one file, by its path as for `list`; fetched first when they are not here. */
  cat(reference: string, path: ByteString): Promise<AsyncIterable<Uint8Array>>
  /** `pattern` is a package's name or a glob. Newest versions first. */
  search(pattern: string, options?: { repository?: Name; limit?: number }): Promise<SearchHit[]>
  /** Packages of ours that shadow upstream's in a train's newest release, or in another reference. */
  overlay(reference: string): Promise<OverlayReport>
  /** `REPO` removes its every snapshot, `REPO@T` one. Answers what was removed. */
  remove(reference: string, options?: VerbOptions): Promise<string[]>
  /** The declared trains, or one of them, each with where its channels stand. */
  trains(train?: Name): Promise<TrainSummary[]>
  /** Of one train or of all; by train, oldest first. */
  releases(train?: Name): Promise<ReleaseSummary[]>
  /** Cuts a release from the newest snapshots of a train's repositories, or from named ones. */
  release(train: Name, options?: CutOptions): Promise<CutReport>
  /** Cuts a channel's current release anew but for some packages, taken from the newest snapshots: names of packages or source packages, or globs. */
  bump(train: Name, packages: string[], options?: BumpOptions): Promise<BumpReport>
  /** Keeps a package, or what a glob names, at its version: in the releases of a train, or in one of its channels. */
  hold(target: HoldTarget, pattern: string, options: HoldOptions): Promise<HoldReport>
  /** Answers what was held. */
  unhold(target: HoldTarget, pattern: string, options?: { why?: string | undefined }): Promise<Hold>
  /** Of one train or of all, those that have expired too. */
  holds(train?: Name): Promise<ListedHold[]>
  /** Has a release judged for every channel of its train, or for one; nothing is moved. `anew`: whatever evidence is kept. */
  gate(release: string, options?: JudgeOptions & { channel?: Name | undefined }): Promise<ChannelVerdicts[]>
  /** The evidence that is kept on a release, by channel; what was tampered with is told of as such. */
  evidence(release: string, options?: { channel?: Name | undefined }): Promise<KeptEvidence[]>
  /** What one gate of a channel said, found and wrote about a release, as text. `gate`: its label, `command-2`. */
  verdict(release: string, channel: Name, gate: string): Promise<string>
  /** Keeps the caller's word that a release may enter a channel, or every one. */
  approve(release: string, options?: ApproveOptions): Promise<ApproveReport>
  /**
   * Moves a channel to a release (default: the newest) past its gates. `override`: labels of gates past which it goes though
   * they refuse, for which the caller needs the right.
   */
  promote(
    channel: ChannelReference,
    options?: {
      release?: string
      expected?: Timestamp
      why?: string
      allowIdentityChange?: boolean
      floor?: string
      override?: string[] | undefined
    } & Omit<JudgeOptions, 'anew'>,
  ): Promise<MoveReport>
  /** Moves a channel back to the release before in its line of promotions, or to another one of that line. */
  rollback(
    channel: ChannelReference,
    options?: { to?: string; expected?: Timestamp; why?: string },
  ): Promise<MoveReport>
  /** What differs between switchyard.yaml, switchyard.lock.yaml and the yard. `files`: two files that are proposed instead. */
  plan(options?: { files?: ProposedFiles }): Promise<PlanItem[]>
  /** Makes real what switchyard.lock.yaml says, or a lock file that was made for the same switchyard.yaml. */
  apply(options?: ApplyOptions & { files?: ProposedFiles }): Promise<ApplyReport>
  /** Writes into switchyard.lock.yaml where every channel stands. */
  lock(): Promise<LockReport>
  /** Where channels stand, what hosts are told and until when, and what needs hands. */
  status(): Promise<YardStatus>
  /** Lifts the halts that hold the hosts of a channel, by the channel's own keys. */
  resume(channel: ChannelReference, options?: { why?: string }): Promise<LiftReport>
  /** Who signs what hosts act on, how long it is good, and what waits for signatures. */
  statements(): Promise<StatementsState>
  /** All that waits for people's signatures, as `switchyard sign` takes it; undefined: nothing does. */
  requestSignatures(): Promise<SigningRequest | undefined>
  /** Forgets a staged change, as if nobody had asked for it. @throws YardError `not-found`. */
  withdraw(change: number, options?: { why?: string | undefined }): Promise<void>
  /** Takes in a request that people have signed, or a file of halts: the text that `switchyard sign` or `switchyard stop` wrote. */
  submit(text: string, options?: { why?: string | undefined }): Promise<CeremonyReport>
  collectGarbage(options?: { dryRun?: boolean; why?: string | undefined }): Promise<GcReport>
  fsck(options?: { repair?: boolean } & VerbOptions): Promise<FsckReport>
  /** The newest lines of the audit log, newest first. `before`: their numbers are smaller. `limit`: at most so many. */
  log(options?: { before?: number; since?: Timestamp; limit?: number }): Promise<AuditEntry[]>
  /** Computes the whole chain of the audit log again. */
  verifyLog(): Promise<LogReport>
  /** Every token that was ever made. */
  tokens(): Promise<TokenSummary[]>
  /** Makes a token; its text is in the answer and nowhere else. `expiresAt`: in milliseconds since the epoch. */
  createToken(
    name: Name,
    options: { rights: Right[]; expiresAt?: number | undefined; why?: string | undefined },
  ): Promise<{ token: string; summary: TokenSummary }>
  revokeToken(name: Name, options?: { why?: string | undefined }): Promise<TokenSummary>
  /** By id. */
  hosts(filter?: HostsFilter): Promise<HostSummary[]>
  host(id: HostId): Promise<HostDetail>
  /** It is no host any more, for good. */
  revokeHost(id: HostId, options: { why: string }): Promise<HostDetail>
  /** Sets labels, and takes away those that are null. */
  labelHost(
    id: HostId,
    options: { labels: { [label: string]: string | null }; why?: string | undefined },
  ): Promise<HostDetail>
  /** What its card says beside its labels: a hold, a release that it borrows, entitlements. */
  changeHostCard(id: HostId, change: CardChange): Promise<HostDetail>
  /** It belongs to another channel from now on. */
  moveHost(id: HostId, options: { train: Name; channel: Name; why?: string | undefined }): Promise<HostDetail>
  /** It is told nothing new until somebody lifts that. */
  quarantineHost(id: HostId, options: { why: string }): Promise<HostDetail>
  liftQuarantine(id: HostId, options?: { why?: string | undefined }): Promise<HostDetail>
  /** Every token by which machines become hosts that was ever made. */
  hostTokens(): Promise<HostTokenSummary[]>
  /** Makes one, and the file by which a machine becomes a host; the token's text is in it and nowhere else. */
  createHostToken(
    name: Name,
    options: HostTokenOptions,
  ): Promise<{ file: EnrolmentFile; summary: HostTokenSummary }>
  revokeHostToken(name: Name, options?: { why?: string | undefined }): Promise<HostTokenSummary>
  close(): Promise<void>
}
