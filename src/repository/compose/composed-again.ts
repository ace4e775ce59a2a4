import { type SnapshotRecord, YardError } from '../../model/index.ts'
import type { Entry } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { readSnapshot } from '../records.ts'
import { readCandidates } from './candidates.ts'
import { composedEntries } from './compose-entries.ts'
import { configuredCompose } from './configured-compose.ts'
import { select } from './select.ts'

/**
 * The entries of a composed snapshot's packages tree, selected again from the snapshots that it was made from: the same
 * as then, as long as the configuration asks for the same.
 * @throws YardError `not-found` when the repository is configured no more, or an input was removed.
 */
export async function composedAgain(context: RepositoryContext, record: SnapshotRecord): Promise<Entry[]> {
  const compose = configuredCompose(context, record)
  const inputs: SnapshotRecord[] = []
  for (const { repository, timestamp } of record.inputs ?? []) {
    const input = await readSnapshot(context.refs, repository, timestamp)
    if (input === undefined)
      throw new YardError('not-found', `its input ${repository}@${timestamp} was removed`)
    inputs.push(input)
  }
  const candidates = await readCandidates(context, inputs, compose.architectures)
  return composedEntries(select(candidates, compose).packages, compose)
}
