import type { Meaning } from './meaning.ts'
import type { Why } from './prove.ts'
import type { Clash, Step } from './solver.ts'
import { titleOf, type Universe } from './universe.ts'

/** A reason, for people. */
export interface Explanation {
  /** From the package to what is wrong: `app 1.0 -> lib 2.0 -> gone (>= 3): nothing provides it`. */
  text: string
  /** What is wrong without who comes to it: equal for all that suffer from it, whatever their versions. */
  root: string
}

/** Longer chains are cut in the middle. */
const mostSteps = 8

/** Says why a package cannot be installed, as briefly as is known. */
export function explain(meaning: Meaning, broken: ReadonlyMap<number, Why>, one: number): Explanation {
  const { universe } = meaning
  const chain = [titleOf(universe, one)]
  let at = one
  let why = broken.get(at)!
  for (const seen = new Set([at]); why.kind === 'unsatisfied'; ) {
    const next = meaning.candidates(why.item).find(other => !seen.has(other))
    if (next === undefined) return missing(meaning, chain, why.item)
    seen.add(next)
    chain.push(titleOf(universe, next))
    at = next
    why = broken.get(at)!
  }
  if (why.kind === 'malformed') {
    const text = JSON.stringify(universe.items.words.texts[why.item])
    return { text: `${chained(chain)}: ${text} is no dependency`, root: `malformed ${text}` }
  }
  if (why.kind === 'undecided')
    return { text: `${chained(chain)}: too many conflicts to decide it`, root: 'undecided' }
  return clashing(meaning, chain, why.clash)
}

function missing(meaning: Meaning, chain: string[], item: number): Explanation {
  const { universe } = meaning
  const text = universe.items.words.texts[item]!
  const here = namesakesOf(meaning, item)
  const what = here.length === 0 ? 'nothing provides it' : `here is only ${here.join(', ')}`
  return { text: `${chained([...chain, text])}: ${what}`, root: `missing ${text}` }
}

/** What has a name that the item asks for, in another version than it asks for. */
function namesakesOf(meaning: Meaning, item: number): string[] {
  const { items } = meaning.universe
  const names = items.names.slice(items.starts[item]!, items.starts[item + 1]!)
  return names.flatMap(name => meaning.named(name).map(one => titleOf(meaning.universe, one))).slice(0, 3)
}

function clashing(meaning: Meaning, chain: string[], { left, right, missing: item }: Clash): Explanation {
  const { universe } = meaning
  // The chain that leads here ends with the package that the first chain of the clash begins with.
  const titles = (steps: Step[]) => steps.map(({ one }) => titleOf(universe, one))
  const [a, b] = startsWith(universe, chain, left) ? [left, right] : [right, left]
  const first = startsWith(universe, chain, a) ? [...chain, ...titles(a.slice(1))] : [...chain, ...titles(a)]
  if (item !== undefined) return missing(meaning, first, item)
  const one = a.at(-1)
  const other = b.at(-1)
  if (one === undefined || other === undefined) return { text: chained(first), root: 'conflict' }
  const names = [one, other].map(step => universe.words.texts[universe.packages.names[step.one]!]!)
  return {
    text: `${chained(first)} conflicts with ${chained(titles(b).reverse(), '<-')}${conflictText(meaning, one.one, other.one)}`,
    root: `conflict of ${names.sort().join(' and ')}`,
  }
}

function startsWith(universe: Universe, chain: string[], steps: Step[]): boolean {
  return steps[0] !== undefined && titleOf(universe, steps[0].one) === chain.at(-1)
}

function conflictText(meaning: Meaning, one: number, other: number): string {
  const { texts } = meaning.universe.items.words
  const item = meaning.conflictBetween(one, other)
  if (item !== undefined) return `: it excludes ${texts[item]}`
  const back = meaning.conflictBetween(other, one)
  return back === undefined ? '' : `, which excludes ${texts[back]}`
}

function chained(titles: string[], arrow = '->'): string {
  const shown =
    titles.length <= mostSteps
      ? titles
      : [...titles.slice(0, mostSteps / 2), '...', ...titles.slice(-mostSteps / 2)]
  return shown.join(` ${arrow} `)
}
