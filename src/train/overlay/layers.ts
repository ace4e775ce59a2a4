import { homeOf, type Name, type SnapshotName, type SnapshotRecord } from '../../model/index.ts'
import { readSnapshot, readUpstreamMemory } from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'

/** A snapshot of a mirror or of uploads that went into a release, or what a train derived from such ones. */
export interface Layer {
  snapshot: SnapshotRecord
  /** The repository to which its packages belong. */
  home: Name
  /** It holds uploads, or a composition prefers it to its other inputs. */
  isOurs: boolean
}

/**
 * What a release is made of in the end: mirrors and uploads, through all compositions between. What a composition prefers is
 * told by the configuration of today.
 */
export async function layersOf(
  context: TrainContext,
  snapshots: Iterable<SnapshotRecord>,
): Promise<{ layers: Layer[]; notes: string[] }> {
  const layers = new Map<string, Layer>()
  const notes = new Set<string>()
  const visit = async (snapshot: SnapshotRecord, isPreferred: boolean): Promise<void> => {
    const key = `${snapshot.repository}@${snapshot.timestamp}`
    const home = homeOf(snapshot)
    const kind = context.configuration.repositories.get(home)?.kind ?? snapshot.kind
    if (kind !== 'compose') {
      const isOurs = isPreferred || kind === 'uploads' || layers.get(key)?.isOurs === true
      layers.set(key, { snapshot, home, isOurs })
      return
    }
    const preferred = preferredOf(context, home)
    for (const { repository, timestamp } of await newestInputs(context, snapshot)) {
      const input = await readSnapshot(context.refs, repository, timestamp)
      if (input === undefined)
        notes.add(
          `${key} was made from ${repository}@${timestamp}, which was removed: its packages are not told`,
        )
      else await visit(input, isPreferred || preferred.has(repository))
    }
  }
  for (const snapshot of snapshots) await visit(snapshot, false)
  return { layers: [...layers.values()], notes: [...notes] }
}

/**
 * What a composed snapshot was made from, or what gave the very same result since: a newer package that does not get in leaves
 * no new snapshot.
 */
async function newestInputs({ refs }: TrainContext, snapshot: SnapshotRecord): Promise<SnapshotName[]> {
  const memory = await readUpstreamMemory(refs, snapshot.repository)
  if (memory?.inputs === undefined || memory.snapshot !== snapshot.timestamp) return snapshot.inputs ?? []
  return Object.entries(memory.inputs).map(([name, timestamp]) => ({ repository: name as Name, timestamp }))
}

function preferredOf({ configuration }: TrainContext, name: Name): Set<Name> {
  const repository = configuration.repositories.get(name)
  return new Set(repository?.kind === 'compose' ? repository.prefer : [])
}
