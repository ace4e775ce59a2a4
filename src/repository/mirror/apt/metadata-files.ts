import { parsePatchIndex } from '../../../formats/index.ts'
import { type ByteString, type Digest, type FileEntry, YardError } from '../../../model/index.ts'
import { decodeFileEntry, prefixRange, entries as treeEntries } from '../../../tree/index.ts'
import {
  type BlobRequest,
  directoryOf,
  type Fetcher,
  type IndexFile,
  isFlat,
  type SuiteReading,
} from '../../../upstream/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { isPackagePath } from '../../package-path.ts'
import type { MetadataFiles } from '../mirror-format.ts'
import { byHashPath, requestFor } from './read-indexes.ts'

/**
 * Everything that a suite's Release names for us, as entries: the Release files themselves, every index file, and its
 * by-hash names. With `immediate` all of it is fetched now, and a variant that upstream does not have is left out as
 * long as another variant of its index is there. Patch indexes come with all their patches or not at all.
 * @throws YardError `incomplete` when a file is gone that has no other variant; whatever fetching throws.
 */
export async function metadataFiles(
  context: RepositoryContext,
  fetcher: Fetcher,
  reading: SuiteReading,
  immediate: boolean,
  signal: AbortSignal,
): Promise<MetadataFiles> {
  const files: MetadataFiles = new Map()
  for (const { path, bytes } of reading.documents)
    files.set(path, { sha256: await context.blobs.put(bytes), size: bytes.length })
  const patches = reading.indexFiles.filter(file => file.kind === 'patches')
  const beside = directoriesOf(patches)
  const plain = reading.indexFiles.filter(file => file.kind !== 'patches' && !isPatch(file, beside))
  const kept = immediate ? await fetchAll(context, fetcher, reading, plain, signal) : plain
  for (const file of kept) addIndexFile(files, file)
  if (immediate)
    for (const index of patches) await addPatches(context, fetcher, reading, index, files, signal)
  return files
}

/** Where patch indexes lie, with the final slash. */
export function directoriesOf(indexes: IndexFile[]): Set<ByteString> {
  return new Set(indexes.map(({ path }) => path.slice(0, path.lastIndexOf('/') + 1)))
}

/** Whether a file lies in one of the directories of patch indexes, or below: those name it, whatever the Release does. */
export function isPatch({ path }: IndexFile, directories: ReadonlySet<ByteString>): boolean {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
    if (directories.has(path.slice(0, slash + 1))) return true
  return directories.has('')
}

/** A file that a Release names, under its own name and its by-hash names. */
export function addIndexFile(files: MetadataFiles, file: IndexFile): void {
  const entry: FileEntry = { sha256: file.sha256, size: file.size }
  files.set(file.path, entry)
  files.set(byHashPath(file.path, 'SHA256', file.sha256), entry)
  if (file.sha512 !== undefined) files.set(byHashPath(file.path, 'SHA512', file.sha512), entry)
}

async function fetchAll(
  context: RepositoryContext,
  fetcher: Fetcher,
  reading: SuiteReading,
  files: IndexFile[],
  signal: AbortSignal,
): Promise<IndexFile[]> {
  const byRequest = new Map<BlobRequest, IndexFile>(
    files.map(file => [requestFor(file, reading.release.acquireByHash), file]),
  )
  const failures = await fetcher.blobs(byRequest.keys(), context.blobs, { mirror: reading.mirror, signal })
  const gone = new Set<IndexFile>()
  for (const { request, error } of failures) {
    if (!(error instanceof YardError && error.code === 'incomplete')) throw error
    gone.add(byRequest.get(request)!)
  }
  const had = new Set(files.filter(file => !gone.has(file)).map(file => file.stem))
  for (const file of gone)
    if (!had.has(file.stem))
      throw new YardError(
        'incomplete',
        `${file.path}: upstream names it but does not have it, and no other variant of it; no snapshot was made, the last one is still served`,
        {
          hint: 'the mirror may be in the middle of an update: try again later, or name another mirror',
        },
      )
  return files.filter(file => !gone.has(file))
}

/** A patch index with a missing patch makes clients fail, none at all makes them fetch whole indexes: so all or nothing. */
async function addPatches(
  context: RepositoryContext,
  fetcher: Fetcher,
  reading: SuiteReading,
  index: IndexFile,
  files: MetadataFiles,
  signal: AbortSignal,
): Promise<void> {
  const directory = index.path.slice(0, index.path.lastIndexOf('/') + 1)
  try {
    await fetcher.blob(requestFor(index, reading.release.acquireByHash), context.blobs, {
      mirror: reading.mirror,
      signal,
    })
    const patches = parsePatchIndex(await context.blobs.read(index.sha256, index.size), index.path)
    const requests = patches.map(patch => ({
      paths: [`${directory}${patch.name}`],
      digest: patch.sha256,
      size: patch.size,
    }))
    const failures = await fetcher.blobs(requests, context.blobs, { mirror: reading.mirror, signal })
    if (failures.length > 0) return
    addIndexFile(files, index)
    for (const patch of patches)
      files.set(`${directory}${patch.name}`, { sha256: patch.sha256, size: patch.size })
  } catch (error) {
    if (
      error instanceof YardError &&
      (error.code === 'incomplete' || error.code === 'invalid' || error.code === 'damaged')
    )
      return
    throw error
  }
}

/** The paths of a suite's metadata in an existing files tree. */
export async function oldMetadata(
  context: RepositoryContext,
  files: Digest,
  suites: ByteString[],
): Promise<Map<ByteString, MetadataFiles>> {
  const found = new Map<ByteString, MetadataFiles>(suites.map(suite => [suite, new Map()]))
  const directories = suites.map(suite => ({ suite, directory: directoryOf(suite), flat: isFlat(suite) }))
  const longestFirst = directories.toSorted((a, b) => b.directory.length - a.directory.length)
  for (const { directory, flat } of directories) {
    const prefix = directory === '' ? '' : `${directory}/`
    for await (const { key, value } of treeEntries(context.trees, files, prefixRange(prefix))) {
      const owner = longestFirst.find(
        other => other.directory === '' || key.startsWith(`${other.directory}/`),
      )
      if (
        owner === undefined ||
        owner.directory !== directory ||
        (flat ? !isFlatMetadata(key.slice(prefix.length)) : isPackagePath(key))
      )
        continue
      found.get(owner.suite)!.set(key, decodeFileEntry(value))
    }
  }
  return found
}

/** In a flat directory packages and metadata lie side by side. */
function isFlatMetadata(path: ByteString): boolean {
  return /^(InRelease|Release(\.gpg)?|(Packages|Sources|Contents|Index)[^/]*|by-hash\/.+|(Packages|Sources)\.diff\/.+)$/.test(
    path,
  )
}
