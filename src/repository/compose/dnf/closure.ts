import { type RichDependency, satisfies } from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'
import type { Unresolved } from '../candidate.ts'
import { isSatisfied, unresolvedIn } from './dependency-check.ts'
import {
  type DependencyIndex,
  type DependencyPackage,
  isAll,
  namesIn,
  type Requirement,
} from './dependency-index.ts'
import { remedyOf } from './remedy.ts'
import { type World, worldsOf } from './worlds.ts'

export interface ClosureWishes<P> {
  architectures: Iterable<ByteString>
  /** Follow Recommends and Supplements too, as far as they can be satisfied. */
  recommends: boolean
  /** The lower, the more its input is preferred. */
  preference(one: P): number
}

/**
 * Adds to `chosen` what its packages need, as dnf would choose it: nothing for what a chosen package provides; else of the
 * packages that provide it a native or neutral one before one of an older architecture, one of that name before others,
 * then by preference, by name and as `offered` ranks the versions of a name. Rich dependencies are satisfied from the
 * left; their conditions are judged against what is chosen, and again when that has grown. Obsoletes and Conflicts are
 * not looked at: a repository may hold what no machine installs together.
 * @param offered each name's packages best first; no other package is added.
 * @returns what no offered package satisfies, for each kind of machine. Deterministic.
 */
export function addRpmDependencies<P extends DependencyPackage>(
  chosen: Set<P>,
  offered: ReadonlyMap<ByteString, readonly P[]>,
  index: DependencyIndex<P>,
  wishes: ClosureWishes<P>,
): Unresolved[] {
  const places = placesOf(offered)
  const worlds = worldsOf(wishes.architectures).map(world => createClosure(world, index, places, wishes))
  // A neutral package that one kind of machine needs stands in the repository for the others, too.
  for (let before = -1; before < chosen.size; ) {
    before = chosen.size
    for (const closure of worlds) for (const one of closure.grow(chosen)) chosen.add(one)
  }
  return worlds.flatMap(closure => closure.unresolved())
}

/** Where a package stands among the versions of its name, the best at 0. */
function placesOf<P extends DependencyPackage>(
  offered: ReadonlyMap<ByteString, readonly P[]>,
): Map<P, number> {
  const places = new Map<P, number>()
  for (const versions of offered.values())
    for (const [place, one] of versions.entries()) places.set(one, place)
  return places
}

interface Closure<P> {
  /** Takes what is chosen and answers what that needs beside it. */
  grow(chosen: Iterable<P>): P[]
  unresolved(): Unresolved[]
}

interface Want<P> {
  one: P
  requirement: Requirement
}

function createClosure<P extends DependencyPackage>(
  world: World,
  index: DependencyIndex<P>,
  places: ReadonlyMap<P, number>,
  { recommends, preference }: ClosureWishes<P>,
): Closure<P> {
  const taken = new Set<P>()
  const queue: P[] = []
  let drained = 0
  const added: P[] = []
  /** What is satisfied stays so, but for conditions. */
  const settled = new Set<Requirement>()
  const conditional = new Set<Requirement>()
  /** What may turn out to be unsatisfied at the end. */
  const doubtful: Want<P>[] = []
  const supplementing = recommends ? [...places.keys()].filter(one => isSupplement(one)) : []

  const isTaken = (one: P) => taken.has(one)
  const holds = (tree: RichDependency | undefined) => isSatisfied(index, isTaken, tree)
  const isOffered = (one: P) => places.has(one) && world.rank(one.architecture) !== undefined

  function isSupplement(one: P): boolean {
    return world.rank(one.architecture) !== undefined && index.needs(one).supplements.length > 0
  }

  function take(one: P): void {
    if (taken.has(one)) return
    taken.add(one)
    queue.push(one)
  }

  function add(one: P): void {
    if (!taken.has(one)) added.push(one)
    take(one)
  }

  /** The best package that is all of it, of those that provide one of the names in it. */
  function best(part: RichDependency): P | undefined {
    let found: P | undefined
    for (const dependency of namesIn(part))
      for (const provider of index.providers(dependency.name)) {
        const one = provider.package
        if (!satisfies(provider, dependency) || !isOffered(one)) continue
        if (part.operator !== 'name' && !isAll(index, one, part)) continue
        if (found === undefined || compare(one, found, dependency.name) < 0) found = one
      }
    return found
  }

  function compare(a: P, b: P, name: ByteString): number {
    return (
      world.rank(a.architecture)! - world.rank(b.architecture)! ||
      Number(b.name === name) - Number(a.name === name) ||
      preference(a) - preference(b) ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) ||
      places.get(a)! - places.get(b)!
    )
  }

  /** Whether it could be satisfied. */
  function satisfy({ tree }: Requirement): boolean {
    const remedies = tree && remedyOf(tree, { holds, best })
    for (const one of remedies ?? []) add(one)
    return remedies !== undefined
  }

  function follow(want: Want<P>, needed: boolean): void {
    const { requirement } = want
    if (settled.has(requirement)) return
    const isConditional = requirement.isConditional
    const succeeded = satisfy(requirement)
    if (isConditional) conditional.add(requirement)
    else if (succeeded) settled.add(requirement)
    if (needed && (isConditional || !succeeded)) doubtful.push(want)
  }

  /** Everything that was taken and not yet looked at, and what follows from it. */
  function drain(): void {
    for (; drained < queue.length; drained++) {
      const one = queue[drained]!
      const { requires, recommends: wished } = index.needs(one)
      for (const requirement of requires) follow({ one, requirement }, true)
      if (recommends) for (const requirement of wished) follow({ one, requirement }, false)
    }
  }

  /** Conditions that came true since, and packages that supplement what is there. */
  function revisit(): void {
    for (const requirement of conditional) satisfy(requirement)
    for (const one of supplementing)
      if (!taken.has(one) && best({ operator: 'name', dependency: named(one) }) === one)
        if (index.needs(one).supplements.some(({ tree }) => holds(tree))) add(one)
  }

  return {
    grow(chosen) {
      for (const one of chosen) if (world.rank(one.architecture) !== undefined) take(one)
      added.length = 0
      do {
        drain()
        revisit()
      } while (drained < queue.length)
      return added
    },
    unresolved: () =>
      doubtful
        .filter(({ requirement }) => !holds(requirement.tree))
        .map(({ one, requirement }) => unresolvedIn(one, world.native, requirement)),
  }
}

function named({ name }: DependencyPackage) {
  return { name, flags: undefined, evr: undefined }
}
