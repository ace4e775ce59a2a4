import type { SnapshotRecord } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import { configuredCompose } from './configured-compose.ts'
import { type ComposedMetadata, writeMetadata } from './write-indexes.ts'

/**
 * Writes the metadata of a composed snapshot again from its packages tree: the same bytes as before, as long as the
 * same keys sign and the same compressor compresses.
 * @throws YardError `not-found` when the repository is configured no more.
 */
export function rebuildMetadata(
  context: RepositoryContext,
  record: SnapshotRecord,
): Promise<ComposedMetadata> {
  return writeMetadata(context, configuredCompose(context, record), record.packages, record.suites[0]!.date)
}
