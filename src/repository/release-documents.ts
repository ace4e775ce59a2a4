import type { ByteString, SnapshotRecord } from '../model/index.ts'
import { decodeFileEntry, lookup } from '../tree/index.ts'
import { joinPath } from '../upstream/index.ts'
import type { RepositoryContext } from './context.ts'

/**
 * The first path of a suite's Release files that a snapshot names and whose blob is not here; undefined when all are. No
 * upstream can be asked for them again, and without their text `latest` cannot move to the snapshot.
 */
export async function lostReleaseDocument(
  context: RepositoryContext,
  record: SnapshotRecord,
): Promise<ByteString | undefined> {
  for (const { directory } of record.suites)
    for (const name of ['InRelease', 'Release', 'Release.gpg']) {
      const path = joinPath(directory, name)
      const value = await lookup(context.trees, record.files, path)
      const isLost =
        value !== undefined && (await context.blobs.size(decodeFileEntry(value).sha256)) === undefined
      if (isLost) return path
    }
  return undefined
}
