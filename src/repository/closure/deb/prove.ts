import { isThere } from '../packages.ts'
import type { Pause } from '../pause.ts'
import type { Meaning } from './meaning.ts'
import { type Clash, solve } from './solver.ts'
import { type Changes, createTrial, type Trial } from './trial.ts'

/** Why a package cannot be installed. */
export type Why =
  /** All that could satisfy an item cannot be installed either, or there is nothing. */
  | { kind: 'unsatisfied'; item: number }
  | { kind: 'malformed'; item: number }
  | { kind: 'clash'; clash: Clash }
  /** Nobody knows: the search became too long. */
  | { kind: 'undecided' }

export interface Proofs {
  /** Sets of packages that can be installed together; every package that can be installed is in one. */
  sets: Uint32Array[]
  /** Everything else. */
  broken: Map<number, Why>
}

/** Conflicts after which a search is given up; of 3,700 packages of Debian 12 none met a single one. */
const mostConflicts = 5_000

/**
 * Proves of each package that it can be installed, together with every essential name, or that it cannot. Sets that proved it
 * before are used again as far as they still hold; what is left is added to them, and only for what no set takes in is there a
 * search, whose solution is the beginning of another set.
 */
export async function prove(
  meaning: Meaning,
  before: readonly Uint32Array[],
  changes: Changes,
  pause: Pause,
): Promise<Proofs> {
  const { packages } = meaning.universe
  const proved = new Uint8Array(meaning.count)
  const broken = new Map<number, Why>()
  const sets: Uint32Array[] = []
  let open = Array.from({ length: meaning.count }, (_, one) => one).filter(one => isThere(packages, one))
  const isDead = (one: number) => broken.has(one)

  for (const set of before) keep(createTrial(meaning, isDead, set, changes))
  if (sets.length === 0) await begin()
  open = dependenciesFirst(meaning, open)
  await spread(open)
  for (const [i, set] of sets.entries()) {
    if (open.length === 0) break
    const trial = createTrial(meaning, isDead, set)
    if (trial === undefined) continue
    await takeIn(trial)
    sets[i] = trial.members()
    settle(sets[i]!)
  }
  for (const one of open) {
    if (proved[one] === 1 || broken.has(one)) continue
    const outcome = solve(meaning, one, isDead, mostConflicts)
    if (outcome.kind === 'installable') await grow(createTrial(meaning, isDead, outcome.members))
    else if (outcome.kind === 'undecided') broken.set(one, outcome)
    else {
      broken.set(one, { kind: 'clash', clash: outcome.clash })
      await spread(meaning.concerned(one).flatMap(item => [...meaning.dependants(item)]))
    }
    const turn = pause()
    if (turn !== undefined) await turn
  }
  return { sets, broken }

  /** The first set; where the essential packages clash, nothing can be installed at all. */
  async function begin(): Promise<void> {
    const first = createTrial(meaning, isDead)
    if (first !== undefined) return await grow(first)
    const outcome = solve(meaning, undefined, isDead, mostConflicts)
    if (outcome.kind === 'installable') return await grow(createTrial(meaning, isDead, outcome.members))
    const why: Why = outcome.kind === 'undecided' ? outcome : { kind: 'clash', clash: outcome.clash }
    for (const one of open) broken.set(one, why)
  }

  async function grow(trial: Trial | undefined): Promise<void> {
    if (trial !== undefined) await takeIn(trial)
    keep(trial)
  }

  async function takeIn(trial: Trial): Promise<void> {
    for (const one of open) {
      if (!broken.has(one)) trial.add(one)
      const turn = pause()
      if (turn !== undefined) await turn
    }
  }

  /** Keeps the set if it proves anything that others do not. */
  function keep(trial: Trial | undefined): void {
    const members = trial?.members()
    if (members === undefined || members.every(one => proved[one] === 1)) return
    sets.push(members)
    settle(members)
  }

  function settle(members: Uint32Array): void {
    for (const one of members) proved[one] = 1
    open = open.filter(one => proved[one] === 0)
  }

  /** What has an item that nothing can satisfy is broken, and so may be what asks for it: in waves, the shortest reasons first. */
  async function spread(suspects: Iterable<number>): Promise<void> {
    let wave = new Set(suspects)
    while (wave.size > 0) {
      const next = new Set<number>()
      const found: [number, Why][] = []
      for (const one of wave) {
        if (proved[one] === 1 || broken.has(one)) continue
        const why = hopeless(one)
        if (why !== undefined) found.push([one, why])
        const turn = pause()
        if (turn !== undefined) await turn
      }
      for (const [one, why] of found) broken.set(one, why)
      for (const [one] of found)
        for (const item of meaning.concerned(one))
          for (const other of meaning.dependants(item)) next.add(other)
      wave = next
    }
  }

  function hopeless(one: number): Why | undefined {
    const malformed = meaning.malformed(one)
    if (malformed !== undefined) return { kind: 'malformed', item: malformed }
    const item = meaning.depends(one).find(item => meaning.candidates(item).every(isDead))
    return item === undefined ? undefined : { kind: 'unsatisfied', item }
  }
}

/** Packages in an order in which what one may need stands before it, but for circles. */
function dependenciesFirst(meaning: Meaning, ones: readonly number[]): number[] {
  const wanted = new Set(ones)
  const ordered: number[] = []
  for (const start of ones) {
    if (!wanted.delete(start)) continue
    const path = [{ one: start, needs: needsOf(meaning, start) }]
    while (path.length > 0) {
      const { one, needs } = path.at(-1)!
      const next = needs.pop()
      if (next === undefined) {
        path.pop()
        ordered.push(one)
      } else if (wanted.delete(next)) path.push({ one: next, needs: needsOf(meaning, next) })
    }
  }
  return ordered
}

function needsOf(meaning: Meaning, one: number): number[] {
  return meaning.depends(one).flatMap(item => meaning.candidates(item))
}
