import {
  type ByteString,
  type ChannelRecord,
  type FileEntry,
  homeOf,
  type Name,
  type SnapshotRecord,
  type Timestamp,
} from '../../model/index.ts'
import { children, decodeFileEntry, leaves, lookup, prefixRange } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { listSnapshots, readSnapshot } from '../records.ts'
import { readChannel, readRelease, type SignedRelease } from '../train-records.ts'
import { keysFor, packagesSigned, verifiesAny } from './content-keys.ts'
import { openContent } from './open-content.ts'
import { type ContentView, type Moving, ownValue, type Standing, standing } from './standing.ts'
import { readStatement } from './statement.ts'

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
  /** Where a channel stands; undefined: there is none, or it has never been moved. */
  channel(train: Name, channel: Name): Promise<ChannelRecord | undefined>
  /** A release with its signature, and the armoured keys that verify it; undefined: there is none. */
  release(train: Name, timestamp: Timestamp): Promise<{ signed: SignedRelease; keys: string } | undefined>
  /** Whether those keys have signed every package of an RPM repository. */
  packagesSigned(repository: Name): boolean
  /** The text of a signed statement, by its path below `/departures/`; undefined: there is none. */
  statement(path: string): Promise<string | undefined>
}

export function createContent(context: RepositoryContext): Content {
  return {
    resolve: (repository, view, path) => resolve(context, repository, view, path),
    open: (file, path, signal) => openContent(context, file, path, signal),
    isGuarded: ({ record }, path) =>
      record?.format === 'dnf' && path.endsWith('.rpm') && verifiesAny(context, homeOf(record)),
    snapshots: repository => listSnapshots(context.refs, repository),
    async record(repository, view) {
      return (await standing(context, repository, view))?.record
    },
    keys: (repository, view) => keysFor(context, repository, view),
    channel: (train, channel) => readChannel(context.refs, train, channel),
    async release(train, timestamp) {
      const signed = await readRelease(context.refs, train, timestamp)
      return signed && { signed, keys: await context.publicKeys(signed.keys) }
    },
    packagesSigned: repository => packagesSigned(context, repository),
    statement: path => readStatement(context.refs, path),
  }
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
  const sealed = at.moving && ownValue(at.moving.sealed, path)
  if (sealed !== undefined) return { kind: 'file', entry: sealed, modified, immutable, record: undefined }
  const entry = await entryAt(context, at.record, path)
  if (entry !== undefined) return { kind: 'file', entry, modified, immutable, record: at.record }
  const recent = at.moving && (await fromRecent(context, at, at.moving, path))
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
  { modified }: Standing,
  { recent }: Moving,
  path: ByteString,
): Promise<Resolution | undefined> {
  for (const { repository, timestamp } of recent) {
    const record = await readSnapshot(context.refs, repository, timestamp)
    const entry = record && (await entryAt(context, record, path))
    if (entry !== undefined) return { kind: 'file', entry, modified, immutable: false, record }
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
