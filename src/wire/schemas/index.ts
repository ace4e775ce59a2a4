export { comparison, overlayReport, sourcesComparison } from './comparison.ts'
export { components, digest, errorBody, name, reference, timestamp, why } from './component.ts'
export { snapshotDiff } from './diff.ts'
export { host, hostId, hostState, hosts, hostToken, hostTokens, labels, newHostToken } from './hosts.ts'
export {
  approveReport,
  bumpReport,
  hold,
  holdReport,
  holds,
  keptEvidence,
  verdicts,
  verdictText,
} from './judging.ts'
export { applyReport, lockReport, plan } from './plan.ts'
export {
  listing,
  repositories,
  searchHits,
  snapshot,
  snapshots,
  syncReports,
  uploadReport,
} from './snapshots.ts'
export { ceremonyReport, signingRequest, statements, withdrawn } from './statements.ts'
export { liftReport, status } from './status.ts'
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
