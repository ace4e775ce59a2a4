import { parseRepomd, type RepomdFile } from '../formats/index.ts'
import { type ByteString, type Digest, type SnapshotRecord, YardError } from '../model/index.ts'
import { decodeFileEntry, lookup } from '../tree/index.ts'
import { joinPath } from '../upstream/index.ts'
import { sourceOf } from './content/open-content.ts'
import type { RepositoryContext } from './context.ts'
import { openOf, type StoredDocument } from './mirror/dnf/primary-fragments.ts'
import { fetchFile } from './obtain.ts'
import { pathOfHref } from './rpm-listings.ts'

const maxRepomdBytes = 8 * 1024 * 1024

/**
 * The documents of one type (`filelists`, `updateinfo`, ...) that a snapshot's repomd.xml files name, one for each
 * directory that has one, fetched now where they are not here.
 * @throws YardError `damaged` when the snapshot has no repomd.xml; whatever fetching throws.
 */
export async function obtainRepodata(
  context: RepositoryContext,
  record: SnapshotRecord,
  type: ByteString,
  signal?: AbortSignal,
): Promise<StoredDocument[]> {
  if (record.format !== 'dnf') return []
  const found: StoredDocument[] = []
  for (const { directory } of record.repodata) {
    const data = (await repomdOf(context, record, directory)).find(file => file.type === type)
    if (data === undefined) continue
    const path = joinPath(directory, pathOfHref(data.href))
    found.push({ path, ...(await obtain(context, record, path, signal)), open: openOf(data) })
  }
  return found
}

/** What the repomd.xml of one directory names. */
export async function repomdOf(
  context: RepositoryContext,
  record: SnapshotRecord,
  directory: ByteString,
): Promise<RepomdFile[]> {
  const path = joinPath(directory, 'repodata/repomd.xml')
  const { digest } = await obtain(context, record, path)
  return parseRepomd(await context.blobs.read(digest, maxRepomdBytes), `${path} of ${record.repository}`)
    .files
}

async function obtain(
  context: RepositoryContext,
  record: SnapshotRecord,
  path: ByteString,
  signal?: AbortSignal,
): Promise<{ digest: Digest }> {
  const value = await lookup(context.trees, record.files, path)
  if (value === undefined)
    throw new YardError('damaged', `${record.repository}@${record.timestamp} has no ${path}`, {
      hint: 'run `switchyard fsck`',
    })
  const entry = decodeFileEntry(value)
  if ((await context.blobs.size(entry.sha256)) === undefined) {
    const source = await sourceOf(context, record, path, entry)
    if (source === undefined)
      throw new YardError(
        'incomplete',
        `${record.repository}@${record.timestamp}: ${path} is not here, and no configured upstream names it`,
      )
    await fetchFile(context, source.mirror, { path: source.path, ...entry }, source.record.files, signal)
  }
  return { digest: entry.sha256 }
}
