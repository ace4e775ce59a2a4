import type { ByteString, SnapshotRecord } from '../model/index.ts'
import { prefixRange, entries as treeEntries } from '../tree/index.ts'
import { joinPath } from '../upstream/index.ts'
import type { RepositoryContext } from './context.ts'
import { isPackagePath } from './package-path.ts'

/** The paths of the metadata that we wrote for a snapshot of ours. */
export async function ownMetadataPaths(
  context: RepositoryContext,
  record: SnapshotRecord,
): Promise<ByteString[]> {
  const directories =
    record.format === 'apt'
      ? record.suites.map(suite => suite.directory)
      : record.repodata.map(({ directory }) => joinPath(directory, 'repodata'))
  const paths: ByteString[] = []
  for (const directory of directories)
    for await (const { key } of treeEntries(context.trees, record.files, prefixRange(`${directory}/`)))
      if (!isPackagePath(key)) paths.push(key)
  return paths
}
