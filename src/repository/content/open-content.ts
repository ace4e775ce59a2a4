import type { MirrorConfiguration } from '../../config/index.ts'
import {
  type ByteString,
  type FileEntry,
  homeOf,
  isYardError,
  type SnapshotRecord,
  YardError,
} from '../../model/index.ts'
import { decodeFileEntry, lookup } from '../../tree/index.ts'
import type { BlobRequest } from '../../upstream/index.ts'
import { acceptFromAny, acceptPackage, verifiesPackages } from '../accept-package.ts'
import { originalPath } from '../compose/moved-paths.ts'
import type { RepositoryContext } from '../context.ts'
import { fetcherFor } from '../fetcher-for.ts'
import { fetchFile, requestOf, takeFromHere, variantsIn } from '../obtain.ts'
import { readSnapshot } from '../records.ts'
import type { OpenedFile, Resolution } from './content.ts'
import { signersOf } from './content-keys.ts'

/** @throws YardError as `Content.open`. */
export async function openContent(
  context: RepositoryContext,
  file: Resolution & { kind: 'file' },
  path: ByteString,
  signal?: AbortSignal,
): Promise<OpenedFile> {
  const { entry, record } = file
  const here = await context.blobs.size(entry.sha256)
  if (here !== undefined && here !== entry.size) throw otherSize(file, path, here)
  const isHere = here !== undefined
  if (isHere && !(record?.format === 'dnf' && path.endsWith('.rpm'))) return openLocal(context, entry)
  if (record === undefined)
    throw new YardError('damaged', `the sealed file ${path} is missing from the store`, {
      hint: 'run `switchyard fsck --repair`',
    })
  const source = await sourceOf(context, record, path, entry)
  if (source === undefined && isHere) {
    await acceptFromAny(context, signersOf(context, homeOf(record)) ?? [], path, entry.sha256)
    return openLocal(context, entry)
  }
  if (source === undefined)
    throw new YardError(
      'incomplete',
      `${record.repository}@${record.timestamp}: ${path} is not here, and no configured upstream names it`,
      { hint: 'run `switchyard fsck`, or add the upstream it came from' },
    )
  const guard = verifiesPackages(source.mirror, source.path) ? source.mirror : undefined
  const openGuarded = async () => {
    if (guard !== undefined) await acceptPackage(context, guard, source.path, entry.sha256)
    return openLocal(context, entry)
  }
  if (isHere) return openGuarded()
  const wanted = { path: source.path, ...entry }
  const tree = source.record.files
  try {
    const request = await requestOf(context, tree, wanted)
    const whole =
      guard !== undefined ||
      entry.size <= wholeFileBytes ||
      (await variantsIn(context, tree, request.paths.at(-1)!)).length > 0
    if (whole) await fetchFile(context, source.mirror, wanted, tree, signal)
    if (whole || (await takeFromHere(context, source.mirror, wanted, tree))) return openGuarded()
    return { kind: 'stream', stream: stream(context, source.mirror, request, signal) }
  } catch (error) {
    if (isYardError(error, 'incomplete')) context.onLost(entry.sha256)
    throw error
  }
}

/**
 * Up to here a file is fetched whole before its first byte leaves; a client waits no longer than a moment for it. So
 * is an index that may have to be made from a compressed variant.
 */
const wholeFileBytes = 1024 * 1024

/** Bytes as they arrive; where the upstream gives none at all, those of its `fallback:`. */
async function* stream(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  request: BlobRequest,
  signal?: AbortSignal,
): AsyncIterable<Uint8Array> {
  const options = signal === undefined ? {} : { signal }
  let begun = false
  try {
    for await (const chunk of (await fetcherFor(context, mirror)).stream(request, context.blobs, options)) {
      begun = true
      yield chunk
    }
  } catch (error) {
    const fallback =
      begun || isYardError(error, 'cancelled') ? undefined : await context.fallbackFetcher(mirror)
    if (fallback === undefined) {
      if (isYardError(error, 'incomplete')) context.onLost(request.digest)
      throw error
    }
    yield* fallback.stream(request, context.blobs, options)
  }
}

/** An index may lie about a size; what is announced to a client must be what follows, or it takes the rest for another answer. */
function otherSize({ entry }: { entry: FileEntry }, path: ByteString, size: number): YardError {
  return new YardError(
    'damaged',
    `${path}: its index says ${entry.size} bytes, but the file with its SHA-256 ${entry.sha256} has ${size}`,
    { hint: 'tell whoever publishes the repository' },
  )
}

function openLocal(context: RepositoryContext, entry: FileEntry): OpenedFile {
  const place = context.blobs.locate?.(entry.sha256)
  return place !== undefined && 'file' in place
    ? { kind: 'file', file: place.file }
    : { kind: 'stream', stream: context.blobs.open(entry.sha256) }
}

/** The mirror from which a file of a snapshot can be fetched, and its path there. */
export interface Source {
  mirror: MirrorConfiguration
  record: SnapshotRecord
  path: ByteString
}

/** Follows a composed snapshot's inputs down to the mirror that names the file with these bytes. */
export async function sourceOf(
  context: RepositoryContext,
  record: SnapshotRecord,
  path: ByteString,
  entry: FileEntry,
): Promise<Source | undefined> {
  const configuration = context.configuration.repositories.get(record.repository)
  if (configuration?.kind === 'mirror') return { mirror: configuration, record, path }
  for (const input of record.inputs ?? []) {
    const inputRecord = await readSnapshot(context.refs, input.repository, input.timestamp)
    if (inputRecord === undefined) continue
    for (const candidate of [path, originalPath(path)]) {
      const value =
        candidate === undefined ? undefined : await lookup(context.trees, inputRecord.files, candidate)
      if (value !== undefined && decodeFileEntry(value).sha256 === entry.sha256)
        return sourceOf(context, inputRecord, candidate!, entry)
    }
  }
  return undefined
}
