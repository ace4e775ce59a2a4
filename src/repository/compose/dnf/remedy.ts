import type { RichDependency } from '../../../formats/index.ts'

/** What the choice of packages for a dependency rests on. */
export interface RemedyGround<P> {
  /** Whether a dependency, or a part of one, is satisfied already. */
  holds(part: RichDependency): boolean
  /** The best package that satisfies a name, `with` or `without`; undefined when none does. */
  best(part: RichDependency): P | undefined
}

/** The packages that have to be added so that a dependency holds, rich ones from the left; undefined when nothing helps. */
export function remedyOf<P>(part: RichDependency, ground: RemedyGround<P>): P[] | undefined {
  if (ground.holds(part)) return []
  const of = (operand: RichDependency | undefined) => operand && remedyOf(operand, ground)
  switch (part.operator) {
    case 'name':
    case 'with':
    case 'without': {
      const one = ground.best(part)
      return one && [one]
    }
    case 'or':
      for (const operand of part.operands) {
        const found = of(operand)
        if (found !== undefined) return found
      }
      return undefined
    case 'and': {
      const found = part.operands.map(of)
      return found.every(each => each !== undefined) ? found.flat() : undefined
    }
    case 'if':
      return of(ground.holds(part.condition) ? part.subject : part.otherwise)
    case 'unless':
      return of(ground.holds(part.condition) ? part.otherwise : part.subject)
  }
}
