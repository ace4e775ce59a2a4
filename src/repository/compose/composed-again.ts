import { type SnapshotRecord, YardError } from '../../model/index.ts'
import type { Entry } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { composeEntries } from './compose-entries.ts'
import { configuredCompose } from './configured-compose.ts'
import { inputsOf } from './inputs-of.ts'

/**
 * The entries of a composed snapshot's packages tree, selected again from the snapshots that it was made from: the same
 * as then, as long as the configuration asks for the same.
 * @throws YardError `not-found` when the repository is configured no more, or an input was removed.
 */
export async function composedAgain(context: RepositoryContext, record: SnapshotRecord): Promise<Entry[]> {
  const compose = configuredCompose(context, record)
  if (compose.kind !== 'compose')
    throw new YardError('not-found', `${record.repository} was uploaded, not composed`)
  const { entries } = await composeEntries(context, compose, await inputsOf(context, record))
  const all: Entry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}
