import type { ByteString, SnapshotRecord } from '../model/index.ts'
import { decodeFileEntry, lookup } from '../tree/index.ts'
import { joinPath } from '../upstream/index.ts'
import type { RepositoryContext } from './context.ts'

/**
 * The first path of the Release files or repomd.xml that a snapshot names and whose blob is not here; undefined when all are. No
 * upstream can be asked for them again, and without their text `latest` cannot move to the snapshot.
 */
export async function lostReleaseDocument(
  context: RepositoryContext,
  record: SnapshotRecord,
): Promise<ByteString | undefined> {
  for (const path of documentPaths(record)) {
    const value = await lookup(context.trees, record.files, path)
    const isLost =
      value !== undefined && (await context.blobs.size(decodeFileEntry(value).sha256)) === undefined
    if (isLost) return path
  }
  return undefined
}

/** Where the documents may lie that everything else of a snapshot hangs on. */
function documentPaths(record: SnapshotRecord): ByteString[] {
  const beside = (directories: ByteString[], names: string[]) =>
    directories.flatMap(directory => names.map(name => joinPath(directory, name)))
  return record.format === 'apt'
    ? beside(
        record.suites.map(({ directory }) => directory),
        ['InRelease', 'Release', 'Release.gpg'],
      )
    : beside(
        record.repodata.map(({ directory }) => directory),
        ['', '.asc', '.key'].map(ending => `repodata/repomd.xml${ending}`),
      )
}
