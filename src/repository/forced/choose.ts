import { type ByteString, byteStringOfText } from '../../model/index.ts'
import { globMatcher } from '../compose/select.ts'
import type { RepositoryContext } from '../context.ts'
import type { Transplant } from '../derive/transplant.ts'
import { type DebNeed, debUniverse } from './deb-universe.ts'
import { forcedAlong, type Member, type Universe } from './forced.ts'
import type { Built, Families } from './mates.ts'
import type { SnapshotPair } from './read-members.ts'
import { rpmUniverse } from './rpm-universe.ts'

/** A name that moves, and the pattern that led to it. */
export interface MovedName {
  name: ByteString
  by: string
  /** It was built from what was asked for; else dependencies force it to move too. */
  asked: boolean
}

/** A dependency that the snapshots would be left with, and that nothing offered satisfies. */
export interface OpenNeed {
  package: ByteString
  version: ByteString
  dependency: string
}

/** What some packages' move from the bases to the sources comes to. */
export interface Chosen {
  /** By the format of repositories. */
  moved: { [format in SnapshotPair['base']['format']]: Transplant }
  names: MovedName[]
  open: OpenNeed[]
  /** Patterns that name no package. */
  unmatched: string[]
}

/**
 * Which packages have to be as the sources have them, when those that the patterns name are: everything that was built from the same
 * source packages, and what dependencies force. All pairs are looked at together, as one machine may use all of them.
 * @param patterns names of packages or source packages, or globs.
 */
export async function chooseTransplant(
  context: RepositoryContext,
  pairs: readonly SnapshotPair[],
  patterns: readonly string[],
  signal: AbortSignal,
): Promise<Chosen> {
  const of = (format: SnapshotPair['base']['format']) => pairs.filter(({ base }) => base.format === format)
  const [debs, rpms] = [of('apt'), of('dnf')]
  const apt =
    debs.length === 0
      ? nothing
      : chosenIn(await debUniverse(context, debs), patterns, ({ relations }: DebNeed) =>
          relations.map(({ text }) => text).join(' | '),
        )
  const dnf =
    rpms.length === 0
      ? nothing
      : chosenIn(await rpmUniverse(context, rpms, signal), patterns, ({ text }) => text)
  return {
    moved: { apt: apt.transplant, dnf: dnf.transplant },
    names: [...apt.names, ...dnf.names],
    open: [...apt.open, ...dnf.open],
    unmatched: patterns.filter(pattern => !apt.matched.has(pattern) && !dnf.matched.has(pattern)),
  }
}

interface ChosenIn {
  transplant: Transplant
  names: MovedName[]
  open: OpenNeed[]
  matched: Set<string>
}

const nothing: ChosenIn = {
  transplant: { packages: new Set(), sources: new Set() },
  names: [],
  open: [],
  matched: new Set(),
}

function chosenIn<P extends Built, R>(
  universe: Universe<P, R> & { families: Families<P> },
  patterns: readonly string[],
  textOf: (need: R) => string,
): ChosenIn {
  const matched = new Set<string>()
  const asked = new Map<ByteString, string>()
  for (const pattern of patterns) {
    const matches = globMatcher(byteStringOfText(pattern))
    for (const name of universe.families.names())
      if (matches(name) || universe.named(name).some(one => matches(one.source))) {
        matched.add(pattern)
        if (!asked.has(name)) asked.set(name, pattern)
      }
  }
  const withMates = new Set([...asked.keys()].flatMap(name => [name, ...universe.mates(name)]))
  const { moved, gaps } = forcedAlong(universe, asked)
  const differing = [...moved].filter(([name]) => differs(universe.named(name)))
  return {
    transplant: {
      packages: new Set(differing.map(([name]) => name)),
      sources: new Set(
        differing.flatMap(([name]) =>
          universe
            .named(name)
            .filter(isMoving)
            .map(({ source }) => source),
        ),
      ),
    },
    names: differing.map(([name, by]) => ({ name, by, asked: withMates.has(name) })),
    open: unique(
      gaps.map(({ one, need }) => ({
        package: one.name,
        version: one.version,
        dependency: textOf(need),
      })),
    ),
    matched,
  }
}

function differs(members: readonly Member[]): boolean {
  return members.some(isMoving)
}

function isMoving({ inBase, inSource }: Member): boolean {
  return inBase !== inSource
}

/** Machines of several architectures may miss the same. */
function unique(needs: OpenNeed[]): OpenNeed[] {
  return [...new Map(needs.map(need => [JSON.stringify(need), need])).values()]
}
