export { type LockReport, lockFileName } from './lock-file.ts'
export type { ContentServer } from './content-reach.ts'
export { configurationName, type OpenYard, type OpenYardOptions, openYard } from './open-yard.ts'
export type { ProposedFiles } from './plan-and-apply.ts'
export type {
  Completeness,
  RepositorySummary,
  SearchHit,
  SnapshotSummary,
  SyncReport,
  UploadReport,
  VerbOptions,
  Yard,
} from './yard.ts'
