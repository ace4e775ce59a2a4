import type { GateShapes } from '../../config/index.ts'
import { advisories } from './advisories.ts'
import { approvals } from './approvals.ts'
import { closure } from './closure.ts'
import { command } from './command.ts'
import { complete } from './complete.ts'
import { cooldown } from './cooldown.ts'
import type { Gate } from './gate.ts'
import { install } from './install.ts'
import { maxChange } from './max-change.ts'
import { noDowngrade } from './no-downgrade.ts'
import { signatures } from './signatures.ts'
import { soak } from './soak.ts'

const all = [
  complete,
  closure,
  signatures,
  noDowngrade,
  maxChange,
  cooldown,
  advisories,
  install,
  soak,
  approvals,
  command,
]

/** Every gate, by its name. Only what its own shape has read is handed to it. */
export const gates: GateShapes & Record<string, Gate<never>> = Object.fromEntries(
  all.map(gate => [gate.name, gate as unknown as Gate<never>]),
)
