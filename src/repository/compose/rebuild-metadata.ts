import { type SnapshotRecord, YardError } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import { writeMetadata } from './write-indexes.ts'

/**
 * Writes the metadata of a composed snapshot again from its packages tree: the same bytes as before, as long as the
 * same keys sign and the same compressor compresses.
 * @throws YardError `not-found` when the repository is configured no more.
 */
export async function rebuildMetadata(context: RepositoryContext, record: SnapshotRecord): Promise<void> {
  const compose = context.configuration.repositories.get(record.repository)
  if (compose?.kind !== 'compose')
    throw new YardError(
      'not-found',
      `${record.repository} is no composed repository of switchyard.yaml, so its metadata cannot be written again`,
    )
  await writeMetadata(context, compose, record.packages, record.suites[0]!.date)
}
