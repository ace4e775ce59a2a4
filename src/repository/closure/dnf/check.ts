import { type ByteString, type DnfSnapshot, textOfByteString } from '../../../model/index.ts'
import { decodePackageKey, packagePrefix } from '../../../tree/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { fragmentsOfValue } from '../../rpm-listings.ts'
import type { ClosureProblem, ClosureVerdict } from '../closure-check.ts'
import { type Listing, listingChanges, listingOf } from '../listings.ts'
import { addRow, dropRow } from '../packages.ts'
import type { Pause } from '../pause.ts'
import { findOwners } from './owners.ts'
import { recallRpm, rememberRpm } from './remember.ts'
import { createRowReader } from './row-reader.ts'
import { createRpmUniverse, type RpmUniverse } from './universe.ts'
import { missingPaths, type Unsatisfied, unsatisfiedIn } from './unsatisfied.ts'

/** What is judged together. */
export interface DnfWorld {
  judged: readonly DnfSnapshot[]
  /** Repositories that the machines have, too: they satisfy, and are not judged. */
  beside: readonly DnfSnapshot[]
}

/**
 * Which packages require what nothing provides, for each kind of machine, as `dnf repoclosure` finds it. Each version that is
 * listed is judged. Only dependencies are held in memory; filelists.xml is read where a path is asked for that primary.xml does not list.
 * @param before what was remembered of the last check of these repositories; undefined: everything is read.
 * @returns the verdicts, and what to remember.
 * @throws YardError `invalid` for a fragment that is none; `damaged` or `not-found` for a page, or a memory, that cannot be read;
 *   whatever fetching filelists.xml throws.
 */
export async function checkDnf(
  context: RepositoryContext,
  { judged, beside }: DnfWorld,
  before: Buffer | undefined,
  pause: Pause,
  signal: AbortSignal | undefined,
): Promise<{ verdicts: ClosureVerdict[]; memory: Buffer }> {
  const prefixes = [packagePrefix('rpm')]
  const listings = [
    ...judged.map(snapshot => listingOf(snapshot, 'judged', prefixes)),
    ...beside.map(snapshot => listingOf(snapshot, 'beside', prefixes)),
  ]
  const recalled = before === undefined ? undefined : recallRpm(before)
  const universe = recalled?.universe ?? createRpmUniverse()
  const old = recalled === undefined ? [] : (JSON.parse(recalled.note) as Listing[])
  await change(context, universe, old, listings, pause)
  let unsatisfied = unsatisfiedIn(universe)
  const paths = missingPaths(universe, unsatisfied)
  if (paths.size > 0 && (await findOwners(context, universe, [...judged, ...beside], paths, pause, signal)))
    unsatisfied = unsatisfiedIn(universe)
  return {
    verdicts: unsatisfied.map(each => verdictOf(universe, each)),
    memory: rememberRpm({ universe, note: JSON.stringify(listings) }),
  }
}

const notInstalled = ['src', 'nosrc']

async function change(
  context: RepositoryContext,
  universe: RpmUniverse,
  old: Listing[],
  listings: Listing[],
  pause: Pause,
): Promise<void> {
  const rowOf = createRowReader(universe)
  for await (const changes of listingChanges(context, old, listings, pause))
    for (const { listing, key, value, came } of changes) {
      const { name, version, architecture } = decodePackageKey(key)
      if (notInstalled.includes(architecture)) continue
      const row = rowOf({ name, version, architecture }, fragmentsOfValue(value)[0]!)
      if (came) addRow(universe.packages, row, listing.role)
      else dropRow(universe.packages, row, listing.role)
    }
}

function verdictOf(
  universe: RpmUniverse,
  { architecture, packages: count, found }: Unsatisfied,
): ClosureVerdict {
  const { packages, words, dependencies } = universe
  const problems = new Map<number, ClosureProblem>()
  const word = (number: number): ByteString => words.texts[number]!
  for (const [one, dependency] of found) {
    if (problems.has(one)) continue
    const text = dependencies.words.texts[dependency]!
    const title = `${word(packages.names[one]!)} ${word(packages.versions[one]!)}`
    problems.set(one, {
      package: word(packages.names[one]!),
      version: word(packages.versions[one]!),
      architecture,
      text: textOfByteString(`${title} -> ${text}: nothing provides it`),
      root: textOfByteString(`missing ${text}`),
    })
  }
  const sorted = [...problems.values()].sort((a, b) => (a.package < b.package ? -1 : 1))
  return { format: 'dnf', architecture, packages: count, problems: sorted }
}
