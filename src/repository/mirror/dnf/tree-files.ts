import { parseTreeinfo } from '../../../formats/index.ts'
import { type ByteString, type FileEntry, isYardError, type SnapshotRecord } from '../../../model/index.ts'
import { decodeFileEntry, lookup } from '../../../tree/index.ts'
import type { Fetcher, InstallationTree } from '../../../upstream/index.ts'
import type { RepositoryContext } from '../../context.ts'
import type { MetadataFiles } from '../mirror-format.ts'
import { bringUnnamed } from './bring-unnamed.ts'

const treeinfoNames = ['.treeinfo', 'treeinfo']
const maxTreeinfoBytes = 4 * 1024 * 1024

/**
 * The files of an installation tree as entries. A treeinfo tells no sizes, so what has changed since the previous snapshot
 * is fetched now, whatever the policy.
 * @throws YardError `untrusted` for a file that is named by a weak checksum alone; what fetching throws.
 */
export async function treeFiles(
  context: RepositoryContext,
  fetcher: Fetcher,
  tree: InstallationTree,
  previous: SnapshotRecord | undefined,
  options: { object: string; mirror: string; isTrusted: boolean; signal: AbortSignal },
): Promise<MetadataFiles> {
  const { object, mirror, isTrusted, signal } = options
  const files: MetadataFiles = new Map()
  for (const { path, bytes } of tree.documents)
    files.set(path, { sha256: await context.blobs.put(bytes), size: bytes.length })
  for (const { path, checksum } of tree.files) {
    const before = await entryAt(context, previous, path)
    const unnamed = { path, checksum, isTrustedWithout: isTrusted }
    files.set(
      path,
      before !== undefined && checksum.algorithm === 'sha256' && before.sha256 === checksum.hex
        ? before
        : await bringUnnamed(context, fetcher, unnamed, { object, mirror, signal }),
    )
  }
  return files
}

/** The installation tree's files that a snapshot has, as far as its own treeinfo can be read. */
export async function oldTreeFiles(
  context: RepositoryContext,
  previous: SnapshotRecord,
): Promise<MetadataFiles> {
  const files: MetadataFiles = new Map()
  const add = async (path: ByteString) => {
    const entry = await entryAt(context, previous, path)
    if (entry !== undefined) files.set(path, entry)
    return entry
  }
  for (const name of treeinfoNames) {
    const treeinfo = await add(name)
    if (treeinfo === undefined) continue
    try {
      const bytes = await context.blobs.read(treeinfo.sha256, maxTreeinfoBytes)
      for (const { path } of parseTreeinfo(bytes, name).checksums)
        if (!/(?:^|\/)repodata\//.test(path)) await add(path)
    } catch (error) {
      if (!isYardError(error, 'not-found', 'damaged', 'invalid')) throw error
    }
  }
  return files
}

async function entryAt(
  context: RepositoryContext,
  record: SnapshotRecord | undefined,
  path: ByteString,
): Promise<FileEntry | undefined> {
  const value = record && (await lookup(context.trees, record.files, path))
  return value === undefined ? undefined : decodeFileEntry(value)
}
