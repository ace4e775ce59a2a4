import type { ByteString, Name, Timestamp } from '../../model/index.ts'
import { compareVersions } from '../../repository/index.ts'

/**
 * How a package of ours stands beside upstream's of the same name:
 * - `outdated`: upstream's is newer, yet clients get ours, because `prefer` lets it win
 * - `passed`: upstream's is newer, and clients get it: ours does nothing any more
 * - `caught-up`: upstream has the very same version
 * - `ahead`: ours is newer
 */
export type OverlayState = 'outdated' | 'passed' | 'caught-up' | 'ahead'

/** A package in some snapshots of a repository, for one architecture. */
export interface Sighting {
  repository: Name
  version: ByteString
  /** The first listed snapshot that has it. */
  first: Timestamp
  /** The snapshot that the release is made of has it. */
  isInRelease: boolean
}

export interface OverlayFacts {
  family: 'deb' | 'rpm'
  ours: { repository: Name; version: ByteString; first: Timestamp }
  /** In every repository that counts as upstream, and in all of their snapshots. */
  upstream: readonly Sighting[]
  /** Whether clients of the release get ours. */
  ourWins: boolean
}

export interface OverlayJudgement {
  state: OverlayState
  /** What upstream offers in the release, and the first snapshot that had it. */
  upstream: { repository: Name; version: ByteString; since: Timestamp }
  /** The first snapshot of upstream with a version that is not older than ours. Undefined: there is none. */
  caughtUp?: Timestamp
  /** Of one that is ahead: what upstream offers came after ours, whose version may hide that it lacks upstream's fixes. */
  hasMoved?: true
}

/** Undefined: upstream has nothing of that name in the release. */
export function judgeOverlay({
  family,
  ours,
  upstream,
  ourWins,
}: OverlayFacts): OverlayJudgement | undefined {
  const order = (a: ByteString, b: ByteString) => compareVersions(family, a, b)
  const [best] = upstream
    .filter(one => one.isInRelease)
    .sort((a, b) => order(b.version, a.version) || (a.repository < b.repository ? -1 : 1))
  if (best === undefined) return undefined
  const since = (some: readonly Sighting[]) => some.map(({ first }) => first).sort()[0]
  const direction = order(ours.version, best.version)
  const caughtUp = since(upstream.filter(({ version }) => order(version, ours.version) >= 0))
  const bestSince = since(upstream.filter(({ version }) => order(version, best.version) === 0))!
  return {
    state: direction > 0 ? 'ahead' : direction === 0 ? 'caught-up' : ourWins ? 'outdated' : 'passed',
    upstream: { repository: best.repository, version: best.version, since: bestSince },
    ...(caughtUp === undefined ? {} : { caughtUp }),
    ...(direction > 0 && bestSince > ours.first ? { hasMoved: true } : {}),
  }
}
