import type { Meaning } from './meaning.ts'

/** Everything that a search may touch, numbered from 0: variables are packages, choices are items whose candidates they are. */
export interface Cone {
  ones: number[]
  variableOf: Map<number, number>
  choices: number[][]
  /** Undefined: not an item, but the package in question or an essential name. */
  choiceItems: (number | undefined)[]
  /** Choices that a variable asks for once it is true. */
  asked: number[][]
  /** Choices that a variable is a candidate of. */
  occurrences: number[][]
  /** Choices that are asked for from the beginning. */
  roots: number[]
}

/** `target`: undefined for the essential packages alone. `isDead` packages are left out. */
export function coneOf(meaning: Meaning, target: number | undefined, isDead: (one: number) => boolean): Cone {
  const cone: Cone = {
    ones: [],
    variableOf: new Map(),
    choices: [],
    choiceItems: [],
    asked: [],
    occurrences: [],
    roots: [],
  }
  const known = new Map<number, number>()
  const variable = (one: number): number => {
    const before = cone.variableOf.get(one)
    if (before !== undefined) return before
    const v = cone.ones.push(one) - 1
    cone.variableOf.set(one, v)
    cone.occurrences.push([])
    return v
  }
  const addChoice = (candidates: readonly number[], item: number | undefined): number => {
    const choice = cone.choices.push([]) - 1
    cone.choiceItems.push(item)
    for (const one of candidates) {
      if (isDead(one)) continue
      const v = variable(one)
      cone.choices[choice]!.push(v)
      cone.occurrences[v]!.push(choice)
    }
    return choice
  }
  const choiceOf = (item: number): number => {
    const before = known.get(item)
    if (before !== undefined) return before
    const choice = addChoice(meaning.candidates(item), item)
    known.set(item, choice)
    return choice
  }
  if (target !== undefined) cone.roots.push(addChoice([target], undefined))
  for (const group of meaning.essentials) cone.roots.push(addChoice(group, undefined))
  for (let v = 0; v < cone.ones.length; v++)
    cone.asked.push([...new Set(meaning.depends(cone.ones[v]!).map(choiceOf))])
  return cone
}
