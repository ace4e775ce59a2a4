import { type Name, type SnapshotRecord, YardError } from '../../model/index.ts'
import type { Referent } from '../reference.ts'

/** One side of a comparison, by its full name. */
export interface ComparedSide {
  kind: 'snapshot' | 'release'
  /** `REPO@T` or `TRAIN@T`. */
  name: string
  /** `TRAIN/CHANNEL`, where a channel was named. */
  channel?: string
}

export function sideOf(referent: Referent): ComparedSide {
  const { kind, name } = referent
  const channel = referent.kind === 'release' ? referent.channel : undefined
  return { kind, name, ...(channel === undefined ? {} : { channel }) }
}

/** What is compared with what; at least one of the two is there. */
export interface RepositoryPair {
  repository: Name
  before: SnapshotRecord | undefined
  after: SnapshotRecord | undefined
}

/**
 * Two snapshots are one pair, whatever their repositories. Two releases are paired by the names of their repositories, in the
 * order of these. Of a release beside a snapshot only the repository of that name counts, or the only one that it has.
 * @throws YardError `usage` when a release has several repositories and none of the snapshot's name.
 */
export function pairRepositories(from: Referent, to: Referent): RepositoryPair[] {
  if (from.kind === 'snapshot' && to.kind === 'snapshot')
    return [{ repository: to.snapshot.repository, before: from.snapshot, after: to.snapshot }]
  if (from.kind === 'snapshot') {
    const repository = counterpart(from, to as Released)
    const after = (to as Released).snapshots.get(repository)
    return [{ repository, before: from.snapshot, after }]
  }
  if (to.kind === 'snapshot') {
    const repository = counterpart(to, from)
    return [{ repository, before: from.snapshots.get(repository), after: to.snapshot }]
  }
  const names = new Set([...from.snapshots.keys(), ...to.snapshots.keys()])
  return [...names].sort().map(repository => ({
    repository,
    before: from.snapshots.get(repository),
    after: to.snapshots.get(repository),
  }))
}

type Released = Referent & { kind: 'release' }

function counterpart({ snapshot, name }: Referent & { kind: 'snapshot' }, release: Released): Name {
  const names = [...release.snapshots.keys()]
  if (release.snapshots.has(snapshot.repository)) return snapshot.repository
  if (names.length === 1) return names[0]!
  throw new YardError(
    'usage',
    `${name} and ${release.name} cannot be compared: the release has no repository ${snapshot.repository}`,
    { hint: `it has: ${names.join(', ')}; name a snapshot of one of them, or another release` },
  )
}
