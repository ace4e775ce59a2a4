export {
  type AgentArchitecture,
  type AgentParts,
  type BundledNode,
  packAgent,
  type WrittenPackage,
} from './agent-package/agent-package.ts'
export { cardName } from './cards/card-desk.ts'
export { type CardChange, changeCard } from './cards/change-card.ts'
export type { FleetContext } from './context.ts'
export type { DeparturesView } from './departures-view.ts'
export { createHostsDoor, type HostsDoor } from './door.ts'
export {
  createHostToken,
  type HostTokenOptions,
  type HostTokenSummary,
  listHostTokens,
  revokeHostToken,
} from './hosts/host-tokens.ts'
export {
  type HostDetail,
  type HostSummary,
  type HostsFilter,
  labelHost,
  liftQuarantine,
  listHosts,
  quarantine,
  revokeHost,
  showHost,
} from './hosts/hosts.ts'
export { moveHost } from './hosts/move-host.ts'
export { maximumReportBytes } from './reports/read-report.ts'
