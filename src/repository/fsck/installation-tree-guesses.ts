import { parseTreeinfo } from '../../formats/index.ts'
import {
  type ByteString,
  type Digest,
  type FileEntry,
  isYardError,
  type SnapshotRecord,
} from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import type { MetadataFiles } from '../mirror/mirror-format.ts'
import { beginningOf } from './blob-kinds.ts'
import type { BlobsByChecksum } from './blobs-by-checksum.ts'
import { recall } from './recall.ts'

const maxTreeinfoBytes = 4 * 1024 * 1024

/** What the files of a mirrored installation tree may have been, likeliest first; of a repository without one, nothing. */
export async function installationTreeGuesses(
  context: RepositoryContext,
  record: SnapshotRecord,
  bySum: BlobsByChecksum,
): Promise<MetadataFiles[]> {
  let guesses: MetadataFiles[] = [new Map()]
  for (const name of ['.treeinfo', 'treeinfo']) {
    const found = await recall(context, record.files, name)
    if (found === 'absent') continue
    const mayStand = found === 'unknown' ? await treeinfosHere(context) : [found]
    const named = await Promise.all(mayStand.map(entry => filesOf(context, name, entry, bySum)))
    const without = found === 'unknown' ? guesses : []
    guesses = [...named.flatMap(files => guesses.map(guess => new Map([...guess, ...files]))), ...without]
  }
  return guesses
}

async function treeinfosHere(context: RepositoryContext): Promise<FileEntry[]> {
  const found: FileEntry[] = []
  for await (const { digest: sha256, size } of context.blobs.list()) {
    if (size > maxTreeinfoBytes) continue
    const entry = { sha256, size }
    if (!/^\s*\[[a-z][^\]\n]*\]/.test(await beginningOf(context, entry, 128))) continue
    if ((await checksumsOf(context, entry)) !== undefined) found.push(entry)
  }
  return found
}

async function filesOf(
  context: RepositoryContext,
  name: ByteString,
  treeinfo: FileEntry,
  bySum: BlobsByChecksum,
): Promise<MetadataFiles> {
  const files: MetadataFiles = new Map([[name, treeinfo]])
  for (const { path, checksum } of (await checksumsOf(context, treeinfo)) ?? []) {
    if (/(?:^|\/)repodata\//.test(path)) continue
    const digest = checksum.hex as Digest
    const size = checksum.algorithm === 'sha256' ? await context.blobs.size(digest) : undefined
    const entry = size === undefined ? await bySum.find(checksum, undefined) : { sha256: digest, size }
    if (entry !== undefined) files.set(path, entry)
  }
  return files
}

async function checksumsOf(context: RepositoryContext, { sha256 }: FileEntry) {
  try {
    return parseTreeinfo(await context.blobs.read(sha256, maxTreeinfoBytes), sha256).checksums
  } catch (error) {
    if (isYardError(error, 'invalid', 'damaged', 'not-found')) return undefined
    throw error
  }
}
