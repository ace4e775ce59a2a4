import type { ComposeConfiguration } from '../../../config/index.ts'
import {
  fieldOf,
  type Provided,
  parseDependencies,
  parseProvides,
  type Relation,
  satisfiesVersion,
} from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'
import type { CandidateIndex, Unresolved } from '../candidate.ts'
import type { AptCandidate } from './candidates.ts'

/**
 * Adds to `chosen` what its packages need, as apt would choose it: for each group of alternatives nothing when a chosen
 * package satisfies one of them; else the first alternative whose best version satisfies it; else the best provider
 * of the first alternative that has one (by priority, then name). Pre-Depends and Depends are followed, Recommends when asked.
 * `offered` holds each name's packages best first. Returns what could not be satisfied; deterministic.
 */
export function addDependencies(
  chosen: Set<AptCandidate>,
  offered: CandidateIndex<AptCandidate>,
  compose: ComposeConfiguration,
): Unresolved[] {
  const unresolved: Unresolved[] = []
  for (const architecture of compose.architectures)
    unresolved.push(...closeOver(chosen, offered, architecture, compose))
  return unresolved
}

interface Provider {
  candidate: AptCandidate
  /** Of a versioned Provides. */
  version: ByteString | undefined
}

function closeOver(
  chosen: Set<AptCandidate>,
  offered: CandidateIndex<AptCandidate>,
  architecture: ByteString,
  compose: ComposeConfiguration,
): Unresolved[] {
  const world = createWorld(offered, architecture)
  const queue = [...chosen].filter(candidate => world.installable(candidate))
  for (const candidate of queue) world.take(candidate)
  const unresolved: Unresolved[] = []
  for (const candidate of queue)
    for (const group of groupsOf(candidate, compose.recommends)) {
      if (group.relations.some(relation => world.isSatisfied(relation))) continue
      const answer =
        firstDefined(group.relations, relation => world.real(relation)) ??
        firstDefined(group.relations, relation => world.provider(relation))
      if (answer !== undefined) {
        chosen.add(answer)
        world.take(answer)
        queue.push(answer)
      } else if (group.needed)
        unresolved.push({
          package: candidate.name,
          version: candidate.version,
          architecture,
          dependency: group.relations.map(relation => relation.text).join(' | '),
        })
    }
  return unresolved
}

interface World {
  installable(candidate: AptCandidate): boolean
  take(candidate: AptCandidate): void
  isSatisfied(relation: Relation): boolean
  real(relation: Relation): AptCandidate | undefined
  provider(relation: Relation): AptCandidate | undefined
}

/** What is chosen and what could be, seen from one native architecture. */
function createWorld(offered: CandidateIndex<AptCandidate>, architecture: ByteString): World {
  const taken = new Map<ByteString, Provider[]>()
  let providers: Map<ByteString, Provider[]> | undefined
  const installable = (candidate: AptCandidate) =>
    candidate.architecture === architecture || candidate.architecture === 'all'
  const best = (name: ByteString) => offered.get(name)?.find(installable)
  return {
    installable,
    take(candidate) {
      addTo(taken, candidate.name, { candidate, version: candidate.version })
      for (const { name, version } of providesOf(candidate)) addTo(taken, name, { candidate, version })
    },
    isSatisfied: relation =>
      taken.get(relation.name)?.some(provider => satisfies(provider, relation)) ?? false,
    real(relation) {
      const candidate = best(relation.name)
      return candidate !== undefined && satisfies({ candidate, version: candidate.version }, relation)
        ? candidate
        : undefined
    },
    provider(relation) {
      providers ??= indexProviders(offered, best)
      return providers.get(relation.name)?.find(provider => satisfies(provider, relation))?.candidate
    },
  }
}

/** A provider satisfies a versioned relation only with a versioned Provides (Debian Policy, 7.5). */
function satisfies(provider: Provider, relation: Relation): boolean {
  if (relation.version === undefined) return true
  return provider.version !== undefined && satisfiesVersion(provider.version, relation.version)
}

const priorities = ['required', 'important', 'standard', 'optional', 'extra']

/** The least is first. What is no priority, or none at all, counts as the last one. */
function rank({ candidate }: Provider): number {
  const found = priorities.indexOf(fieldOf(candidate.stanza, 'Priority') ?? 'extra')
  return found < 0 ? priorities.length - 1 : found
}

function indexProviders(
  offered: CandidateIndex<AptCandidate>,
  best: (name: ByteString) => AptCandidate | undefined,
): Map<ByteString, Provider[]> {
  const index = new Map<ByteString, Provider[]>()
  for (const name of offered.keys()) {
    const candidate = best(name)
    if (candidate !== undefined)
      for (const provided of providesOf(candidate))
        addTo(index, provided.name, { candidate, version: provided.version })
  }
  for (const list of index.values())
    list.sort((a, b) => rank(a) - rank(b) || (a.candidate.name < b.candidate.name ? -1 : 1))
  return index
}

function providesOf(candidate: AptCandidate): Provided[] {
  const field = fieldOf(candidate.stanza, 'Provides')
  return field === undefined ? [] : parseProvides(field, candidate.name)
}

interface Group {
  relations: Relation[]
  needed: boolean
}

function groupsOf(candidate: AptCandidate, recommends: boolean): Group[] {
  const read = (name: string, needed: boolean): Group[] => {
    const field = fieldOf(candidate.stanza, name)
    if (field === undefined) return []
    return parseDependencies(field, candidate.name).map(relations => ({ relations, needed }))
  }
  return [
    ...read('Pre-Depends', true),
    ...read('Depends', true),
    ...(recommends ? read('Recommends', false) : []),
  ]
}

function firstDefined<A, B>(items: readonly A[], find: (item: A) => B | undefined): B | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}

function addTo<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
