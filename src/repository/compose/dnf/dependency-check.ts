import { type RichDependency, type RpmDependency, satisfies } from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'
import type { Unresolved } from '../candidate.ts'
import {
  type DependencyIndex,
  type DependencyPackage,
  isAll,
  namesIn,
  type Requirement,
} from './dependency-index.ts'
import { worldsOf } from './worlds.ts'

/** Whether a set of packages satisfies a dependency. Conditions are judged against the same set. */
export function isSatisfied<P extends DependencyPackage>(
  index: DependencyIndex<P>,
  isThere: (one: P) => boolean,
  tree: RichDependency | undefined,
): boolean {
  const judge = (part: RichDependency): boolean => {
    switch (part.operator) {
      case 'name':
        return isProvided(index, isThere, part.dependency)
      case 'and':
        return part.operands.every(judge)
      case 'or':
        return part.operands.some(judge)
      case 'with':
      case 'without':
        return [...namesIn(part)].some(({ name }) =>
          index.providers(name).some(({ package: one }) => isThere(one) && isAll(index, one, part)),
        )
      case 'if':
        return judge(part.condition) ? judge(part.subject) : judgeIfAny(part.otherwise)
      case 'unless':
        return judge(part.condition) ? judgeIfAny(part.otherwise) : judge(part.subject)
    }
  }
  const judgeIfAny = (part: RichDependency | undefined) => part === undefined || judge(part)
  return tree !== undefined && judge(tree)
}

function isProvided<P extends DependencyPackage>(
  index: DependencyIndex<P>,
  isThere: (one: P) => boolean,
  dependency: RpmDependency,
): boolean {
  for (const provider of index.providers(dependency.name))
    if (satisfies(provider, dependency) && isThere(provider.package)) return true
  return false
}

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

export function unresolvedIn(
  { name, version }: DependencyPackage,
  architecture: ByteString,
  { text }: Requirement,
): Unresolved {
  return { package: name, version, architecture, dependency: text }
}

function byIdentity(a: Unresolved, b: Unresolved): number {
  for (const part of ['architecture', 'package', 'version', 'dependency'] as const)
    if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1
  return 0
}
