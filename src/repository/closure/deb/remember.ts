import {
  isWorn,
  numbersIn,
  packagesIn,
  packPackages,
  sectionsOf,
  textsIn,
  wordSections,
  wordsIn,
} from '../remember.ts'
import { joinSections, type Sections, splitSections } from '../sections.ts'
import { findWord, numberOf } from '../words.ts'
import { createItems, type Universe } from './universe.ts'

/** What is kept of a check for the next one. */
export interface Remembered {
  universe: Universe
  sets: Uint32Array[]
  /** Whatever the caller needs to know again. */
  note: string
}

const columns = ['starts', 'names', 'operators', 'versions', 'qualifiers'] as const

/** As bytes. */
export function remember(remembered: Remembered): Buffer {
  const { universe, sets, note } = isWorn(remembered.universe.packages) ? packed(remembered) : remembered
  const tables = columns.map(name => [`item.${name}`, Int32Array.from(universe.items[name])])
  return joinSections({
    note: [note],
    ...sectionsOf(universe.words, universe.packages),
    ...wordSections('items', universe.items.words),
    ...Object.fromEntries(tables),
    ...setsOf(sets),
  })
}

/** Without the packages that are gone, and what only they spoke of. */
function packed({ universe: { words, items, packages }, sets, note }: Remembered): Remembered {
  const kept = createItems()
  const packing = packPackages(words, packages, ({ word }, item) => {
    const text = items.words.texts[item]!
    const known = findWord(kept.words, text)
    if (known !== undefined) return known
    for (let at = items.starts[item]!; at < items.starts[item + 1]!; at++) {
      kept.names.push(word(items.names[at]!))
      kept.operators.push(items.operators[at]!)
      kept.versions.push(word(items.versions[at]!))
      kept.qualifiers.push(word(items.qualifiers[at]!))
    }
    kept.starts.push(kept.names.length)
    return numberOf(kept.words, text)
  })
  return {
    universe: { words: packing.words, items: kept, packages: packing.packages },
    sets: sets.map(set => set.map(one => packing.renumbered[one]!)),
    note,
  }
}

/** @throws YardError `damaged` for bytes that `remember` did not write. */
export function recall(bytes: Buffer): Remembered {
  const sections = splitSections(bytes)
  const items = { ...createItems(), words: wordsIn(sections, 'items') }
  for (const name of columns) items[name] = numbersIn(sections, `item.${name}`)
  return {
    universe: { words: wordsIn(sections, 'words'), items, packages: packagesIn(sections) },
    sets: setsIn(sections),
    note: textsIn(sections, 'note')[0]!,
  }
}

/** Ascending, each as the distance from the one before: that compresses well. */
function setsOf(sets: readonly Uint32Array[]): Sections {
  const starts = [0]
  const steps: number[] = []
  for (const set of sets) {
    let last = 0
    for (const one of set.toSorted()) {
      steps.push(one - last)
      last = one
    }
    starts.push(steps.length)
  }
  return { 'set.starts': Int32Array.from(starts), 'set.steps': Int32Array.from(steps) }
}

function setsIn(sections: Sections): Uint32Array[] {
  const starts = sections['set.starts'] as Int32Array
  const steps = sections['set.steps'] as Int32Array
  return Array.from({ length: starts.length - 1 }, (_, i) => {
    let last = 0
    return Uint32Array.from(steps.subarray(starts[i]!, starts[i + 1]!), step => {
      last += step
      return last
    })
  })
}
