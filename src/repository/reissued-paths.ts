import type { ByteString, SnapshotRecord } from '../model/index.ts'
import { decodeFileEntry, diff } from '../tree/index.ts'
import type { RepositoryContext } from './context.ts'
import { isPackagePath } from './package-path.ts'

/**
 * The paths of packages that both snapshots have with different bytes: clients and caches take them for the same file. Costs
 * what differs between the two trees of files.
 */
export async function reissuedPaths(
  { trees }: RepositoryContext,
  before: SnapshotRecord,
  after: SnapshotRecord,
): Promise<ByteString[]> {
  const found: ByteString[] = []
  for await (const change of diff(trees, before.files, after.files)) {
    if (change.before === undefined || change.after === undefined || !isPackagePath(change.key)) continue
    if (decodeFileEntry(change.before).sha256 !== decodeFileEntry(change.after).sha256) found.push(change.key)
  }
  return found
}
