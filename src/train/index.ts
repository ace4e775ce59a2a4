export type { Actor } from './actor.ts'
export { type ApproveOptions, type ApproveReport, approve } from './approve.ts'
export { type BumpOptions, type BumpReport, bump } from './bump/bump.ts'
export { checkTrains } from './check-trains.ts'
export type { ClientChanges } from './client-changes.ts'
export { type Comparison, compare, type RepositoryComparison } from './compare/compare.ts'
export { compareSources, type SourcesComparison } from './compare/compare-sources.ts'
export type { ComparedSide } from './compare/pairs.ts'
export type { TrainContext } from './context.ts'
export { type CutOptions, type CutReport, cutRelease } from './cut-release.ts'
export { binds } from './departures/channel-statements.ts'
export { type LiftReport, liftHalts } from './departures/lift-halts.ts'
export { type StagedMove, type Wait, waitsOf } from './departures/peoples-channel.ts'
export { refreshStatements } from './departures/refresh-statements.ts'
export { type SubmitReport, submit } from './departures/submit.ts'
export { type KeptEvidence, readVerdict } from './evidence-files.ts'
export { type ChannelVerdicts, evidenceOn, gateRelease } from './gate-release.ts'
export { gates } from './gates/index.ts'
export {
  type HoldOptions,
  type HoldReport,
  type HoldTarget,
  hold,
  type ListedHold,
  listHolds,
  unhold,
} from './holds/hold.ts'
export type { JudgeOptions, Verdict } from './judge-release.ts'
export {
  listDeclaredTrains,
  type ReleaseSummary,
  summariseReleases,
  type TrainSummary,
} from './list-trains.ts'
export { look, placeWithin } from './look.ts'
export type { OverlayState } from './overlay/judge-overlay.ts'
export { type OverlaidPackage, type OverlayReport, overlay, type Shadow } from './overlay/overlay.ts'
export { type ApplyOptions, type ApplyReport, apply } from './plan/apply.ts'
export { lockedNow } from './plan/locked-now.ts'
export { plan } from './plan/plan.ts'
export {
  isOpen,
  isStep,
  type OpenItem,
  type PlanItem,
  type PlanNote,
  type PlanStep,
} from './plan/plan-item.ts'
export { readPlanState } from './plan/read-plan-state.ts'
export { type MovedReport, type MoveReport, type PromoteOptions, promote } from './promote.ts'
export { reconcileTrains } from './reconcile-trains.ts'
export { resolveReference } from './reference.ts'
export { findRelease } from './release-reference.ts'
export { isTrain, removeRelease } from './remove-release.ts'
export { resealChannels } from './reseal-channels.ts'
export { type RollbackOptions, rollback } from './rollback.ts'
export { type Places, placesOf, readTravels } from './search-places.ts'
export { signRecord, verifyRecord } from './signed-record.ts'
