import type { MirrorConfiguration, UploadsConfiguration } from '../config/index.ts'
import {
  type ByteString,
  type FileEntry,
  isYardError,
  type LatestRecord,
  type Name,
  type SnapshotRecord,
  type Timestamp,
  trustOf,
  YardError,
} from '../model/index.ts'
import { children, decodeFileEntry, leaves, lookup, prefixRange } from '../tree/index.ts'
import type { BlobRequest } from '../upstream/index.ts'
import { acceptFromAny, acceptPackage, verifiesPackages } from './accept-package.ts'
import { originalPath } from './compose/moved-paths.ts'
import type { OwnRepository } from './compose/publisher.ts'
import type { RepositoryContext } from './context.ts'
import { fetcherFor } from './fetcher-for.ts'
import { fetchFile, requestOf, takeFromHere, variantsIn } from './obtain.ts'
import { listSnapshots, readLatest, readSnapshot, readUpstreamMemory } from './records.ts'

/** Which tree of a repository is meant. */
export type ContentView =
  | { kind: 'snapshot'; timestamp: Timestamp }
  | { kind: 'latest' }
  | { kind: 'by-time'; timestamp: Timestamp }

export type Resolution =
  | {
      kind: 'file'
      entry: FileEntry
      /** The instant for Last-Modified: the snapshot's own, or the move's. */
      modified: Timestamp
      /** The answer for this path can never change. */
      immutable: boolean
      /** The snapshot whose tree names it; undefined for a sealed file, which is always local. */
      record: SnapshotRecord | undefined
    }
  | { kind: 'directory'; modified: Timestamp; immutable: boolean; entries: DirectoryEntry[] }
  /** The path names a directory and lacks its final slash. */
  | { kind: 'slash-missing' }

export interface DirectoryEntry {
  name: ByteString
  directory: boolean
  /** In bytes, of a file. */
  size?: number
}

export type OpenedFile =
  | { kind: 'file'; file: string }
  | { kind: 'stream'; stream: AsyncIterable<Uint8Array> }

/**
 * The read path: answers from refs, pages and blobs alone, never from the catalog, so that it works when the database,
 * the upstream and the control plane are gone. Hits and misses cost the same few page look-ups in memory.
 */
export interface Content {
  /** Undefined: no such path, snapshot or repository. A path that is empty or ends in `/` asks for a directory. */
  resolve(repository: Name, view: ContentView, path: ByteString): Promise<Resolution | undefined>
  /**
   * The bytes of a resolved file: a local file, or a stream that is verified before its end. A blob that is not here is
   * fetched (concurrent callers share one fetch) and kept.
   * @throws YardError `incomplete` when no upstream has it any more, `unavailable` when none answers.
   */
  open(file: Resolution & { kind: 'file' }, path: ByteString, signal?: AbortSignal): Promise<OpenedFile>
  /** Whether the bytes alone do not prove a file: what another repository serves is opened here all the same before it is sent. */
  isGuarded(file: Resolution & { kind: 'file' }, path: ByteString): boolean
  /** Timestamps of a repository's listed snapshots, oldest first; none when there is no such repository. */
  snapshots(repository: Name): Promise<Timestamp[]>
  /** The record behind a view. */
  record(repository: Name, view: ContentView): Promise<SnapshotRecord | undefined>
  /**
   * The armoured keys that verify what a view serves: ours for `latest`, those of ours that signed it for a dated snapshot
   * of a composed repository, upstream's for a dated mirror; undefined where the operator trusts it unverified.
   */
  keys(repository: Name, view: ContentView): Promise<string | undefined>
  /** Whether those keys have signed every package of an RPM repository. */
  packagesSigned(repository: Name): boolean
}

export function createContent(context: RepositoryContext): Content {
  return {
    resolve: (repository, view, path) => resolve(context, repository, view, path),
    open: (file, path, signal) => open(context, file, path, signal),
    isGuarded: ({ record }, path) =>
      record?.format === 'dnf' && path.endsWith('.rpm') && verifiesAny(context, record.repository),
    snapshots: repository => listSnapshots(context.refs, repository),
    async record(repository, view) {
      return (await standing(context, repository, view))?.record
    },
    keys: (repository, view) => keysFor(context, repository, view),
    packagesSigned: repository => packagesSigned(context, repository),
  }
}

/** What a view stands for at this moment. */
interface Standing {
  record: SnapshotRecord
  latest: LatestRecord | undefined
  modified: Timestamp
  immutable: boolean
}

async function standing(
  context: RepositoryContext,
  repository: Name,
  view: ContentView,
): Promise<Standing | undefined> {
  if (view.kind === 'latest') {
    const latest = await readLatest(context.refs, repository)
    const record = latest && (await readSnapshot(context.refs, repository, latest.snapshot))
    return record && { record, latest, modified: latest!.moved, immutable: false }
  }
  const timestamp =
    view.kind === 'snapshot'
      ? view.timestamp
      : (await listSnapshots(context.refs, repository)).findLast(listed => listed <= view.timestamp)
  const record = timestamp === undefined ? undefined : await readSnapshot(context.refs, repository, timestamp)
  if (record === undefined) return undefined
  return {
    record,
    latest: undefined,
    modified: record.timestamp,
    immutable: view.kind === 'snapshot' || (await isPast(context, repository, view.timestamp)),
  }
}

/** A moment before the last completed sync can get no further snapshot. */
async function isPast(context: RepositoryContext, repository: Name, timestamp: Timestamp): Promise<boolean> {
  const newest = (await listSnapshots(context.refs, repository)).at(-1)
  if (newest !== undefined && timestamp < newest) return true
  const checked = (await readUpstreamMemory(context.refs, repository))?.checked
  return checked !== undefined && timestamp < checked
}

async function resolve(
  context: RepositoryContext,
  repository: Name,
  view: ContentView,
  path: ByteString,
): Promise<Resolution | undefined> {
  const at = await standing(context, repository, view)
  if (at === undefined) return undefined
  if (path === '' || path.endsWith('/')) return directory(context, at, path)
  const { modified, immutable } = at
  // A path is a stranger's text: `constructor` is no sealed file.
  const sealed = at.latest && Object.hasOwn(at.latest.sealed, path) ? at.latest.sealed[path] : undefined
  if (sealed !== undefined) return { kind: 'file', entry: sealed, modified, immutable, record: undefined }
  const entry = await entryAt(context, at.record, path)
  if (entry !== undefined) return { kind: 'file', entry, modified, immutable, record: at.record }
  const recent = at.latest === undefined ? undefined : await fromRecent(context, repository, at.latest, path)
  if (recent !== undefined) return recent
  return (await isDirectory(context, at.record, path)) ? { kind: 'slash-missing' } : undefined
}

/** Whether anything lies below the path: one look, however much it is. */
async function isDirectory(
  context: RepositoryContext,
  record: SnapshotRecord,
  path: ByteString,
): Promise<boolean> {
  for await (const leaf of leaves(context.trees, record.files, prefixRange(`${path}/`)))
    if (leaf.length > 0) return true
  return false
}

/** A client that began before a move may still ask for what left the tree. */
async function fromRecent(
  context: RepositoryContext,
  repository: Name,
  latest: LatestRecord,
  path: ByteString,
): Promise<Resolution | undefined> {
  for (const recent of latest.recent) {
    const record = await readSnapshot(context.refs, repository, recent.snapshot)
    const entry = record && (await entryAt(context, record, path))
    if (entry !== undefined) return { kind: 'file', entry, modified: latest.moved, immutable: false, record }
  }
  return undefined
}

async function entryAt(
  context: RepositoryContext,
  record: SnapshotRecord,
  path: ByteString,
): Promise<FileEntry | undefined> {
  const value = await lookup(context.trees, record.files, path)
  return value === undefined ? undefined : decodeFileEntry(value)
}

async function directory(
  context: RepositoryContext,
  at: Standing,
  path: ByteString,
): Promise<Resolution | undefined> {
  const entries: DirectoryEntry[] = []
  for await (const child of children(context.trees, at.record.files, path.replace(/\/$/, '')))
    entries.push(
      child.directory
        ? { name: child.name, directory: true }
        : { name: child.name, directory: false, size: decodeFileEntry(child.value).size },
    )
  if (entries.length === 0 && path !== '') return undefined
  return { kind: 'directory', modified: at.modified, immutable: at.immutable, entries }
}

async function open(
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
    await acceptFromAny(context, signersOf(context, record.repository) ?? [], path, entry.sha256)
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

async function keysFor(
  context: RepositoryContext,
  repository: Name,
  view: ContentView,
): Promise<string | undefined> {
  const configuration = context.configuration.repositories.get(repository)
  if (configuration?.kind !== 'mirror') return keysOfOurs(context, repository, view, configuration)
  if (configuration.upstream.format === 'apt' && view.kind === 'latest') return context.publicKeys()
  return (await context.keyring(configuration))?.armoured()
}

/** Our own, and for dnf, which verifies packages one by one, also those of everybody whose packages these are. */
async function keysOfOurs(
  context: RepositoryContext,
  name: Name,
  view: ContentView,
  repository: OwnRepository | undefined,
): Promise<string> {
  const record = (await standing(context, name, view))?.record
  const keys = [await context.publicKeys(await metadataSigners(context, record, view))]
  if (repository?.output.format === 'dnf') keys.push(...(await packageKeys(context, repository)))
  return [...new Set(keys)].join('\n')
}

/**
 * Who signed the metadata of ours that a view serves; undefined: whoever signs now, as `latest` is sealed for apt. dnf
 * follows `latest` as its snapshots were signed, so it gets the keys that sign now for the next one.
 */
async function metadataSigners(
  context: RepositoryContext,
  record: SnapshotRecord | undefined,
  view: ContentView,
): Promise<string[] | undefined> {
  const signed =
    record === undefined || record.kind === 'mirror'
      ? []
      : trustOf(record).flatMap(trust => (trust.kind === 'keys' ? trust.fingerprints : []))
  if (signed.length === 0 || (view.kind === 'latest' && record?.format === 'apt')) return undefined
  if (view.kind !== 'latest') return signed
  return [...signed, ...(await context.signers()).map(key => key.fingerprint)]
}

function packagesSigned(context: RepositoryContext, name: Name): boolean {
  return signersOf(context, name) !== undefined
}

/** Whether any of the repositories that a repository's packages come from wants them signed. */
function verifiesAny(context: RepositoryContext, name: Name): boolean {
  const repository = context.configuration.repositories.get(name)
  if (repository?.kind === 'compose') return repository.from.some(input => verifiesAny(context, input))
  return repository !== undefined && verifiesPackages(repository, '.rpm')
}

/** The repositories that a repository's packages come from, when each of them wants every package signed. */
function signersOf(
  context: RepositoryContext,
  name: Name,
): (MirrorConfiguration | UploadsConfiguration)[] | undefined {
  const repository = context.configuration.repositories.get(name)
  if (repository === undefined) return undefined
  if (repository.kind !== 'compose') return verifiesPackages(repository, '.rpm') ? [repository] : undefined
  const signers: (MirrorConfiguration | UploadsConfiguration)[] = []
  for (const input of repository.from) {
    const theirs = signersOf(context, input)
    if (theirs === undefined) return undefined
    signers.push(...theirs)
  }
  return signers
}

async function packageKeys(context: RepositoryContext, repository: OwnRepository): Promise<string[]> {
  if (repository.kind === 'uploads') {
    const keyring = await context.keyring(repository)
    return keyring === undefined ? [] : [keyring.armoured()]
  }
  const keys: string[] = []
  for (const name of repository.from) {
    const input = context.configuration.repositories.get(name)
    if (input === undefined) continue
    if (input.kind !== 'mirror') keys.push(...(await packageKeys(context, input)))
    else keys.push(...[await context.keyring(input)].flatMap(keyring => keyring?.armoured() ?? []))
  }
  return keys
}
