import { matchesGlob } from 'node:path'
import type { ComposeConfiguration } from '../../config/index.ts'
import { compareDebianVersions } from '../../formats/index.ts'
import type { ByteString } from '../../model/index.ts'
import type { Candidate, CandidateIndex } from './candidates.ts'
import { addDependencies, type Unresolved } from './closure.ts'

export interface Selection {
  packages: Candidate[]
  /** Dependencies that nothing in the inputs satisfies. */
  unresolved: Unresolved[]
  /** Patterns of `include` that match no package. */
  unmatched: string[]
}

/**
 * Which packages a composed repository holds: those that `include` names (all, when it names none) and `exclude` does
 * not, in the version that wins (or every version), and with-dependencies what they need. A pure function of its
 * arguments; the result is sorted and does not depend on the order of anything but `from` and `prefer`.
 */
export function select(all: CandidateIndex, compose: ComposeConfiguration): Selection {
  const excluded = compose.exclude.map(globMatcher)
  const offered: CandidateIndex = new Map()
  for (const [name, candidates] of all)
    if (!excluded.some(matches => matches(name))) offered.set(name, ranked(candidates, compose))

  const included = compose.include.map(globMatcher)
  const names = [...offered.keys()]
    .filter(name => included.length === 0 || included.some(matches => matches(name)))
    .sort()
  const unmatched = compose.include.filter((_, i) => !names.some(name => included[i]!(name)))
  const chosen = new Set<Candidate>(names.flatMap(name => winners(offered.get(name)!, compose)))
  const unresolved = compose.withDependencies ? addDependencies(chosen, offered, compose) : []
  return { packages: [...chosen].sort(byIdentity), unresolved, unmatched }
}

/** Best first: an input that `prefer` names, in its order, then the highest version, then the earlier input. */
function ranked(candidates: Candidate[], compose: ComposeConfiguration): Candidate[] {
  const preference = (candidate: Candidate) => {
    const position = compose.prefer.indexOf(candidate.repository)
    return position < 0 ? compose.prefer.length : position
  }
  return candidates.toSorted(
    (a, b) =>
      preference(a) - preference(b) ||
      compareDebianVersions(b.version, a.version) ||
      a.input - b.input ||
      (a.digest < b.digest ? -1 : 1),
  )
}

/** One package a (name, architecture), or all of them with `newest-only: false`. An `all` package rivals every architecture's. */
function winners(best: Candidate[], compose: ComposeConfiguration): Candidate[] {
  if (!compose.newestOnly) return best
  return [
    ...new Set(
      compose.architectures.flatMap(architecture => best.find(one => fits(one, architecture)) ?? []),
    ),
  ]
}

/** Can the package be installed where `architecture` is native? */
export function fits(candidate: Candidate, architecture: ByteString): boolean {
  return candidate.architecture === architecture || candidate.architecture === 'all'
}

function globMatcher(pattern: string): (name: ByteString) => boolean {
  if (!/[*?[{]/.test(pattern)) return name => name === pattern
  return name => matchesGlob(name, pattern)
}

function byIdentity(a: Candidate, b: Candidate): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1
  return (
    compareDebianVersions(a.version, b.version) ||
    (a.architecture < b.architecture
      ? -1
      : a.architecture > b.architecture
        ? 1
        : a.digest < b.digest
          ? -1
          : 1)
  )
}
