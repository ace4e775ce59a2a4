import { type Name, type ReleaseRecord, type SnapshotRecord, textOfByteString } from '../../model/index.ts'
import { lostVersions, readSnapshot } from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'

/**
 * What a release would lose of a bump, one sentence each: a release that was cut before it, or from snapshots that are older than those
 * the bump took its packages from, does not have them. Empty when the bump has expired into it, as it should.
 * @param snapshots of that release, by repository.
 */
export async function lostBumps(
  context: TrainContext,
  bump: ReleaseRecord,
  snapshots: ReadonlyMap<Name, SnapshotRecord>,
): Promise<string[]> {
  const notes: string[] = []
  for (const [repository, next] of snapshots) {
    const named = bump.snapshots[repository]
    const derived = named && (await readSnapshot(context.refs, named.repository, named.timestamp))
    if (derived === undefined || derived.format !== next.format) continue
    for (const { name, before, after } of await lostVersions(context, derived, next)) {
      const now = after === undefined ? 'is gone' : `is ${textOfByteString(after.version)} again`
      notes.push(
        `${textOfByteString(name)} ${now}, which the bump ${bump.train}@${bump.timestamp} had brought to ${textOfByteString(before!.version)}`,
      )
    }
  }
  return [...new Set(notes)]
}
