import type { TrainContext } from '../train/index.ts'
import type { Authority } from '../trust/index.ts'

/** What the verbs of this room are handed. */
export interface FleetContext extends TrainContext {
  /** The CAs for hosts, by age, the oldest first; at least one. */
  authorities(): Promise<readonly Authority[]>
}
