export type {
  AuditLine,
  Catalog,
  CatalogOptions,
  Completeness,
  ContentRow,
  ContentState,
  FirstSeen,
  ListedSnapshot,
  PackageBytes,
  PackageChange,
  PackageHit,
  PackageIdentity,
  PackageKey,
  PackageRow,
  Reissue,
  SearchOptions,
  SnapshotCommit,
  UnfinishedRemoval,
} from './catalog.ts'
export type { CardNotes, KeptReport, NewReport, ReportingHost } from './host-reports.ts'
export type {
  BootRun,
  HostCertificate,
  HostFilter,
  HostReads,
  HostRecord,
  HostToken,
  HostWrites,
} from './hosts.ts'
export { openCatalog } from './open.ts'
