import { type RichDependency, type RpmDependency, satisfies } from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'
import type { Unresolved } from '../candidate.ts'
import {
  type DependencyPackage,
  isAll,
  namesIn,
  type Providers,
  type Requirement,
} from './dependency-index.ts'

/** Whether a set of packages satisfies a dependency. Conditions are judged against the same set. */
export function isSatisfied<P>(
  index: Providers<P>,
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

function isProvided<P>(
  index: Providers<P>,
  isThere: (one: P) => boolean,
  dependency: RpmDependency,
): boolean {
  for (const provider of index.providers(dependency.name))
    if (satisfies(provider, dependency) && isThere(provider.package)) return true
  return false
}

export function unresolvedIn(
  { name, version }: DependencyPackage,
  architecture: ByteString,
  { text }: Requirement,
): Unresolved {
  return { package: name, version, architecture, dependency: text }
}
