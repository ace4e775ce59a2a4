import type { Meaning } from './meaning.ts'
import type { Why } from './prove.ts'
import type { Clash, Step } from './solver.ts'
import { titleOf } from './universe.ts'

/** A reason, for people. */
export interface Explanation {
  /** From the package to what is wrong: `app 1.0 -> lib 2.0 -> gone (>= 3): nothing provides it`. */
  text: string
  /** What is wrong without who comes to it: equal for all that suffer from it, whatever their versions. */
  root: string
}

/** Of a longer chain the beginning and the end are shown, half as many of each. */
const mostSteps = 8

/** The end of the ways that lead through one package, which they share. */
interface Ending {
  /** The last links, at most half as many as are shown of a chain. */
  links: string[]
  /** How many there are before these. */
  before: number
  /** What follows the chain. */
  trouble: string
  root: string
}

/** Says why packages cannot be installed, as briefly as is known; together as long as there are packages, whatever their chains. */
export function createExplainer(
  meaning: Meaning,
  broken: ReadonlyMap<number, Why>,
): (one: number) => Explanation {
  const { universe } = meaning
  const endings = new Map<number, Ending>()

  function endingOf(start: number): Ending {
    const way: number[] = []
    let ending: Ending | undefined
    for (let at = start; ending === undefined; ) {
      ending = endings.get(at)
      if (ending !== undefined) break
      way.push(at)
      const next = nextOf(at)
      if (next === undefined) ending = lastEnding(meaning, broken.get(at)!)
      else at = next
    }
    for (const one of way.reverse()) {
      ending = longer(ending, titleOf(universe, one))
      endings.set(one, ending)
    }
    return ending
  }

  /** The package that would satisfy what this one asks for, if it could be installed: it was found broken before. */
  function nextOf(one: number): number | undefined {
    const why = broken.get(one)!
    return why.kind === 'unsatisfied' ? meaning.candidates(why.item)[0] : undefined
  }

  function firstLinks(start: number): string[] {
    const links: string[] = []
    for (
      let at: number | undefined = start;
      at !== undefined && links.length < mostSteps / 2;
      at = nextOf(at)
    )
      links.push(titleOf(universe, at))
    return links
  }

  return one => {
    const { links, before, trouble, root } = endingOf(one)
    const skipped = before - mostSteps / 2
    const first = before <= 0 ? [] : firstLinks(one).slice(0, before)
    const chain = skipped > 0 ? [...first, '...', ...links] : [...first, ...links]
    return { text: `${chain.join(' -> ')}${trouble}`, root }
  }
}

/** One link more in front. */
function longer(ending: Ending, link: string): Ending {
  if (ending.links.length >= mostSteps / 2) return { ...ending, before: ending.before + 1 }
  return { ...ending, links: [link, ...ending.links] }
}

/** Behind the package that this is the reason of. */
function lastEnding(meaning: Meaning, why: Why): Ending {
  const { texts } = meaning.universe.items.words
  const ending = (links: string[], trouble: string, root: string) => ({ links, before: 0, trouble, root })
  if (why.kind === 'undecided') return ending([], ': too many conflicts to decide it', 'undecided')
  if (why.kind === 'clash') return clashing(meaning, why.clash)
  const text = texts[why.item]!
  if (why.kind === 'unsatisfied') return { ...missing(meaning, why.item), links: [text] }
  return ending([], `: ${JSON.stringify(text)} is no dependency`, `malformed ${text}`)
}

function missing(meaning: Meaning, item: number): Omit<Ending, 'links'> {
  const { universe } = meaning
  const { items } = universe
  const names = items.names.slice(items.starts[item]!, items.starts[item + 1]!)
  const here = names.flatMap(name => meaning.named(name).map(one => titleOf(universe, one))).slice(0, 3)
  const what = here.length === 0 ? 'nothing provides it' : `here is only ${here.join(', ')}`
  return { before: 0, trouble: `: ${what}`, root: `missing ${items.words.texts[item]}` }
}

function clashing(meaning: Meaning, { target, left, right, missing: item }: Clash): Ending {
  const { universe } = meaning
  const titles = (steps: Step[]) => steps.map(({ one }) => titleOf(universe, one))
  // The chain that leads here ends with the package in question, with which one side of the clash begins.
  const [a, b] = left[0]?.one === target || right.length === 0 ? [left, right] : [right, left]
  const links = titles(a[0]?.one === target ? a.slice(1) : a)
  if (item !== undefined) {
    const text = universe.items.words.texts[item]!
    return { ...missing(meaning, item), links: shortened([...links, text], '->') }
  }
  const one = a.at(-1)?.one
  const other = b.at(-1)?.one
  if (one === undefined || other === undefined) return { links, before: 0, trouble: '', root: 'conflict' }
  const names = [one, other].map(each => universe.words.texts[universe.packages.names[each]!]!)
  const back = shortened(titles(b).reverse(), '<-')[0]
  return {
    links: shortened(links, '->'),
    before: 0,
    trouble: ` conflicts with ${back}${conflictText(meaning, one, other)}`,
    root: `conflict of ${names.sort().join(' and ')}`,
  }
}

/** One link for all, cut in the middle where it is long. */
function shortened(links: string[], arrow: string): string[] {
  if (links.length === 0) return []
  const half = mostSteps / 2
  const shown = links.length <= mostSteps ? links : [...links.slice(0, half), '...', ...links.slice(-half)]
  return [shown.join(` ${arrow} `)]
}

function conflictText({ universe, conflictBetween }: Meaning, one: number, other: number): string {
  const { texts } = universe.items.words
  const item = conflictBetween(one, other)
  if (item !== undefined) return `: it excludes ${texts[item]}`
  const back = conflictBetween(other, one)
  return back === undefined ? '' : `, which excludes ${texts[back]}`
}
