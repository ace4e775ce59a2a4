import { type ByteString, type Digest, type FileEntry, isYardError } from '../../model/index.ts'
import { decodeFileEntry, lookup } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'

/** What a files tree says of a path, as far as it can be read. */
export async function recall(
  context: RepositoryContext,
  tree: Digest,
  path: ByteString,
): Promise<FileEntry | 'absent' | 'unknown'> {
  try {
    const value = await lookup(context.trees, tree, path)
    return value === undefined ? 'absent' : decodeFileEntry(value)
  } catch (error) {
    if (isYardError(error, 'damaged', 'not-found')) return 'unknown'
    throw error
  }
}
