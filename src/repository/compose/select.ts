import type { ComposeConfiguration, Selector } from '../../config/index.ts'
import type { ByteString } from '../../model/index.ts'
import { type Candidate, type CandidateIndex, isSamePackage, type Unresolved } from './candidate.ts'

export interface Selection<C extends Candidate = Candidate> {
  packages: C[]
  /** Dependencies that nothing in the inputs satisfies. */
  unresolved: Unresolved[]
  /** Selectors of `include` that match no package. */
  unmatched: Selector[]
}

/** What a format says about its packages. */
export interface SelectionRules<C extends Candidate> {
  compareVersions(a: ByteString, b: ByteString): number
  /** Can the package be installed where `architecture` is native? */
  fits(candidate: C, architecture: ByteString): boolean
  /** Whether a package is one that the selector names. */
  matcher(selector: Selector): (candidate: C) => boolean
  /** Adds to `chosen` what its packages need; `offered` holds each name's packages best first. */
  addDependencies(chosen: Set<C>, offered: CandidateIndex<C>): Unresolved[]
}

/**
 * Which packages a composed repository holds: those that `include` names (all, when it names none) and `exclude` does
 * not, in the versions that win, and with-dependencies what they need. A pure function of its arguments; the result is
 * sorted and does not depend on the order of anything but `from` and `prefer`.
 */
export function select<C extends Candidate>(
  all: CandidateIndex<C>,
  compose: ComposeConfiguration,
  rules: SelectionRules<C>,
): Selection<C> {
  const excluded = compose.exclude.map(selector => rules.matcher(selector))
  const offered: CandidateIndex<C> = new Map()
  for (const [name, candidates] of all) {
    const left = candidates.filter(candidate => !excluded.some(matches => matches(candidate)))
    if (left.length > 0) offered.set(name, ranked(left, compose, rules))
  }

  const included = compose.include.map(selector => rules.matcher(selector))
  const matched = new Set<number>()
  const isIncluded = (candidate: C): boolean => {
    if (included.length === 0) return true
    let wanted = false
    for (const [i, matches] of included.entries())
      if (matches(candidate)) {
        matched.add(i)
        wanted = true
      }
    return wanted
  }
  const chosen = new Set<C>()
  for (const name of [...offered.keys()].sort())
    for (const winner of winners(offered.get(name)!.filter(isIncluded), compose, rules)) chosen.add(winner)
  const unmatched = compose.include.filter((_, i) => !matched.has(i))
  const unresolved = compose.withDependencies ? rules.addDependencies(chosen, offered) : []
  return { packages: [...chosen].sort(byIdentity(rules)), unresolved, unmatched }
}

/**
 * Best first: an input that `prefer` names, in its order, then the highest version, then the earlier input. A package that
 * several inputs offer is its best one's.
 */
function ranked<C extends Candidate>(
  candidates: C[],
  compose: ComposeConfiguration,
  rules: SelectionRules<C>,
): C[] {
  const preference = (candidate: Candidate) => {
    const position = compose.prefer.indexOf(candidate.repository)
    return position < 0 ? compose.prefer.length : position
  }
  const best = candidates.toSorted(
    (a, b) =>
      preference(a) - preference(b) ||
      rules.compareVersions(b.version, a.version) ||
      a.input - b.input ||
      (a.digest < b.digest ? -1 : 1),
  )
  return best.filter((one, i) => best.findIndex(other => isSamePackage(other, one)) === i)
}

/** The best versions of a (name, architecture). A neutral package rivals every architecture's. */
function winners<C extends Candidate>(
  best: C[],
  compose: ComposeConfiguration,
  rules: SelectionRules<C>,
): C[] {
  if (compose.versions === Number.POSITIVE_INFINITY) return best
  const architectures = compose.architectures.length > 0 ? compose.architectures : nativeOnes(best, rules)
  return [
    ...new Set(
      architectures.flatMap(architecture =>
        bestVersions(
          best.filter(one => rules.fits(one, architecture)),
          compose.versions,
        ),
      ),
    ),
  ]
}

/** The architectures of these packages, but for one whose packages go with another's. */
function nativeOnes<C extends Candidate>(candidates: C[], rules: SelectionRules<C>): ByteString[] {
  const examples = new Map(candidates.map(one => [one.architecture, one]))
  return [...examples.keys()].filter(
    one => ![...examples.keys()].some(other => other !== one && rules.fits(examples.get(one)!, other)),
  )
}

/** One package each of the first `count` versions. */
function bestVersions<C extends Candidate>(best: C[], count: number): C[] {
  const byVersion = new Map<ByteString, C>()
  for (const one of best) if (!byVersion.has(one.version)) byVersion.set(one.version, one)
  return [...byVersion.values()].slice(0, count)
}

/** A matcher for `*`, `?`, `[a-z]` and `[!a-z]`; the configuration allows no other pattern. */
export function globMatcher(pattern: string): (text: ByteString) => boolean {
  if (!/[*?[]/.test(pattern)) return text => text === pattern
  const source = pattern.replace(/\[(!?)([^\]]+)\]|[^\w]/g, (part, not, set) => {
    if (set !== undefined) return `[${not === '!' ? '^' : ''}${set}]`
    return part === '*' ? '.*' : part === '?' ? '.' : `\\${part}`
  })
  const expression = new RegExp(`^${source}$`, 's')
  return text => expression.test(text)
}

function byIdentity<C extends Candidate>(rules: SelectionRules<C>): (a: C, b: C) => number {
  return (a, b) => {
    if (a.name !== b.name) return a.name < b.name ? -1 : 1
    return (
      rules.compareVersions(a.version, b.version) ||
      compareText(a.architecture, b.architecture) ||
      compareText(a.digest, b.digest)
    )
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A selector as the configuration writes it, for messages. */
export function selectorText(selector: Selector): string {
  const { kind, ...rest } = selector
  if (selector.kind === 'package') return JSON.stringify(selector.glob)
  if (selector.kind === 'source') return `{ source: ${selector.glob} }`
  if (selector.kind === 'group') return `{ group: ${selector.id} }`
  if (selector.kind === 'module')
    return `{ module: ${selector.stream === undefined ? selector.name : `${selector.name}:${selector.stream}`} }`
  const fields = Object.entries(rest).filter(([, value]) => value !== undefined)
  return `{ ${kind}: { ${fields.map(([key, value]) => `${key}: ${value}`).join(', ')} } }`
}
