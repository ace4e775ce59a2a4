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
import { joinSections, splitSections } from '../sections.ts'
import { findWord, numberOf } from '../words.ts'
import { createDependencies, type RpmUniverse } from './universe.ts'

/** What is kept of a check for the next one. */
export interface RememberedRpm {
  universe: RpmUniverse
  /** Whatever the caller needs to know again. */
  note: string
}

const columns = ['names', 'flags', 'epochs', 'versions', 'releases'] as const

/** As bytes. */
export function rememberRpm(remembered: RememberedRpm): Buffer {
  const { universe, note } = remembered
  const { words, dependencies, packages, extra } = isWorn(universe.packages) ? packed(universe) : universe
  const tables = columns.map(name => [`dependency.${name}`, Int32Array.from(dependencies[name])])
  return joinSections({
    note: [note],
    ...sectionsOf(words, packages),
    ...wordSections('dependencies', dependencies.words),
    ...Object.fromEntries(tables),
    'extra.ones': Int32Array.from(extra.ones),
    'extra.paths': Int32Array.from(extra.paths),
  })
}

/** Without the packages that are gone, and what only they spoke of. */
function packed({ words, dependencies, packages, extra }: RpmUniverse): RpmUniverse {
  const kept = createDependencies()
  const packing = packPackages(words, packages, ({ word }, number, list) => {
    if (list === 2) return word(number)
    const text = dependencies.words.texts[number]!
    const known = findWord(kept.words, text)
    if (known !== undefined) return known
    for (const name of columns)
      kept[name].push(name === 'flags' ? dependencies.flags[number]! : word(dependencies[name][number]!))
    return numberOf(kept.words, text)
  })
  const owners = extra.ones.map(one => packing.renumbered[one]!)
  return {
    words: packing.words,
    dependencies: kept,
    packages: packing.packages,
    extra: {
      ones: owners.filter(one => one >= 0),
      paths: extra.paths.filter((_, i) => owners[i]! >= 0).map(packing.word),
    },
  }
}

/** @throws YardError `damaged` for bytes that `rememberRpm` did not write. */
export function recallRpm(bytes: Buffer): RememberedRpm {
  const sections = splitSections(bytes)
  const dependencies = { ...createDependencies(), words: wordsIn(sections, 'dependencies') }
  for (const name of columns) dependencies[name] = numbersIn(sections, `dependency.${name}`)
  return {
    universe: {
      words: wordsIn(sections, 'words'),
      dependencies,
      packages: packagesIn(sections),
      extra: { ones: numbersIn(sections, 'extra.ones'), paths: numbersIn(sections, 'extra.paths') },
    },
    note: textsIn(sections, 'note')[0]!,
  }
}
