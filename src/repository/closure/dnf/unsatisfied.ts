import { parseRichDependency, type RichDependency, satisfies } from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'
import { isSatisfied } from '../../compose/dnf/dependency-check.ts'
import type { Provider, Providers } from '../../compose/dnf/dependency-index.ts'
import { type World, worldsOf } from '../../compose/dnf/worlds.ts'
import { grouped, groupOf } from '../groups.ts'
import { isThere, listOf } from '../packages.ts'
import { findWord } from '../words.ts'
import { dependencyOf, type RpmUniverse } from './universe.ts'

/** What packages ask for in vain, on one kind of machine. */
export interface Unsatisfied {
  architecture: ByteString
  /** How many packages were judged. */
  packages: number
  /** Package numbers with the numbers of dependencies. */
  found: [one: number, dependency: number][]
}

/**
 * What the judged packages require and no package provides, for each kind of machine that they are for: what `dnf repoclosure`
 * finds, but that `x if y` asks for `x` only where something provides `y`, and `x and y` for both. Source packages are not looked at; no conflict is.
 */
export function unsatisfiedIn(universe: RpmUniverse): Unsatisfied[] {
  const { packages, words } = universe
  const there = Array.from({ length: packages.names.length }, (_, one) => one).filter(one =>
    isThere(packages, one),
  )
  const providers = providersOf(universe, there)
  return worldsFor(universe, there).map(world => {
    const ranks = new Map<number, boolean>()
    const isHere = (one: number) => {
      const architecture = packages.architectures[one]!
      const known = ranks.get(architecture)
      if (known !== undefined) return known
      const fits = world.rank(words.texts[architecture]!) !== undefined
      ranks.set(architecture, fits)
      return fits
    }
    const judged = there.filter(one => packages.judged[one]! > 0 && isHere(one))
    const verdicts = new Int8Array(universe.dependencies.names.length)
    const found: Unsatisfied['found'] = []
    for (const one of judged)
      for (let at = packages.starts[3 * one]!; at < packages.starts[3 * one + 1]!; at++) {
        const dependency = packages.lists[at]!
        verdicts[dependency] ||= judge(universe, providers, isHere, dependency) ? 1 : -1
        if (verdicts[dependency] === -1) found.push([one, dependency])
      }
    return { architecture: world.native, packages: judged.length, found }
  })
}

/** The paths of files that are asked for and that no package is known to have. */
export function missingPaths(universe: RpmUniverse, unsatisfied: readonly Unsatisfied[]): Set<ByteString> {
  const paths = new Set<ByteString>()
  for (const { found } of unsatisfied)
    for (const [, dependency] of found) {
      const text = dependencyOf(universe, dependency).name
      for (const path of text.match(/\/[^\s()]*/g) ?? []) paths.add(path)
    }
  return paths
}

/** Machines that judged packages are for: a repository beside them that has others, too, adds none. */
function worldsFor({ packages, words }: RpmUniverse, there: number[]): World[] {
  const architectures = (ones: number[]) =>
    new Set(ones.map(one => words.texts[packages.architectures[one]!]!))
  const judged = [...architectures(there.filter(one => packages.judged[one]! > 0))].filter(
    name => name !== 'noarch',
  )
  return worldsOf(architectures(there)).filter(
    world => judged.length === 0 || judged.some(name => world.rank(name) !== undefined),
  )
}

function judge(
  universe: RpmUniverse,
  providers: Providers<number>,
  isHere: (one: number) => boolean,
  dependency: number,
): boolean {
  const required = dependencyOf(universe, dependency)
  if (required.name.startsWith('(')) return isSatisfied(providers, isHere, richOf(required.name))
  for (const provider of providers.providers(required.name))
    if (satisfies(provider, required) && isHere(provider.package)) return true
  return false
}

function richOf(text: ByteString): RichDependency | undefined {
  try {
    return parseRichDependency(text, 'a dependency')
  } catch {
    return undefined
  }
}

/** Who provides a name, or has a path; made for those names alone that are asked for. */
function providersOf(universe: RpmUniverse, there: readonly number[]): Providers<number> {
  const { packages, dependencies, words, extra } = universe
  const each = (list: 1 | 2, nameOf: (number: number) => number) =>
    grouped(words.texts.length, add => {
      for (const one of there)
        for (let at = packages.starts[3 * one + list]!; at < packages.starts[3 * one + list + 1]!; at++)
          add(nameOf(packages.lists[at]!), one)
    })
  const named = each(1, dependency => dependencies.names[dependency]!)
  const owners = each(2, path => path)
  const others = grouped(words.texts.length, add => {
    for (const [i, path] of extra.paths.entries())
      if (isThere(packages, extra.ones[i]!)) add(path, extra.ones[i]!)
  })
  const made = new Map<ByteString, readonly Provider<number>[]>()
  const make = (name: ByteString): readonly Provider<number>[] => {
    const word = findWord(words, name)
    if (word === undefined) return none
    const ones = [...new Set(groupOf(named, word))]
    return [
      ...ones.flatMap(one =>
        listOf(packages, one, 1)
          .filter(dependency => dependencies.names[dependency] === word)
          .map(dependency => ({ ...dependencyOf(universe, dependency), package: one })),
      ),
      ...[...groupOf(owners, word), ...groupOf(others, word)].map(one => ({
        name,
        flags: undefined,
        evr: undefined,
        package: one,
      })),
    ]
  }
  return {
    providers(name: ByteString): readonly Provider<number>[] {
      const known = made.get(name)
      if (known !== undefined) return known
      const list = make(name)
      made.set(name, list)
      return list
    },
  }
}

const none: readonly Provider<number>[] = []
