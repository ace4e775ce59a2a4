import type { ByteString } from '../../model/index.ts'
import { append, chain, createPackages, isThere, listOf, type Packages } from './packages.ts'
import type { Sections } from './sections.ts'
import { createWords, numberOf, recallWords, slotsOf, type Words } from './words.ts'

/** Whether so many packages are gone that it pays to copy the rest into tables of their own. */
export function isWorn(packages: Packages): boolean {
  const count = packages.names.length
  let gone = 0
  for (let one = 0; one < count; one++) if (!isThere(packages, one)) gone++
  return gone * 5 > count
}

/** Copies what is still spoken of into tables without gaps, by new numbers. */
export interface Packing {
  words: Words
  packages: Packages
  /** The new number of a word; -1 stays what it is. */
  word(old: number): number
  /** New numbers of packages, by their old ones; -1: it is gone. */
  renumbered: Int32Array
}

/** Packages that are gone are forgotten. `repack` gives the new numbers of a package's lists. */
export function packPackages(
  words: Words,
  packages: Packages,
  repack: (packing: Packing, number: number, list: 0 | 1 | 2) => number,
): Packing {
  const packing: Packing = {
    words: createWords(),
    packages: createPackages(),
    word: old => (old < 0 ? -1 : numberOf(packing.words, words.texts[old]!)),
    renumbered: new Int32Array(packages.names.length).fill(-1),
  }
  const kept = packing.packages
  for (let one = 0; one < packages.names.length; one++) {
    if (!isThere(packages, one)) continue
    const list = (k: 0 | 1 | 2) => listOf(packages, one, k).map(number => repack(packing, number, k))
    const now = append(kept, {
      name: packing.word(packages.names[one]!),
      version: packing.word(packages.versions[one]!),
      architecture: packing.word(packages.architectures[one]!),
      flags: packages.flags[one]!,
      lists: [list(0), list(1), list(2)],
    })
    kept.judged[now] = packages.judged[one]!
    kept.beside[now] = packages.beside[one]!
    packing.renumbered[one] = now
  }
  return packing
}

const columns = [
  'names',
  'versions',
  'architectures',
  'flags',
  'judged',
  'beside',
  'starts',
  'lists',
] as const

export function sectionsOf(words: Words, packages: Packages): Sections {
  const tables = columns.map(name => [`package.${name}`, Int32Array.from(packages[name])])
  return { ...wordSections('words', words), ...Object.fromEntries(tables) }
}

export function wordSections(name: string, { texts }: Words): Sections {
  return { [name]: texts, [`${name}.slots`]: slotsOf(texts) }
}

export function wordsIn(sections: Sections, name: string): Words {
  return recallWords(textsIn(sections, name), sections[`${name}.slots`] as Int32Array)
}

export function packagesIn(sections: Sections): Packages {
  const packages = createPackages()
  for (const name of columns) packages[name] = numbersIn(sections, `package.${name}`)
  for (let one = 0; one < packages.names.length; one++) chain(packages, one)
  return packages
}

/** `Array.from` would go through an iterator, which takes twenty times as long. */
export function numbersIn(sections: Sections, name: string): number[] {
  const section = sections[name] as Int32Array
  const numbers: number[] = new Array(section.length)
  for (let i = 0; i < section.length; i++) numbers[i] = section[i]!
  return numbers
}

export function textsIn(sections: Sections, name: string): ByteString[] {
  return sections[name] as ByteString[]
}
