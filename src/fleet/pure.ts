export {
  type HostFacts,
  mayStart,
  type StandStill,
  type StartDecision,
  type StartQuestion,
} from './start/may-start.ts'
