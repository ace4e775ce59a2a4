/**
 * Packages as numbers in flat tables: some 60,000 of them take a few megabytes. What a package is, is all that its row says;
 * who lists it, and how often, is counted.
 */
export interface Packages {
  names: number[]
  versions: number[]
  architectures: number[]
  flags: number[]
  /** How often it is listed where it is judged, and where it is only there for others. None of either: it is gone. */
  judged: number[]
  beside: number[]
  /** Three lists a package: list `k` of package `p` are `lists` from `starts[3 * p + k]` to below the next start. */
  starts: number[]
  lists: number[]
  /** The last one of each name, and the one of the same name before each; -1: none. */
  lastOf: Map<number, number>
  before: number[]
}

export type Role = 'judged' | 'beside'

export interface Row {
  name: number
  version: number
  architecture: number
  flags: number
  lists: [number[], number[], number[]]
}

export type ListNumber = 0 | 1 | 2

export function createPackages(): Packages {
  return {
    names: [],
    versions: [],
    architectures: [],
    flags: [],
    judged: [],
    beside: [],
    starts: [0],
    lists: [],
    lastOf: new Map(),
    before: [],
  }
}

/** One more listing of a package. Answers its number. */
export function addRow(packages: Packages, row: Row, role: Role): number {
  const one = find(packages, row) ?? append(packages, row)
  packages[role][one]!++
  return one
}

/** One listing less. Answers the package's number; undefined: it was not listed. */
export function dropRow(packages: Packages, row: Row, role: Role): number | undefined {
  const one = find(packages, row)
  if (one === undefined || packages[role][one] === 0) return undefined
  packages[role][one]!--
  return one
}

export function isThere({ judged, beside }: Packages, one: number): boolean {
  return judged[one]! + beside[one]! > 0
}

export function listOf({ starts, lists }: Packages, one: number, list: ListNumber): number[] {
  return lists.slice(starts[3 * one + list]!, starts[3 * one + list + 1]!)
}

/** Takes up a package that is not there yet, with no listing. */
export function append(packages: Packages, row: Row): number {
  const one = packages.names.push(row.name) - 1
  packages.versions.push(row.version)
  packages.architectures.push(row.architecture)
  packages.flags.push(row.flags)
  packages.judged.push(0)
  packages.beside.push(0)
  for (const list of row.lists) {
    for (const number of list) packages.lists.push(number)
    packages.starts.push(packages.lists.length)
  }
  chain(packages, one)
  return one
}

/** Makes a package of the tables one that is found by its name. */
export function chain({ names, lastOf, before }: Packages, one: number): void {
  before.push(lastOf.get(names[one]!) ?? -1)
  lastOf.set(names[one]!, one)
}

function find(packages: Packages, row: Row): number | undefined {
  let one = packages.lastOf.get(row.name) ?? -1
  while (one >= 0 && !isSame(packages, one, row)) one = packages.before[one]!
  return one < 0 ? undefined : one
}

function isSame({ versions, architectures, flags, starts, lists }: Packages, one: number, row: Row): boolean {
  if (versions[one] !== row.version || architectures[one] !== row.architecture || flags[one] !== row.flags)
    return false
  return row.lists.every((list, k) => {
    const start = starts[3 * one + k]!
    return (
      starts[3 * one + k + 1]! - start === list.length &&
      list.every((number, i) => lists[start + i] === number)
    )
  })
}
