import { numbersIn, packagesIn, packPackages, sectionsOf, textsIn, wordsIn } from '../remember.ts'
import { joinSections, splitSections } from '../sections.ts'
import { createWords, numberOf } from '../words.ts'
import { createDependencies, type RpmUniverse } from './universe.ts'

/** What is kept of a check for the next one. */
export interface RememberedRpm {
  universe: RpmUniverse
  /** Whatever the caller needs to know again. */
  note: string
}

const columns = ['names', 'flags', 'epochs', 'versions', 'releases'] as const

/** As bytes; packages that are gone are forgotten, and what only they spoke of. */
export function rememberRpm({
  universe: { words, dependencies, packages, extra },
  note,
}: RememberedRpm): Buffer {
  const kept = createDependencies()
  const packing = packPackages(words, packages, ({ word }, number, list) => {
    if (list === 2) return word(number)
    const text = dependencies.words.texts[number]!
    const known = kept.words.numbers.get(text)
    if (known !== undefined) return known
    for (const name of columns)
      kept[name].push(name === 'flags' ? dependencies.flags[number]! : word(dependencies[name][number]!))
    return numberOf(kept.words, text)
  })
  const owners = extra.ones.map(one => packing.renumbered[one]!)
  const paths = extra.paths.filter((_, i) => owners[i]! >= 0).map(packing.word)
  const tables = columns.map(name => [`dependency.${name}`, Int32Array.from(kept[name])])
  return joinSections({
    note: [note],
    ...sectionsOf(packing.words, packing.packages),
    dependencies: kept.words.texts,
    ...Object.fromEntries(tables),
    'extra.ones': Int32Array.from(owners.filter(one => one >= 0)),
    'extra.paths': Int32Array.from(paths),
  })
}

/** @throws YardError `damaged` for bytes that `rememberRpm` did not write. */
export function recallRpm(bytes: Buffer): RememberedRpm {
  const sections = splitSections(bytes)
  const dependencies = { ...createDependencies(), words: createWords(textsIn(sections, 'dependencies')) }
  for (const name of columns) dependencies[name] = numbersIn(sections, `dependency.${name}`)
  return {
    universe: {
      words: wordsIn(sections),
      dependencies,
      packages: packagesIn(sections),
      extra: { ones: numbersIn(sections, 'extra.ones'), paths: numbersIn(sections, 'extra.paths') },
    },
    note: textsIn(sections, 'note')[0]!,
  }
}
