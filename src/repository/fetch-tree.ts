import type { MirrorConfiguration } from '../config/index.ts'
import type { Job } from '../jobs/index.ts'
import {
  type ByteString,
  type Digest,
  type FileEntry,
  type SnapshotRecord,
  YardError,
} from '../model/index.ts'
import { decodeFileEntry, diff, emptyTree } from '../tree/index.ts'
import { acceptPackage, verifiesPackages } from './accept-package.ts'
import { sourceOf } from './content/open-content.ts'
import type { RepositoryContext } from './context.ts'
import { variantsOf } from './index-variants.ts'
import type { WantedFile } from './names-of-file.ts'
import { fetchFiles } from './obtain.ts'

/** Beyond this many blobs one listing of the store is cheaper than a look at each. */
const listingThreshold = 4_000

/**
 * Brings every blob here that a snapshot's files tree names, each from the mirror that named it. Of `complete`, a files
 * tree whose blobs are all here, only the difference is looked at.
 * @throws YardError as `fetchFiles`; `incomplete` for a file that no configured upstream names. What came is kept.
 */
export async function fetchTree(
  context: RepositoryContext,
  record: SnapshotRecord,
  complete: Digest,
  job: Job,
): Promise<void> {
  for (const { mirror, tree, files } of await groupBySource(
    context,
    record,
    await missingFiles(context, complete, record.files),
  )) {
    // An uncompressed index is made from a compressed variant, so those come first.
    const derived = files.filter(file => variantsOf(file.path).length > 0)
    const fetched = files.filter(file => variantsOf(file.path).length === 0)
    await fetchFiles(context, mirror, fetched, tree, job)
    await fetchFiles(context, mirror, derived, tree, job)
  }
  if (record.format === 'dnf') await acceptPackages(context, record, complete)
}

/** Verifies the packages that were not there before and whose mirror wants each one signed, wherever their bytes came from. */
async function acceptPackages(
  context: RepositoryContext,
  record: SnapshotRecord,
  complete: Digest,
): Promise<void> {
  for await (const { key: path, after } of diff(context.trees, complete, record.files)) {
    if (after === undefined || !path.endsWith('.rpm')) continue
    const entry = decodeFileEntry(after)
    const source = await sourceOf(context, record, path, entry)
    if (source !== undefined && verifiesPackages(source.mirror, source.path))
      await acceptPackage(context, source.mirror, source.path, entry.sha256)
  }
}

/** The files tree of a snapshot whose blobs are all here, for the next one to start from; else the empty tree. */
export async function completeTree(
  context: RepositoryContext,
  previous: SnapshotRecord | undefined,
): Promise<Digest> {
  const empty = emptyTree('files').digest
  if (previous === undefined) return empty
  const { localEntries, totalEntries } = await (await context.catalog()).completeness(
    previous.repository,
    previous.timestamp,
  )
  return localEntries === totalEntries ? previous.files : empty
}

async function missingFiles(context: RepositoryContext, from: Digest, to: Digest): Promise<WantedFile[]> {
  const wanted = new Map<Digest, WantedFile>()
  for await (const { key: path, after } of diff(context.trees, from, to)) {
    // The same bytes stand under their plain path too, which says more about where they come from.
    if (after === undefined || path.includes('/by-hash/')) continue
    const entry = decodeFileEntry(after)
    if (!wanted.has(entry.sha256)) wanted.set(entry.sha256, { path, ...entry })
  }
  const local = await localBlobs(context, wanted)
  return [...wanted.values()].filter(file => !local.has(file.sha256))
}

/** Which of these blobs are here. */
export async function localBlobs(
  context: RepositoryContext,
  wanted: ReadonlyMap<Digest, unknown>,
): Promise<Set<Digest>> {
  const local = new Set<Digest>()
  if (wanted.size > listingThreshold) {
    for await (const { digest } of context.blobs.list()) if (wanted.has(digest)) local.add(digest)
    return local
  }
  await Promise.all(
    [...wanted.keys()].map(
      async digest => (await context.blobs.size(digest)) !== undefined && local.add(digest),
    ),
  )
  return local
}

interface Group {
  mirror: MirrorConfiguration
  tree: Digest
  files: WantedFile[]
}

async function groupBySource(
  context: RepositoryContext,
  record: SnapshotRecord,
  files: WantedFile[],
): Promise<Iterable<Group>> {
  const groups = new Map<string, Group>()
  for (const file of files) {
    const source = await sourceOf(context, record, file.path, file)
    if (source === undefined) throw nobodyNames(record, file.path, file)
    const key = `${source.mirror.name}@${source.record.files}`
    const group = groups.get(key) ?? { mirror: source.mirror, tree: source.record.files, files: [] }
    group.files.push({ ...file, path: source.path })
    groups.set(key, group)
  }
  return groups.values()
}

function nobodyNames(record: SnapshotRecord, path: ByteString, entry: FileEntry): YardError {
  return new YardError(
    'incomplete',
    `${record.repository}@${record.timestamp}: no configured upstream names ${path} with SHA-256 ${entry.sha256}; nothing was fetched`,
    {
      hint: 'the upstream was taken out of switchyard.yaml, or the snapshot of an input was removed',
    },
  )
}
