export { type AuditCause, type AuditDraft, type AuditEntry, beginningOfLog, digestOfEntry } from './audit.ts'
export { type AuditFault, type ChainLink, chainFault } from './audit-chain.ts'
export { type ByteString, byteStringOf, byteStringOfText, bytesOf, textOfByteString } from './byte-string.ts'
export { canonicalJson, type Json } from './canonical-json.ts'
export type { ChannelMove, ChannelRecord, PlannedMove, ServedRepository } from './channel.ts'
export { createHasher, type Digest, digestOf, type Hasher, isDigest } from './digest.ts'
export { type ErrorCode, type ErrorDetail, errorCodes, isYardError, messageOf, YardError } from './errors.ts'
export type { ApprovalRecord, EvidenceRecord } from './evidence.ts'
export type { Hold, HoldsRecord } from './hold.ts'
export {
  agentPackageNames,
  type HostCard,
  type HostId,
  type HostReport,
  type HostState,
  hostStates,
  isHostId,
  machineDigest,
  maximumCardBytes,
  parseHostId,
  type ReportKind,
  reportKinds,
} from './host.ts'
export { checkLabels, type Labels, parseLabel } from './host-labels.ts'
export { isName, type Name, parseName } from './name.ts'
export { parseReference, type SnapshotReference } from './reference.ts'
export type { ChannelPolicy, HeldPackage, ReleaseRecord, SnapshotName } from './release.ts'
export { covers, coversSome, parseRight, type Right, type RightName, rightNames } from './right.ts'
export {
  type AptSnapshot,
  type DnfSnapshot,
  type FileEntry,
  homeOf,
  type LatestRecord,
  type RepodataRecord,
  type SnapshotRecord,
  type SuiteRecord,
  type TrustAnchor,
  trustOf,
} from './snapshot.ts'
export {
  type Departures,
  type Grant,
  type Halt,
  haltConcerns,
  type NamedRelease,
  type ReleasedRepository,
  type ReleaseStatement,
  type RolloutState,
  type RolloutStatement,
  rolloutStates,
  wholeRank,
} from './statements.ts'
export {
  isTimestamp,
  millisecondsOf,
  nextTimestamp,
  type Timestamp,
  timestampOf,
} from './timestamp.ts'
export {
  type ChannelReference,
  parseChannelReference,
  parseReleaseReference,
  type ReleaseReference,
} from './train-reference.ts'
export { checkPath, pathFault } from './tree-path.ts'
