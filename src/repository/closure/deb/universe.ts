import { parseDependencies, type Relation } from '../../../formats/index.ts'
import { type ByteString, isYardError } from '../../../model/index.ts'
import { createPackages, type Packages, type Row } from '../packages.ts'
import { createWords, findWord, numberOf, type Words } from '../words.ts'
import type { Facts } from './facts.ts'

/** The packages that one kind of machine is offered, and what they ask for. */
export interface Universe {
  /** Names, versions and architectures. */
  words: Words
  items: Items
  /** Their lists are items: Depends, Conflicts, Provides. */
  packages: Packages
}

/** What stands between two commas: alternatives. One that is malformed has none. */
export interface Items {
  words: Words
  /** Alternatives of item `i` are the relations from `starts[i]` to below `starts[i + 1]`. */
  starts: number[]
  names: number[]
  operators: number[]
  /** -1: any version. */
  versions: number[]
  /** What stands behind the name's colon; -1: nothing. */
  qualifiers: number[]
}

export const operators = ['<<', '<=', '=', '>=', '>>'] as const
const essentialFlag = 1
const allowedFlag = 2

export function createUniverse(): Universe {
  return { words: createWords(), items: createItems(), packages: createPackages() }
}

export function createItems(): Items {
  return { words: createWords(), starts: [0], names: [], operators: [], versions: [], qualifiers: [] }
}

export function isEssential({ flags }: Packages, one: number): boolean {
  return (flags[one]! & essentialFlag) !== 0
}

export function isAllowed({ flags }: Packages, one: number): boolean {
  return (flags[one]! & allowedFlag) !== 0
}

/** `name version`, for people. */
export function titleOf({ words, packages }: Universe, one: number): string {
  return `${words.texts[packages.names[one]!]} ${words.texts[packages.versions[one]!]}`
}

/** A package in the universe's numbers; what is new among its words and items is taken up. */
export function rowOf({ words, items }: Universe, facts: Facts): Row {
  const list = (texts: ByteString[]) => texts.map(text => itemOf(items, words, text))
  return {
    name: numberOf(words, facts.name),
    version: numberOf(words, facts.version),
    architecture: numberOf(words, facts.architecture),
    flags: (facts.essential ? essentialFlag : 0) | (facts.allowed ? allowedFlag : 0),
    lists: [list(facts.depends), list(facts.conflicts), list(facts.provides)],
  }
}

function itemOf(items: Items, words: Words, text: ByteString): number {
  const known = findWord(items.words, text)
  if (known !== undefined) return known
  for (const { name, version, qualifier } of relationsOf(text)) {
    items.names.push(numberOf(words, name))
    items.operators.push(version === undefined ? 0 : operators.indexOf(version.operator))
    items.versions.push(version === undefined ? -1 : numberOf(words, version.version))
    items.qualifiers.push(qualifier === undefined ? -1 : numberOf(words, qualifier))
  }
  items.starts.push(items.names.length)
  return numberOf(items.words, text)
}

/** None where it is malformed: nothing satisfies it, as dpkg would refuse the package. */
function relationsOf(text: ByteString): Relation[] {
  try {
    return parseDependencies(text, 'a dependency').flat()
  } catch (error) {
    if (isYardError(error, 'invalid')) return []
    throw error
  }
}
