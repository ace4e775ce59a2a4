export type { Actor } from './actor.ts'
export type { TrainContext } from './context.ts'
export { type CutOptions, type CutReport, cutRelease } from './cut-release.ts'
export { gates } from './gates/index.ts'
export {
  listDeclaredTrains,
  type ReleaseSummary,
  summariseRelease,
  summariseReleases,
  type TrainSummary,
} from './list-trains.ts'
export { type MoveReport, type PromoteOptions, promote } from './promote.ts'
export { findRelease } from './release-reference.ts'
export { type RollbackOptions, rollback } from './rollback.ts'
