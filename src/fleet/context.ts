import type { TrainContext } from '../train/index.ts'
import type { Authority } from '../trust/index.ts'
import type { StatementSigner } from '../trust/pure.ts'

/** What the verbs of this room are handed. */
export interface FleetContext extends TrainContext {
  /** The CAs for hosts, by age, the oldest first; at least one. */
  authorities(): Promise<readonly Authority[]>
  /** The keys at hand that sign statements. */
  statementSigners(): Promise<readonly StatementSigner[]>
}
