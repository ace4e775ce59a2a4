export type {
  DelegatedRole,
  Metadata,
  RoleTrust,
  RootSigned,
  Signed,
  TargetsSigned,
  TrustedKey,
} from './departures/metadata.ts'
export {
  type EnrolmentAnswer,
  type EnrolmentFile,
  type EnrolmentRequest,
  maximumEnrolmentBytes,
  openEnrolmentRequest,
  openRenewalRequest,
  type RenewalRequest,
} from './statements/enrolment.ts'
export {
  countersign,
  type Envelope,
  type EnvelopeTrust,
  openEnvelope,
  sealEnvelope,
} from './statements/envelope.ts'
export {
  claimedHalt,
  type HaltTrust,
  haltsText,
  maximumHaltBytes,
  type OpenedHalt,
  readHalts,
} from './statements/halts.ts'
export { haltField, lifetimes, nextVersion, readRole, roleOf, targetOf } from './statements/layout.ts'
export {
  publicKeyObject,
  type StatementKey,
  type StatementSigner,
  statementKeyOf,
  statementSignerOf,
} from './statements/statement-key.ts'
export { type Advance, advance, type Trusted } from './statements/verify/advance.ts'
export { type Clock, type Freshness, freshnessOf } from './statements/verify/clock.ts'
export type { Source } from './statements/verify/source.ts'
export type { Standing } from './statements/verify/standing.ts'
export { Suspicion, type SuspicionName } from './statements/verify/suspicion.ts'
