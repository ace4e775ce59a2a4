import type { AptSnapshot, ByteString } from '../../../model/index.ts'
import { packagePrefix } from '../../../tree/index.ts'
import type { RepositoryContext } from '../../context.ts'
import type { ClosureProblem, ClosureVerdict } from '../closure-check.ts'
import { type Listing, listingChanges, listingOf } from '../listings.ts'
import { addRow, dropRow, isThere } from '../packages.ts'
import type { Pause } from '../pause.ts'
import { createExplainer } from './explain.ts'
import { readFacts } from './facts.ts'
import { type Meaning, meaningOf } from './meaning.ts'
import { type Proofs, prove } from './prove.ts'
import { recall, remember } from './remember.ts'
import { successorsOf } from './successors.ts'
import type { Changes } from './trial.ts'
import { createUniverse, rowOf, type Universe } from './universe.ts'

/** What is judged together, for machines of one architecture. */
export interface AptWorld {
  architecture: ByteString
  judged: readonly AptSnapshot[]
  /** Repositories that such a machine has, too: they satisfy, and are not judged. */
  beside: readonly AptSnapshot[]
}

/** The architectures that the snapshots have packages of their own for, in order. */
export function architecturesOf(snapshots: readonly AptSnapshot[]): ByteString[] {
  const all = snapshots.flatMap(({ suites }) => suites.flatMap(({ architectures }) => architectures))
  return [...new Set(all)].filter(name => name !== 'all' && name !== 'source').sort()
}

/**
 * Which packages cannot be installed on a machine that has all of these repositories and nothing else: as dose-debcheck judges
 * it, Depends and Pre-Depends must be satisfiable together with every Essential package and without Conflicts and Breaks. Each
 * version that is listed is judged. Only dependency fields are held in memory.
 * @param before what was remembered of the last check of these repositories; undefined: everything is read.
 * @returns the verdict, and what to remember.
 * @throws YardError `invalid` for a stanza that is none; `damaged` or `not-found` for a page, or a memory, that cannot be read.
 */
export async function checkApt(
  context: RepositoryContext,
  { architecture, judged, beside }: AptWorld,
  before: Buffer | undefined,
  pause: Pause,
): Promise<{ verdict: ClosureVerdict; memory: Buffer }> {
  const listings = [
    ...judged.map(snapshot => listingOf(snapshot, 'judged', prefixesOf(snapshot, architecture))),
    ...beside.map(snapshot => listingOf(snapshot, 'beside', prefixesOf(snapshot, architecture))),
  ]
  const recalled = before === undefined ? undefined : recall(before)
  const universe = recalled?.universe ?? createUniverse()
  const old = recalled === undefined ? [] : (JSON.parse(recalled.note) as Listing[])
  const changes = await change(context, universe, { architecture, old, listings }, pause)
  const meaning = meaningOf(universe, architecture)
  const proofs = await prove(meaning, recalled?.sets ?? [], changes, pause)
  return {
    verdict: verdictOf(meaning, proofs, architecture),
    memory: remember({ universe, sets: proofs.sets, note: JSON.stringify(listings) }),
  }
}

/** Where the packages of a machine are listed: in its architecture's index, in that of `all`, or in a flat repository's only one. */
function prefixesOf({ suites }: AptSnapshot, architecture: ByteString): ByteString[] {
  return suites.flatMap(({ suite, components }) =>
    (components.length === 0 ? [''] : components).flatMap(component =>
      [architecture, 'all', ''].map(index => packagePrefix('deb', suite, component, index)),
    ),
  )
}

async function change(
  context: RepositoryContext,
  universe: Universe,
  { architecture, old, listings }: { architecture: ByteString; old: Listing[]; listings: Listing[] },
  pause: Pause,
): Promise<Changes> {
  const dropped = new Set<number>()
  const added = new Set<number>()
  for await (const changes of listingChanges(context, old, listings, pause))
    for (const { listing, value, came } of changes) {
      const facts = readFacts(value, 'the packages tree')
      if (facts.architecture !== architecture && facts.architecture !== 'all') continue
      const row = rowOf(universe, facts)
      if (came) added.add(addRow(universe.packages, row, listing.role))
      else {
        const one = dropRow(universe.packages, row, listing.role)
        if (one !== undefined) dropped.add(one)
      }
    }
  const gone = new Set([...dropped].filter(one => !isThere(universe.packages, one)))
  return { gone, successors: successorsOf(universe, gone, added) }
}

function verdictOf(meaning: Meaning, { broken }: Proofs, architecture: ByteString): ClosureVerdict {
  const { packages, words } = meaning.universe
  const problems: ClosureProblem[] = []
  const explain = createExplainer(meaning, broken)
  let count = 0
  for (let one = 0; one < meaning.count; one++) {
    if (packages.judged[one] === 0) continue
    count++
    if (!broken.has(one)) continue
    problems.push({
      package: words.texts[packages.names[one]!]!,
      version: words.texts[packages.versions[one]!]!,
      architecture,
      ...explain(one),
    })
  }
  return { format: 'apt', architecture, packages: count, problems: problems.sort(byName) }
}

function byName(a: ClosureProblem, b: ClosureProblem): number {
  if (a.package !== b.package) return a.package < b.package ? -1 : 1
  return a.version < b.version ? -1 : 1
}
