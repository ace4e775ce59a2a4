import type { SnapshotRecord } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import { configuredCompose } from './configured-compose.ts'
import { inputsOf } from './inputs-of.ts'
import type { OwnMetadata } from './publisher.ts'
import { publisherOf } from './publisher-of.ts'

/**
 * Writes the metadata of a snapshot of ours again from its packages tree: the same bytes as before, as long as the
 * same keys sign and the same compressor compresses.
 * @throws YardError `not-found` when the repository is configured no more, or metadata of an input that was removed is needed.
 */
export async function rebuildMetadata(
  context: RepositoryContext,
  record: SnapshotRecord,
): Promise<OwnMetadata> {
  const date = record.format === 'apt' ? record.suites[0]!.date : record.repodata[0]!.date
  const inputs = record.format === 'apt' ? [] : await inputsOf(context, record)
  return publisherOf(configuredCompose(context, record)).write(context, record.packages, date, inputs)
}
