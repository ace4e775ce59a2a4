import { addRow, dropRow, isThere } from '../packages.ts'
import { createExplainer } from './explain.ts'
import { readFacts } from './facts.ts'
import { meaningOf } from './meaning.ts'
import { type Proofs, prove } from './prove.ts'
import { recall, remember } from './remember.ts'
import { successorsOf } from './successors.ts'
import { createUniverse, rowOf, titleOf } from './universe.ts'

/** A stanza: `{ Package: 'a', Depends: 'b' }`; without more it is version 1 for amd64. */
export type Described = { Package: string; [field: string]: string }

export function stanzaOf(described: Described): string {
  const fields = Object.entries({ Version: '1', Architecture: 'amd64', ...described })
  return `${fields.map(([name, value]) => `${name}: ${value}\n`).join('')}`
}

export interface Judged {
  /** `name version` of each that cannot be installed, sorted. */
  broken: string[]
  /** Why, by the same titles. */
  reasons: Map<string, string>
  proofs: Proofs
  /** For the next time. */
  memory: Buffer
}

/** Judges packages as they stand, or what comes and goes since a time before. */
export async function judge(
  come: readonly Described[],
  { memory, go = [] }: { memory?: Buffer; go?: readonly Described[] } = {},
): Promise<Judged> {
  const recalled = memory === undefined ? undefined : recall(memory)
  const universe = recalled?.universe ?? createUniverse()
  const { packages } = universe
  const row = (described: Described) => rowOf(universe, readFacts(Buffer.from(stanzaOf(described)), 'a test'))
  const added = new Set(come.map(described => addRow(packages, row(described), 'judged')))
  const dropped = go.map(described => dropRow(packages, row(described), 'judged')!)
  const gone = new Set(dropped.filter(one => !isThere(packages, one)))
  const meaning = meaningOf(universe, 'amd64')
  const changes = { gone, successors: successorsOf(universe, gone, added) }
  const proofs = await prove(meaning, recalled?.sets ?? [], changes, () => undefined)
  const explain = createExplainer(meaning, proofs.broken)
  const reasons = new Map([...proofs.broken.keys()].map(one => [titleOf(universe, one), explain(one).text]))
  return {
    broken: [...reasons.keys()].sort(),
    reasons,
    proofs,
    memory: remember({ universe, sets: proofs.sets, note: '' }),
  }
}
