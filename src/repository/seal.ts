import { resealRelease } from '../formats/index.ts'
import {
  type ByteString,
  canonicalJson,
  type FileEntry,
  type Json,
  type LatestRecord,
  millisecondsOf,
  nextTimestamp,
  type SnapshotRecord,
  type SuiteRecord,
  type Timestamp,
  YardError,
} from '../model/index.ts'
import { decodeFileEntry, lookup } from '../tree/index.ts'
import { clearText, type SigningKey, signClear, signDetached, textOf } from '../trust/index.ts'
import { joinPath } from '../upstream/index.ts'
import type { RepositoryContext } from './context.ts'
import { readLatestIfWhole, refNames, writeRecord } from './records.ts'

/** A Release file is never larger; see the upstream's own limit. */
const maxReleaseBytes = 64 * 1024 * 1024

/**
 * Moves `latest` to a snapshot, sealed as `sealLatest` does. Idempotent when `latest` is there already.
 * @throws YardError `damaged` when a suite's Release is not in the snapshot's tree.
 */
export async function moveLatest(
  context: RepositoryContext,
  record: SnapshotRecord,
  sealing = sealLatest(context, record),
): Promise<void> {
  const latest = await sealing
  if (latest !== undefined) await writeRecord(context.refs, refNames.latest(record.repository), latest)
}

/**
 * What `latest` will be at a snapshot; undefined when it is there already, sealed by the keys that sign now. Every suite's
 * Release is sealed (index digests unchanged, Date the moment of the move, no Valid-Until, signed by the yard's keys),
 * because a real apt ignores a Release older than the one it holds. Snapshots served before stay answered as the
 * configuration's `latest` says.
 * @throws YardError as `moveLatest`.
 */
export async function sealLatest(
  context: RepositoryContext,
  record: SnapshotRecord,
): Promise<LatestRecord | undefined> {
  const current = await readLatestIfWhole(context.refs, record.repository)
  if (current?.snapshot === record.timestamp && (await isSealedByNow(context, record, current)))
    return undefined
  return sealAfter(context, record, current)
}

/** What `latest` will be at a snapshot after what it is now, be it the same one. @throws YardError as `moveLatest`. */
export async function sealAfter(
  context: RepositoryContext,
  record: SnapshotRecord,
  current: LatestRecord | undefined,
): Promise<LatestRecord> {
  const moved = nextTimestamp(context.now(), current?.moved)
  const { latest: keep } = context.configuration
  const recent = current === undefined ? [] : recentAfter(current, record.timestamp, moved, keep)
  const { sealed, keys } = await sealSnapshot(context, record, moved)
  return {
    version: 1,
    snapshot: record.timestamp,
    moved,
    sealed,
    recent,
    ...(keys === undefined ? {} : { keys }),
  }
}

/** The files that stand in front of a snapshot's own, and the fingerprints of the keys that signed them. */
export type Seal = Pick<LatestRecord, 'sealed' | 'keys'>

/**
 * The seal of a snapshot that is served from `moved` on. Of an RPM repository it is empty: dnf follows a repomd.xml whatever
 * its date.
 * @throws YardError `damaged` when a suite's Release is not in the snapshot's tree.
 */
export async function sealSnapshot(
  context: RepositoryContext,
  record: SnapshotRecord,
  moved: Timestamp,
): Promise<Seal> {
  const [seal] = await sealSnapshots(context, [record], moved)
  return seal!
}

/** The same for several, in their order: all that is signed is written at once. @throws YardError as `sealSnapshot`. */
export async function sealSnapshots(
  context: RepositoryContext,
  records: SnapshotRecord[],
  moved: Timestamp,
): Promise<Seal[]> {
  const keys = await context.signers()
  const made = await Promise.all(records.map(record => sealedFiles(context, record, { moved, keys })))
  const digests = await context.blobs.putAll(made.flat().map(({ bytes }) => bytes))
  let next = 0
  return made.map((files, i) => {
    if (records[i]!.format === 'dnf') return { sealed: {} }
    const sealed: LatestRecord['sealed'] = {}
    for (const { path, bytes } of files) sealed[path] = { sha256: digests[next++]!, size: bytes.length }
    return { sealed, keys: keys.map(key => key.fingerprint) }
  })
}

/** Whether the keys that sign now, and they alone, have sealed `latest`. */
export async function isSealedByNow(
  context: RepositoryContext,
  record: SnapshotRecord,
  latest: LatestRecord,
): Promise<boolean> {
  if (record.format === 'dnf') return true
  const keys = (await context.signers()).map(key => key.fingerprint)
  return keys.join() === latest.keys?.join()
}

interface Sealing {
  moved: Timestamp
  keys: readonly SigningKey[]
}

interface SealedFile {
  path: ByteString
  bytes: Buffer
}

async function sealedFiles(
  context: RepositoryContext,
  record: SnapshotRecord,
  sealing: Sealing,
): Promise<SealedFile[]> {
  if (record.format === 'dnf') return []
  const suites = record.suites.map(suite => sealSuite(context, record, suite, sealing))
  return (await Promise.all(suites)).flat()
}

async function sealSuite(
  context: RepositoryContext,
  record: SnapshotRecord,
  suite: SuiteRecord,
  { moved, keys }: Sealing,
): Promise<SealedFile[]> {
  const text = clearText(
    resealRelease(await releaseText(context, record, suite), { date: millisecondsOf(moved) }),
  )
  const signedAt = signingDate(keys, millisecondsOf(moved))
  const [inline, detached] = await Promise.all([
    signClear(text, keys, signedAt),
    signDetached(text, keys, signedAt),
  ])
  const files = { Release: text, InRelease: inline, 'Release.gpg': detached }
  return Object.entries(files).map(([name, bytes]) => ({ path: joinPath(suite.directory, name), bytes }))
}

/** A key cannot have signed before it was made, so a younger key dates the signature. In milliseconds since the epoch. */
export function signingDate(keys: readonly SigningKey[], at: number): number {
  return Math.max(at, ...keys.map(key => key.created))
}

/** The text of a suite's Release as the snapshot holds it: the verified one, in whatever document it came. */
export async function releaseText(
  context: RepositoryContext,
  record: SnapshotRecord,
  suite: SuiteRecord,
): Promise<Buffer> {
  for (const name of ['InRelease', 'Release']) {
    const path = joinPath(suite.directory, name)
    const value = await lookup(context.trees, record.files, path)
    if (value === undefined) continue
    const document = await context.blobs.read(decodeFileEntry(value).sha256, maxReleaseBytes)
    return textOf(document, `${path} of ${record.repository}@${record.timestamp}`)
  }
  throw new YardError(
    'damaged',
    `${record.repository}@${record.timestamp} has no Release for ${suite.suite}; nothing was moved to it`,
    { hint: 'run `switchyard fsck`' },
  )
}

/**
 * What is still answered after a move to `next`: each snapshot once, at least `keepAtLeast` of them, and all that were replaced
 * less than `keepSeconds` ago. A move to where it is already replaces nothing.
 */
export function recentAfter<S>(
  current: {
    snapshot: S
    sealed: LatestRecord['sealed']
    recent: { snapshot: S; replaced: Timestamp; sealed: LatestRecord['sealed'] }[]
  },
  next: S,
  moved: Timestamp,
  keep: { keepSeconds: number; keepAtLeast: number },
): (typeof current)['recent'] {
  const { snapshot, sealed, recent } = current
  const name = (one: S) => canonicalJson(one as Json)
  const named = [name(snapshot), name(next)]
  if (named[0] === named[1]) return recent
  const others = recent.filter(one => !named.includes(name(one.snapshot)))
  return stillAnswered([{ snapshot, replaced: moved, sealed }, ...others], millisecondsOf(moved), keep)
}

/** Of what was replaced, newest first, that which is answered still at a moment in milliseconds since the epoch. */
export function stillAnswered<R extends { replaced: Timestamp }>(
  recent: R[],
  now: number,
  keep: { keepSeconds: number; keepAtLeast: number },
): R[] {
  const oldest = now - keep.keepSeconds * 1000
  return recent.filter(({ replaced }, i) => i < keep.keepAtLeast || millisecondsOf(replaced) > oldest)
}

/** Takes a removed snapshot out of what `latest` still answers. */
export function withoutSnapshot(latest: LatestRecord, snapshot: Timestamp): LatestRecord {
  return { ...latest, recent: latest.recent.filter(recent => recent.snapshot !== snapshot) }
}

/** Every blob that `latest`, or a repository of a channel, names beside the snapshots' trees. */
export function sealedBlobs(latest: {
  sealed: LatestRecord['sealed']
  recent: { sealed: LatestRecord['sealed'] }[]
}): FileEntry[] {
  return [latest.sealed, ...latest.recent.map(recent => recent.sealed)].flatMap(sealed =>
    Object.values(sealed),
  )
}
