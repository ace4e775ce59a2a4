import type { ByteString } from '../../../model/index.ts'
import type { Unresolved } from '../candidate.ts'
import { isSatisfied, unresolvedIn } from './dependency-check.ts'
import type { DependencyIndex, DependencyPackage, Requirement } from './dependency-index.ts'
import { worldsOf } from './worlds.ts'

/**
 * What the packages of a whole repository ask for and no package of it provides, for each kind of machine that it is for:
 * what `dnf repoclosure` finds, but that `x if y` asks for `x` only where something provides `y`. Source packages are
 * not looked at. In the order of names.
 * @param architectures those of the repository.
 */
export function unresolvedOf<P extends DependencyPackage>(
  index: DependencyIndex<P>,
  architectures: Iterable<ByteString>,
): Unresolved[] {
  const unresolved: Unresolved[] = []
  for (const { native, rank } of worldsOf(architectures)) {
    const isThere = (one: P) => rank(one.architecture) !== undefined
    const verdicts = new Map<Requirement, boolean>()
    const judge = (requirement: Requirement): boolean => {
      const known = verdicts.get(requirement)
      if (known !== undefined) return known
      const verdict = isSatisfied(index, isThere, requirement.tree)
      verdicts.set(requirement, verdict)
      return verdict
    }
    for (const one of index.packages()) {
      if (!isThere(one)) continue
      for (const requirement of index.needs(one).requires)
        if (!judge(requirement)) unresolved.push(unresolvedIn(one, native, requirement))
    }
  }
  return unresolved.sort(byIdentity)
}

function byIdentity(a: Unresolved, b: Unresolved): number {
  for (const part of ['architecture', 'package', 'version', 'dependency'] as const)
    if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1
  return 0
}
