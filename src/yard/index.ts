export type { Arrivals } from './arrivals.ts'
export type { CeremonyReport } from './ceremony.ts'
export type { ContentServer } from './content-reach.ts'
export { type LockReport, lockFileName } from './lock-file.ts'
export { createOfferer } from './offered-files.ts'
export { configurationName, type OpenYard, type OpenYardOptions, openYard } from './open-yard.ts'
export type { ProposedFiles } from './plan-and-apply.ts'
export type { YardStatus } from './status.ts'
export { stopChannels } from './stop.ts'
export type { Bearer, TokenSummary } from './tokens.ts'
export type { LogReport } from './verify-log.ts'
export type {
  Completeness,
  RepositorySummary,
  SearchHit,
  SnapshotSummary,
  SyncReport,
  UploadReport,
  UploadSource,
  VerbOptions,
  Yard,
} from './yard.ts'
