import type { GateShapes } from '../../config/index.ts'
import type { Gate } from './gate.ts'

const all: Gate<never>[] = []

/** Every gate, by its name. */
export const gates: GateShapes & Record<string, Gate<never>> = Object.fromEntries(
  all.map(gate => [gate.name, gate]),
)
