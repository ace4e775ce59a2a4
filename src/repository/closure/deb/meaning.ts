import { satisfiesVersion } from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'
import { type Groups, grouped, groupOf } from '../groups.ts'
import { isThere, type ListNumber, listOf } from '../packages.ts'
import { isAllowed, isEssential, operators, type Universe } from './universe.ts'

/** What the items of a universe mean as long as it does not change: who satisfies what, and who cannot stand beside whom. */
export interface Meaning {
  universe: Universe
  /** How many package numbers there are, also of those that are gone. */
  count: number
  /** Packages that satisfy an item: of each alternative first those of the name, then those that provide it. Each once. */
  candidates(item: number): readonly number[]
  /** What one package asks for; of a package that is gone, too. */
  depends(one: number): readonly number[]
  /** Those that it forbids, or that forbid it, but for its namesakes; the package itself never counts (Debian Policy, 7.4). */
  enemies(one: number): readonly number[]
  /** All of a name, in whatever version. */
  named(name: number): number[]
  /** All of its name, itself included: only one of them can be installed. */
  namesakes(one: number): Uint32Array
  /** The conflict of `one` that `other` meets; undefined: none does. */
  conflictBetween(one: number, other: number): number | undefined
  /** Packages that ask for an item. */
  dependants(item: number): Uint32Array
  /** Items that packages ask for and that speak of something this package is or provides. */
  concerned(one: number): number[]
  /** A text of the package that is no dependency. */
  malformed(one: number): number | undefined
  /** The packages of each essential name: one of each is part of every installation. */
  essentials: readonly (readonly number[])[]
}

/** @param native what `:native` and `:amd64` are compared with. */
export function meaningOf(universe: Universe, native: ByteString): Meaning {
  const { packages, items, words } = universe
  const count = packages.names.length
  const there = Uint8Array.from({ length: count }, (_, one) => Number(isThere(packages, one)))
  const eachItem = (part: ListNumber, visit: (one: number, item: number) => void) => {
    for (let one = 0; one < count; one++)
      if (there[one] === 1)
        for (let at = packages.starts[3 * one + part]!; at < packages.starts[3 * one + part + 1]!; at++)
          visit(one, packages.lists[at]!)
  }
  const itemCount = items.words.texts.length
  const byName = grouped(words.texts.length, add => {
    for (let one = 0; one < count; one++) if (there[one] === 1) add(packages.names[one]!, one)
  })
  const providers = providersByName(words.texts.length, items, visit => eachItem(2, visit))
  const askers = grouped(itemCount, add => eachItem(0, (one, item) => add(item, one)))
  const forbidders = grouped(itemCount, add => eachItem(1, (one, item) => add(item, one)))
  const mentions = (by: Groups) =>
    grouped(words.texts.length, add => {
      for (let item = 0; item < itemCount; item++)
        if (by.starts[item + 1]! > by.starts[item]!)
          for (let at = items.starts[item]!; at < items.starts[item + 1]!; at++) add(items.names[at]!, item)
    })
  const asked = mentions(askers)
  const forbidden = mentions(forbidders)

  const resolved: (readonly number[] | undefined)[] = new Array(itemCount)
  const seen = new Uint32Array(count)
  let round = 0

  function candidates(item: number): readonly number[] {
    const known = resolved[item]
    if (known !== undefined) return known
    const found: number[] = []
    round++
    for (let at = items.starts[item]!; at < items.starts[item + 1]!; at++) addMatches(at, found)
    const list = found.length === 0 ? nothing : found
    resolved[item] = list
    return list
  }

  function addMatches(relation: number, found: number[]): void {
    const name = items.names[relation]!
    const qualifier = items.qualifiers[relation]! < 0 ? undefined : words.texts[items.qualifiers[relation]!]!
    if (qualifier !== undefined && qualifier !== 'any' && qualifier !== 'native' && qualifier !== native)
      return
    const take = (one: number) => {
      if (seen[one] === round || (qualifier === 'any' && !isAllowed(packages, one))) return
      seen[one] = round
      found.push(one)
    }
    for (const one of groupOf(byName, name)) if (isMeant(relation, packages.versions[one]!)) take(one)
    for (let at = providers.starts[name]!; at < providers.starts[name + 1]!; at++)
      if (isMeant(relation, providers.versions[at]!)) take(providers.members[at]!)
  }

  /** A version of -1 is that of a Provides without one, which only a relation without one accepts (Debian Policy, 7.5). */
  function isMeant(relation: number, version: number): boolean {
    const wanted = items.versions[relation]!
    if (wanted < 0) return true
    if (version < 0) return false
    const operator = operators[items.operators[relation]!]!
    return satisfiesVersion(words.texts[version]!, { operator, version: words.texts[wanted]! })
  }

  const enemyLists: (readonly number[] | undefined)[] = new Array(count)

  function enemies(one: number): readonly number[] {
    const known = enemyLists[one]
    if (known !== undefined) return known
    const found = new Set<number>()
    for (const item of listOf(packages, one, 1)) for (const other of candidates(item)) found.add(other)
    for (const item of mentioning(forbidden, one))
      if (candidates(item).includes(one)) for (const other of groupOf(forbidders, item)) found.add(other)
    for (const other of groupOf(byName, packages.names[one]!)) found.delete(other)
    found.delete(one)
    const list = found.size === 0 ? nothing : [...found]
    enemyLists[one] = list
    return list
  }

  /** Items of the kind that name what the package is or provides. */
  function mentioning(by: Groups, one: number): number[] {
    const found = [...groupOf(by, packages.names[one]!)]
    for (const item of listOf(packages, one, 2))
      for (let at = items.starts[item]!; at < items.starts[item + 1]!; at++)
        found.push(...groupOf(by, items.names[at]!))
    return found
  }

  return {
    universe,
    count,
    candidates,
    depends: one => listOf(packages, one, 0),
    enemies,
    named: name => [...groupOf(byName, name)],
    namesakes: one => groupOf(byName, packages.names[one]!),
    conflictBetween: (one, other) => listOf(packages, one, 1).find(item => candidates(item).includes(other)),
    dependants: item => groupOf(askers, item),
    concerned: one => mentioning(asked, one),
    malformed: one => {
      const all = packages.lists.slice(packages.starts[3 * one]!, packages.starts[3 * one + 3]!)
      return all.find(item => items.starts[item] === items.starts[item + 1])
    },
    essentials: essentialsOf(),
  }

  function essentialsOf(): number[][] {
    const groups = new Map<number, number[]>()
    for (let one = 0; one < count; one++)
      if (there[one] === 1 && isEssential(packages, one)) {
        const name = packages.names[one]!
        groups.set(name, [...(groups.get(name) ?? []), one])
      }
    return [...groups.values()]
  }
}

const nothing: readonly number[] = []

interface Providers extends Groups {
  /** In which version each member provides the name; -1: in none. */
  versions: Int32Array
}

/** What has another operator than `=` provides nothing, to apt as to us. */
function providersByName(
  names: number,
  items: Universe['items'],
  each: (visit: (one: number, item: number) => void) => void,
): Providers {
  const equal = operators.indexOf('=')
  const provided = (visit: (name: number, one: number, version: number) => void) =>
    each((one, item) => {
      const at = items.starts[item]!
      if (items.starts[item + 1]! - at !== 1) return
      const version = items.versions[at]!
      if (version < 0 || items.operators[at] === equal) visit(items.names[at]!, one, version)
    })
  const { starts, members } = grouped(names, add => provided((name, one) => add(name, one)))
  const versions = new Int32Array(members.length)
  const next = starts.slice()
  provided((name, _, version) => {
    versions[next[name]!++] = version
  })
  return { starts, members, versions }
}
