export { configurationName, type OpenYard, type OpenYardOptions, openYard } from './open-yard.ts'
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
