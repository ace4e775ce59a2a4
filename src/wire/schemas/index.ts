export {
  bytesAsText,
  components,
  count,
  digest,
  errorBody,
  name,
  reference,
  timestamp,
  why,
} from './component.ts'
export { snapshotDiff } from './diff.ts'
export {
  listing,
  repositories,
  searchHits,
  snapshot,
  snapshots,
  syncReports,
  uploadReport,
} from './snapshots.ts'
export { cutReport, moveReport, releases, trains } from './trains.ts'
export {
  auditEntries,
  fsckReport,
  gcReport,
  logReport,
  missingBlobs,
  newToken,
  received,
  removed,
  right,
  token,
  tokens,
} from './upkeep.ts'
