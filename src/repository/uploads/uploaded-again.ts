import { type SnapshotRecord, YardError } from '../../model/index.ts'
import { decodeFileEntry, type Entry, leaves } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { isPackagePath } from '../package-path.ts'
import { uploadFormatOf } from './upload-format.ts'
import { inOrder } from './uploaded-tree.ts'

/**
 * The entries of an uploads snapshot's packages tree, read again from its package files: the same as then, as long as the
 * configuration asks for the same.
 * @throws YardError `not-found` when the repository is configured no more; what reading the files tree, a blob or a package throws.
 */
export async function uploadedAgain(context: RepositoryContext, record: SnapshotRecord): Promise<Entry[]> {
  const repository = context.configuration.repositories.get(record.repository)
  if (repository?.kind !== 'uploads')
    throw new YardError('not-found', `${record.repository} is no repository of uploads in switchyard.yaml`)
  const format = uploadFormatOf(context, repository)
  const found: Entry[] = []
  for await (const leaf of leaves(context.pages, record.files))
    for (const { key: path, value } of leaf) {
      if (!isPackagePath(path)) continue
      const file = decodeFileEntry(value)
      const read = await format.read(context.blobs.open(file.sha256), path)
      found.push(...read.entries(file, path))
    }
  return inOrder(found)
}
