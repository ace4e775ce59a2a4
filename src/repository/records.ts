import {
  type ApprovalRecord,
  type ByteString,
  type ChannelRecord,
  canonicalJson,
  type Digest,
  type EvidenceRecord,
  type HoldsRecord,
  isTimestamp,
  isYardError,
  type Json,
  type LatestRecord,
  messageOf,
  type Name,
  type PlannedMove,
  type ReleaseRecord,
  type SnapshotRecord,
  type Timestamp,
  YardError,
} from '../model/index.ts'
import type { Refs } from '../store/index.ts'
import type { PartMemory } from '../upstream/index.ts'
import { createParsedTexts } from './parsed-texts.ts'
import type { ReleaseComparison } from './release-comparison.ts'
import type { Signed } from './train-records.ts'

/** What a repository remembers between syncs. Losing it costs one full read of its upstream or inputs, nothing else. */
export interface UpstreamMemory {
  version: 1
  /** When the last sync completed, with or without a new snapshot. */
  checked?: Timestamp
  failure?: { at: Timestamp; message: string }
  /** Digest of the upstream's settings: after a change nothing that is remembered counts. */
  settings: Digest
  /** By part: suites of an APT archive, directories with repodata. */
  parts: { [part: string]: PartMemory }
  /** Base URLs that a mirrorlist or metalink named the last time, the one that was read from first. */
  elsewhere?: string[]
  /** Base URLs at which listed packages say that they lie. */
  bases?: string[]
  /** Composed only: the inputs' snapshots that were last looked at, whether or not they made a new one. */
  inputs?: { [repository: Name]: Timestamp }
  /** Composed only: what they led to. Once that snapshot is removed they are looked at anew. */
  snapshot?: Timestamp
}

/** The compressed frames of a composed repository's indexes, to be used again where their packages did not change. */
export interface FrameTable {
  version: 1
  indexes: { [path: ByteString]: { blob: Digest; frames: Frame[] } }
}

export interface Frame {
  /** Digest and size of what is compressed in it. */
  content: Digest
  contentSize: number
  /** Where it lies in the index's blob, in bytes. */
  offset: number
  length: number
  /** Of an xz block: its length without padding, which the stream's index repeats. */
  unpaddedSize?: number
}

/** Where the refs of a repository live below `refs/`. */
export const refNames = {
  snapshots: (repository: Name) => `repositories/${repository}/snapshots`,
  snapshot: (repository: Name, timestamp: Timestamp) =>
    `repositories/${repository}/snapshots/${timestamp}.json`,
  latest: (repository: Name) => `repositories/${repository}/latest.json`,
  upstream: (repository: Name) => `repositories/${repository}/upstream.json`,
  frames: (repository: Name) => `repositories/${repository}/frames.json`,
}

/** What a process leaves for the others while blobs arrive of which the catalog does not know: a ref, and a lock that dies with it. */
export const arrivals = {
  directory: 'arrivals',
  ref: (id: string) => `arrivals/${id}.json`,
  lock: (id: string) => `arrivals-${id}`,
}

/** Timestamps of the listed snapshots, oldest first. */
export async function listSnapshots(refs: Refs, repository: Name): Promise<Timestamp[]> {
  const names = await refs.list(refNames.snapshots(repository))
  return names.map(name => name.replace(/\.json$/, '')).filter(isTimestamp)
}

/** Names of every repository that has refs, configured or not. */
export async function listRepositories(refs: Refs): Promise<Name[]> {
  return (await refs.list('repositories')) as Name[]
}

export function readSnapshot(
  refs: Refs,
  repository: Name,
  timestamp: Timestamp,
): Promise<SnapshotRecord | undefined> {
  return readRecord<SnapshotRecord>(refs, refNames.snapshot(repository, timestamp))
}

export function readLatest(refs: Refs, repository: Name): Promise<LatestRecord | undefined> {
  return readRecord<LatestRecord>(refs, refNames.latest(repository))
}

/** The newest listed snapshot's record. */
export async function readNewest(refs: Refs, repository: Name): Promise<SnapshotRecord | undefined> {
  const newest = (await listSnapshots(refs, repository)).at(-1)
  return newest === undefined ? undefined : readSnapshot(refs, repository, newest)
}

/** Undefined too when it is damaged: it is a memory, and `damagedMemories` tells of it. */
export function readUpstreamMemory(refs: Refs, repository: Name): Promise<UpstreamMemory | undefined> {
  return unlessDamaged(readRecord<UpstreamMemory>(refs, refNames.upstream(repository)))
}

/** Undefined too when it is damaged. */
export function readFrames(refs: Refs, repository: Name): Promise<FrameTable | undefined> {
  return unlessDamaged(readRecord<FrameTable>(refs, refNames.frames(repository)))
}

/** Undefined too when it is damaged: what `latest` was can be told anew from the newest snapshot. */
export function readLatestIfWhole(refs: Refs, repository: Name): Promise<LatestRecord | undefined> {
  return unlessDamaged(readLatest(refs, repository))
}

/** The refs of a repository that can be done without and cannot be read, with what is wrong. */
export async function damagedMemories(
  refs: Refs,
  repository: Name,
): Promise<{ name: string; problem: string }[]> {
  const found: { name: string; problem: string }[] = []
  for (const name of [refNames.upstream(repository), refNames.frames(repository)])
    try {
      await readRecord(refs, name)
    } catch (error) {
      if (!isYardError(error, 'damaged')) throw error
      found.push({ name, problem: error.message })
    }
  return found
}

/** What is read, or undefined for a ref that cannot be. */
export async function unlessDamaged<T>(reading: Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isYardError(error, 'damaged')) return undefined
    throw error
  }
}

export function writeRecord(
  refs: Refs,
  name: string,
  record:
    | SnapshotRecord
    | LatestRecord
    | UpstreamMemory
    | FrameTable
    | ChannelRecord
    | PlannedMove
    | HoldsRecord
    | ReleaseComparison
    | Signed<ReleaseRecord | EvidenceRecord | ApprovalRecord>,
): Promise<void> {
  return refs.write(name, `${canonicalJson(record as unknown as Json)}\n`)
}

/**
 * A record's canonical bytes are ours alone, so version and shape are checked by its version number only.
 * @throws YardError `damaged` when the ref is not JSON or of another version.
 */
export async function readRecord<T extends { version: 1 }>(refs: Refs, name: string): Promise<T | undefined> {
  const text = await refs.read(name)
  if (text === undefined) return undefined
  const record = parse<T>(text, name)
  if (record.version !== 1)
    throw new YardError(
      'damaged',
      `the ref ${name} has version ${record.version}, this program reads version 1; nothing was changed`,
      { hint: 'use the newer program that wrote it' },
    )
  return record
}

function parse<T>(text: string, name: string): T {
  const cached = parsed.find(text)
  if (cached !== undefined) return cached as T
  try {
    const record = JSON.parse(text) as T
    parsed.keep(text, record)
    return record
  } catch (cause) {
    throw new YardError('damaged', `the ref ${name} is damaged: ${messageOf(cause)}`, {
      hint: 'run `switchyard fsck --repair`: it is derived again from the catalog',
      cause,
    })
  }
}

/** Records by their exact text: every request of a server reads the same few. They are never changed after parsing. */
const parsed = createParsedTexts(8 * 1024 * 1024)
