export {
  type AgentArchitecture,
  type AgentParts,
  type BundledNode,
  packAgent,
  type WrittenPackage,
} from './agent-package/agent-package.ts'
export type { FleetContext } from './context.ts'
export { createHostsDoor, type HostsDoor } from './door.ts'
export { hostsUrl } from './places.ts'
