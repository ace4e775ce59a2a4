import type { PackageHit } from '../../catalog/index.ts'
import type { ByteString, Name, SnapshotRecord, Timestamp } from '../../model/index.ts'
import { compareVersions, type OwnPackage, readOwnPackages } from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import { resolveReference } from '../reference.ts'
import { judgeOverlay, type OverlayJudgement, type OverlayState, type Sighting } from './judge-overlay.ts'
import { type Layer, layersOf } from './layers.ts'

/** The packages of ours in a release, and how each stands beside upstream's. */
export interface OverlayReport {
  /** `TRAIN@T`. */
  release: string
  count: { [state in OverlayState]: number } & { alone: number }
  /** Those that shadow a package of upstream's, the worst state first, then by name. */
  shadows: Shadow[]
  /** Those that shadow nothing, by name. */
  alone: OverlaidPackage[]
  notes: string[]
}

export interface OverlaidPackage {
  family: 'deb' | 'rpm'
  name: ByteString
  architecture: ByteString
  /** `since`: the first snapshot that has it. */
  ours: { repository: Name; version: ByteString; since: Timestamp }
}

export type Shadow = OverlaidPackage & OverlayJudgement

/**
 * Reports on the newest release of a train, or the one that is named. Ours are packages of uploads, and of inputs that a
 * composition prefers; of each name and architecture the highest version. Those that the release does not have in any
 * version, ours or upstream's, are left out.
 * @throws YardError as `resolveReference` does.
 */
export async function overlay(context: TrainContext, reference: string): Promise<OverlayReport> {
  const referent = await resolveReference(context, reference)
  const released = referent.kind === 'release' ? [...referent.snapshots.values()] : [referent.snapshot]
  const { layers, notes } = await layersOf(context, released)
  const catalog = await context.catalog()
  const shadows: Shadow[] = []
  const alone: OverlaidPackage[] = []
  for (const [name, packages] of await readOwnPackages(context, ourSnapshots(layers))) {
    const hits = (await catalog.search({ pattern: name, limit: mostHits })).filter(hit => hit.name === name)
    for (const one of packages) {
      const told = tell(one, hits, layers, released)
      if (told === undefined) continue
      if ('state' in told) shadows.push(told)
      else alone.push(told)
    }
  }
  return {
    release: referent.name,
    count: countOf(shadows, alone),
    shadows: shadows.sort((a, b) => states.indexOf(a.state) - states.indexOf(b.state) || byName(a, b)),
    alone: alone.sort(byName),
    notes,
  }
}

const states: readonly OverlayState[] = ['outdated', 'passed', 'caught-up', 'ahead']

/** Of one name over all repositories and their history. */
const mostHits = 100_000

function ourSnapshots(layers: readonly Layer[]): SnapshotRecord[] {
  return layers.filter(({ isOurs }) => isOurs).map(({ snapshot }) => snapshot)
}

function tell(
  { family, name, architecture, version, repository, digest }: OwnPackage,
  hits: readonly PackageHit[],
  layers: readonly Layer[],
  released: readonly SnapshotRecord[],
): Shadow | OverlaidPackage | undefined {
  const fitting = hits.filter(hit => hit.family === family && suits(hit.architecture, architecture))
  const served = fitting.filter(hit => released.some(snapshot => has(snapshot, hit)))
  if (served.length === 0) return undefined
  const best = served.reduce((a, b) => (compareVersions(family, b.version, a.version) > 0 ? b : a))
  const upstreams = layers.filter(({ isOurs }) => !isOurs)
  const homes = homesOf(layers)
  const sightings = fitting.flatMap((hit): Sighting[] => {
    const isInRelease = upstreams.some(({ snapshot }) => has(snapshot, hit))
    const isOfUpstream = upstreams.some(({ home }) => home === hit.repository)
    if (!isInRelease && !isOfUpstream) return []
    const home = homes.get(hit.repository) ?? hit.repository
    return [{ repository: home, version: hit.version, first: hit.first, isInRelease }]
  })
  const home = homes.get(repository) ?? repository
  const own = fitting.filter(
    hit => (hit.repository === repository || hit.repository === home) && hit.digest === digest,
  )
  const first = own.map(hit => hit.first).sort()[0]!
  const ourWins =
    compareVersions(family, best.version, version) === 0 && served.some(hit => hit.digest === digest)
  const ours = { repository: home, version, first }
  const judgement = judgeOverlay({ family, ours, upstream: sightings, ourWins })
  return { family, name, architecture, ours: { repository: home, version, since: first }, ...judgement }
}

/** What a train derived stands in a line of the train's own. */
function homesOf(layers: readonly Layer[]): Map<Name, Name> {
  return new Map(layers.map(({ snapshot, home }) => [snapshot.repository, home]))
}

/** Whether a span of snapshots has this one. */
function has({ repository, timestamp }: SnapshotRecord, hit: PackageHit): boolean {
  return (
    hit.repository === repository &&
    hit.first <= timestamp &&
    (hit.last === undefined || timestamp <= hit.last)
  )
}

/** Neutral packages, and the indexes of flat repositories, are for every architecture. */
function suits(a: ByteString, b: ByteString): boolean {
  return a === b || neutral.has(a) || neutral.has(b)
}

const neutral: ReadonlySet<ByteString> = new Set(['all', 'noarch', ''])

function countOf(shadows: readonly Shadow[], alone: readonly OverlaidPackage[]): OverlayReport['count'] {
  const count = { outdated: 0, passed: 0, 'caught-up': 0, ahead: 0, alone: alone.length }
  for (const { state } of shadows) count[state]++
  return count
}

function byName(a: OverlaidPackage, b: OverlaidPackage): number {
  const [one, other] = [`${a.name}\0${a.architecture}`, `${b.name}\0${b.architecture}`]
  return one < other ? -1 : one > other ? 1 : 0
}
