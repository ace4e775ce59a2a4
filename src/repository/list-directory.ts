import type { ByteString, Digest, SnapshotRecord } from '../model/index.ts'
import { YardError } from '../model/index.ts'
import { children, decodeFileEntry, lookup } from '../tree/index.ts'
import type { RepositoryContext } from './context.ts'

export interface ListEntry {
  name: ByteString
  kind: 'directory' | 'file'
  /** In bytes, of a file. */
  size?: number
  sha256?: Digest
  state?: 'local' | 'fetchable'
  /** Of a repository of a release: the snapshot that travels under its name. */
  snapshot?: string
}

/**
 * What lies directly in a directory of a snapshot, or the one file of that name.
 * @throws YardError `not-found`.
 */
export async function listDirectory(
  context: RepositoryContext,
  record: SnapshotRecord,
  path: ByteString,
): Promise<ListEntry[]> {
  const directory = path.replace(/\/+$/, '')
  const file = directory === '' ? undefined : await lookup(context.trees, record.files, directory)
  if (file !== undefined)
    return [await fileEntry(context, directory.slice(directory.lastIndexOf('/') + 1), file)]
  const entries: ListEntry[] = []
  for await (const child of children(context.trees, record.files, directory))
    entries.push(
      child.directory
        ? { name: child.name, kind: 'directory' }
        : await fileEntry(context, child.name, child.value),
    )
  if (entries.length === 0 && directory !== '')
    throw new YardError('not-found', `${record.repository}@${record.timestamp} has nothing at ${directory}`, {
      hint: `\`switchyard ls ${record.repository}@${record.timestamp}\` shows what it has`,
    })
  return entries
}

async function fileEntry(
  context: RepositoryContext,
  name: ByteString,
  value: Uint8Array,
): Promise<ListEntry> {
  const { sha256, size } = decodeFileEntry(value)
  return {
    name,
    kind: 'file',
    size,
    sha256,
    state: (await context.blobs.size(sha256)) === undefined ? 'fetchable' : 'local',
  }
}
