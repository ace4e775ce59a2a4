import type { Meaning } from './meaning.ts'

/**
 * A set of packages that can be installed together, being made: whoever is in it has what it depends on in it, nobody in it
 * conflicts with another, and each essential name is there. So it proves each of its members installable.
 */
export interface Trial {
  has(one: number): boolean
  members(): Uint32Array
  /** Adds a package with what it needs, as far as the first choices that fit go. False: that did not work, and nothing was added. */
  add(one: number): boolean
}

/** What happened to packages since a set was proved. */
export interface Changes {
  /** Packages that are gone. */
  gone: ReadonlySet<number>
  /** Of those the one that came under the same name. */
  successors: ReadonlyMap<number, number>
}

/** Deeper chains are left to the solver, which needs no stack. */
const deepest = 1000

/**
 * A trial that begins with a set that was proved before: a package that is gone is replaced by its successor, and what then
 * has no longer what it needs leaves. Undefined: an essential package cannot stay or come.
 */
export function createTrial(
  meaning: Meaning,
  isDead: (one: number) => boolean,
  before: Iterable<number> = [],
  changes: Changes = { gone: new Set(), successors: new Map() },
): Trial | undefined {
  const { packages } = meaning.universe
  const has = new Uint8Array(meaning.count)
  /** What failed here once fails again, or is left to another set. */
  const barred = new Uint8Array(meaning.count)
  const taken: number[] = []

  take(before, changes)
  const isWhole = meaning.essentials.every(group => group.some(one => has[one] === 1) || group.some(add))
  if (!isWhole) return undefined
  return {
    has: one => has[one] === 1,
    members: () => Uint32Array.from(taken.filter(one => has[one] === 1)),
    add,
  }

  function take(before: Iterable<number>, { gone, successors }: Changes): void {
    const lost: number[] = []
    for (const one of before)
      if (gone.has(one)) lost.push(one)
      else put(one)
    const newcomers: number[] = []
    for (const one of lost) {
      const successor = successors.get(one)
      if (successor === undefined || has[successor] === 1 || isBlocked(successor)) continue
      put(successor)
      newcomers.push(successor)
    }
    for (const one of newcomers) if (!hasWhatItNeeds(one)) leave(one, lost)
    for (let one = lost.pop(); one !== undefined; one = lost.pop())
      for (const item of meaning.concerned(one))
        if (!isSatisfied(item))
          for (const dependant of meaning.dependants(item)) if (has[dependant] === 1) leave(dependant, lost)
  }

  function leave(one: number, lost: number[]): void {
    has[one] = 0
    lost.push(one)
  }

  function hasWhatItNeeds(one: number): boolean {
    return meaning.depends(one).every(isSatisfied)
  }

  function isSatisfied(item: number): boolean {
    for (const one of meaning.candidates(item)) if (has[one] === 1) return true
    return false
  }

  function put(one: number): void {
    has[one] = 1
    taken.push(one)
  }

  function add(one: number): boolean {
    if (has[one] === 1) return true
    barred[one] = 0
    return addDeep(one, 0)
  }

  function addDeep(one: number, depth: number): boolean {
    if (has[one] === 1) return true
    if (barred[one] === 1 || isDead(one)) return false
    if (depth < deepest && !isBlocked(one)) {
      const mark = taken.length
      put(one)
      if (fulfil(one, depth)) return true
      while (taken.length > mark) has[taken.pop()!] = 0
    }
    barred[one] = 1
    return false
  }

  function fulfil(one: number, depth: number): boolean {
    const end = packages.starts[3 * one + 1]!
    for (let at = packages.starts[3 * one]!; at < end; at++) {
      const item = packages.lists[at]!
      if (isSatisfied(item)) continue
      if (!meaning.candidates(item).some(candidate => addDeep(candidate, depth + 1))) return false
    }
    return true
  }

  function isBlocked(one: number): boolean {
    for (const other of meaning.namesakes(one)) if (has[other] === 1) return true
    for (const other of meaning.enemies(one)) if (has[other] === 1) return true
    return false
  }
}
