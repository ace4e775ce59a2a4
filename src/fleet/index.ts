export {
  type AgentArchitecture,
  type AgentParts,
  agentPackageNames,
  type BundledNode,
  packAgent,
  type WrittenPackage,
} from './agent-package/agent-package.ts'
