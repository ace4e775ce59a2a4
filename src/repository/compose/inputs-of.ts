import { type SnapshotRecord, YardError } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import { readSnapshot } from '../records.ts'

/** The snapshots that a composed one was made from. @throws YardError `not-found` when one was removed. */
export async function inputsOf(
  context: RepositoryContext,
  record: SnapshotRecord,
): Promise<SnapshotRecord[]> {
  const inputs: SnapshotRecord[] = []
  for (const { repository, timestamp } of record.inputs ?? []) {
    const input = await readSnapshot(context.refs, repository, timestamp)
    if (input === undefined)
      throw new YardError('not-found', `its input ${repository}@${timestamp} was removed`)
    inputs.push(input)
  }
  return inputs
}
