import type { MirrorConfiguration } from '../config/index.ts'
import { compressionOf, decompressAll } from '../formats/index.ts'
import type { Job } from '../jobs/index.ts'
import {
  type ByteString,
  type Digest,
  digestOf,
  type FileEntry,
  isYardError,
  messageOf,
  YardError,
} from '../model/index.ts'
import { decodeFileEntry, lookup } from '../tree/index.ts'
import type { BlobRequest, Fetcher } from '../upstream/index.ts'
import type { RepositoryContext } from './context.ts'
import { fetcherFor } from './fetcher-for.ts'
import { variantsOf } from './index-variants.ts'
import { namesOfFile, type WantedFile } from './names-of-file.ts'

/**
 * Brings files of one mirror's tree into the store: from `seed:` directories, by decompressing a variant that is here,
 * from upstream, then from `fallback:`. Goes on after a failure; what came is kept for the next run.
 * @throws YardError `no-space` before anything is fetched, when the missing bytes do not fit; `incomplete`, `damaged`
 *   or `unavailable` naming the first of the files that could not be had.
 */
export async function fetchFiles(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  files: WantedFile[],
  tree: Digest,
  job: Job,
): Promise<void> {
  await checkSpace(context, mirror, files)
  const totalBytes = files.reduce((sum, file) => sum + file.size, 0)
  let doneFiles = 0
  let doneBytes = 0
  const done = (size: number) => {
    doneFiles++
    doneBytes += size
    job.progress(doneFiles, files.length, doneBytes, totalBytes)
  }
  const unseeded: WantedFile[] = []
  for (const file of files) {
    if ((await takeSeed(context, mirror, file)) || (await derive(context, tree, file))) done(file.size)
    else unseeded.push(file)
  }
  const fetcher = await fetcherFor(context, mirror)
  const options = {
    signal: job.signal,
    onDone: (request: BlobRequest) => done(request.size),
  }
  const requests = await Promise.all(unseeded.map(file => requestOf(context, tree, file)))
  let failures = await fetcher.blobs(requests, context.blobs, options)
  const fallback = failures.length === 0 ? undefined : await context.fallbackFetcher(mirror)
  if (fallback !== undefined)
    failures = await fallback.blobs(
      failures.map(failure => failure.request),
      context.blobs,
      options,
    )
  if (failures.length > 0) throw failureOf(context, mirror, failures, files.length)
}

/**
 * Brings one blob here, or finds out that it cannot be had. An index that no server keeps uncompressed is made from a
 * variant, which is fetched for that.
 * @throws YardError `incomplete` when no upstream has it any more; else as fetching does.
 */
export async function fetchFile(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  file: WantedFile,
  tree: Digest,
  signal?: AbortSignal,
): Promise<void> {
  if (await takeFromHere(context, mirror, file, tree)) return
  const request = await requestOf(context, tree, file)
  const options = signal === undefined ? {} : { signal }
  try {
    await withFallback(context, mirror, fetcher => fetcher.blob(request, context.blobs, options))
  } catch (error) {
    const plain = { ...file, path: request.paths.at(-1)! }
    if (
      !isYardError(error, 'incomplete') ||
      !(await deriveFromUpstream(context, mirror, plain, tree, signal))
    )
      throw error
  }
}

/** Brings a blob here without a network: from a `seed:` directory, or by decompressing a variant that is here. */
export async function takeFromHere(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  file: WantedFile,
  tree: Digest,
): Promise<boolean> {
  const plain = { ...file, path: (await namesOfFile(context, tree, file)).at(-1)! }
  return (await takeSeed(context, mirror, plain)) || derive(context, tree, plain)
}

async function deriveFromUpstream(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  file: WantedFile,
  tree: Digest,
  signal?: AbortSignal,
): Promise<boolean> {
  for (const { path, entry } of await variantsIn(context, tree, file.path)) {
    try {
      await fetchFile(context, mirror, { path, ...entry }, tree, signal)
    } catch (error) {
      if (!isYardError(error, 'incomplete', 'damaged')) throw error
      continue
    }
    if (await derive(context, tree, file)) return true
  }
  return false
}

/** Tries the upstream, and the fallback for what the upstream has lost. */
async function withFallback<T>(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  attempt: (fetcher: Fetcher) => Promise<T>,
): Promise<T> {
  try {
    return await attempt(await fetcherFor(context, mirror))
  } catch (error) {
    const fallback = isYardError(error, 'incomplete', 'damaged', 'unavailable')
      ? await context.fallbackFetcher(mirror)
      : undefined
    if (fallback === undefined) throw error
    return attempt(fallback)
  }
}

/** The request for a file of a tree, under every name that its mirror may have it. */
export async function requestOf(
  context: RepositoryContext,
  tree: Digest,
  file: WantedFile,
): Promise<BlobRequest> {
  return { paths: await namesOfFile(context, tree, file), digest: file.sha256, size: file.size }
}

async function checkSpace(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  files: WantedFile[],
): Promise<void> {
  const needed = files.reduce((sum, file) => sum + file.size, 0)
  const free = await context.blobs.freeSpace()
  if (free !== undefined && needed > free)
    throw new YardError(
      'no-space',
      `${mirror.name}: ${files.length} files with ${needed} bytes are missing, but only ${free} bytes are free; nothing was fetched, what was served is still served`,
      {
        hint: 'free space (`switchyard gc`), or set policy: on-demand',
      },
    )
}

async function takeSeed(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  file: WantedFile,
): Promise<boolean> {
  for (const directory of mirror.seed)
    if ((await context.blobs.adopt(context.seedFile(directory, file.path), file.sha256)) !== undefined)
      return true
  return false
}

/**
 * An uncompressed index that no server keeps is the decompressed form of a variant that is here. One that is damaged, or
 * holds something else than it should, is passed over: there are other variants, and upstream.
 */
async function derive(context: RepositoryContext, tree: Digest, file: WantedFile): Promise<boolean> {
  for (const { path, entry } of await variantsIn(context, tree, file.path)) {
    if ((await context.blobs.size(entry.sha256)) === undefined) continue
    const bytes = await unpacked(context, path, entry, file.size)
    if (bytes === undefined || digestOf(bytes) !== file.sha256) continue
    await context.blobs.put(bytes)
    return true
  }
  return false
}

/** Undefined when it cannot be read. */
async function unpacked(
  context: RepositoryContext,
  path: ByteString,
  { sha256, size }: FileEntry,
  maxBytes: number,
): Promise<Buffer | undefined> {
  try {
    const packed = await context.blobs.read(sha256, size)
    return await decompressAll(compressionOf(path), packed, { maxBytes, object: path })
  } catch (error) {
    if (isYardError(error, 'damaged', 'invalid', 'not-found')) return undefined
    throw error
  }
}

/** The compressed variants that a tree has of an uncompressed index. */
export async function variantsIn(
  context: RepositoryContext,
  tree: Digest,
  path: ByteString,
): Promise<{ path: ByteString; entry: FileEntry }[]> {
  const found: { path: ByteString; entry: FileEntry }[] = []
  for (const variant of variantsOf(path)) {
    const value = await lookup(context.trees, tree, variant)
    if (value !== undefined) found.push({ path: variant, entry: decodeFileEntry(value) })
  }
  return found
}

function failureOf(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  failures: { request: BlobRequest; error: unknown }[],
  total: number,
): YardError {
  for (const { request, error } of failures)
    if (isYardError(error, 'incomplete')) context.onLost(request.digest)
  const { request, error } = failures[0]!
  const code = isYardError(error) ? error.code : 'internal'
  return new YardError(
    code,
    `${mirror.name}: ${failures.length} of ${total} files could not be fetched, the first: ${request.paths.at(-1)}: ${messageOf(error)}; no snapshot was made or completed, the files that came are kept`,
    {
      hint: 'run the sync again; a file that upstream has lost may be had from a `fallback:` upstream',
      cause: error,
    },
  )
}
