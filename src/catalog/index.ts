export type {
  Catalog,
  CatalogOptions,
  Completeness,
  ContentRow,
  ContentState,
  ListedSnapshot,
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
export { openCatalog } from './open.ts'
