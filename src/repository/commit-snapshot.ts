import type { AuditLine, PackageChange as CatalogChange, ContentRow } from '../catalog/index.ts'
import type { Job } from '../jobs/index.ts'
import {
  type ByteString,
  type Digest,
  type SnapshotRecord,
  type Timestamp,
  timestampOf,
  YardError,
} from '../model/index.ts'
import { decodeFileEntry, diff, emptyTree, pagesOf } from '../tree/index.ts'
import type { RepositoryContext } from './context.ts'
import { localBlobs } from './fetch-tree.ts'
import { type ChangeCount, countRowChanges } from './package-changes.ts'
import { collectRows, type PackageRow, type RowChanges } from './package-rows.ts'
import { readSnapshot, refNames, writeRecord } from './records.ts'
import { lostReleaseDocument } from './release-documents.ts'
import { collectLock, collectWaitMilliseconds } from './retention.ts'
import { moveLatest, sealLatest } from './seal.ts'

/** A first snapshot has nothing to be compared with. */
const maxReissueQuery = 20_000

/**
 * Makes a snapshot visible. The catalog's transaction is the commit; the refs follow and are derived again at the next
 * start should the process die in between. Trees and blobs are durable before this is called.
 */
export async function commitSnapshot(
  context: RepositoryContext,
  record: SnapshotRecord,
  previous: SnapshotRecord | undefined,
  rows: RowChanges,
  job: Job,
): Promise<{ change: ChangeCount }> {
  await warnOfReissues(context, record, rows, job)
  const lock = await context.locks.acquire(collectLock, collectWaitMilliseconds)
  if (lock === undefined)
    throw new YardError(
      'busy',
      `${record.repository}: a garbage collection holds the store; no snapshot was made`,
      { hint: 'try again when it has ended' },
    )
  try {
    const content = await contentRows(context, previous?.files, record.files)
    await checkPresence(context, record, previous, content)
    await checkInputs(context, record)
    // Signing and the database take about as long, and wait for different things.
    const sealing = sealLatest(context, record)
    const [committed] = await Promise.allSettled([
      commitToCatalog(context, record, previous, rows, content, auditLine(context, record, previous)),
      sealing,
    ])
    if (committed.status === 'rejected') throw committed.reason
    await publishSnapshot(context, record, sealing)
  } finally {
    lock.release()
  }
  return { change: countRowChanges(rows) }
}

/**
 * Lists a snapshot again that the catalog has lost and whose ref and trees are here: behind the ones that the catalog
 * knows. False when it knows later ones. The caller holds `collectLock`.
 */
export async function listAgain(context: RepositoryContext, record: SnapshotRecord): Promise<boolean> {
  const catalog = await context.catalog()
  const last = await catalog.lastTimestamp(record.repository)
  if (last !== undefined && last >= record.timestamp) return false
  const previous = (await catalog.snapshots(record.repository)).at(-1)?.record
  const before = previous?.packages ?? emptyTree('packages').digest
  const rows = await collectRows(diff(context.trees, before, record.packages))
  await commitToCatalog(
    context,
    record,
    previous,
    rows,
    await contentRows(context, previous?.files, record.files),
  )
  return true
}

async function commitToCatalog(
  context: RepositoryContext,
  record: SnapshotRecord,
  previous: SnapshotRecord | undefined,
  rows: RowChanges,
  content: ContentRow[],
  audit?: AuditLine,
): Promise<void> {
  const catalog = await context.catalog()
  await catalog.commitSnapshot({
    record,
    base: previous?.timestamp,
    packages: catalogChanges(rows),
    content,
    ...(audit === undefined ? {} : { audit }),
  })
}

function auditLine(
  { cause, now }: RepositoryContext,
  { repository, timestamp, files, packages }: SnapshotRecord,
  previous: { timestamp: Timestamp } | undefined,
): AuditLine {
  const before = previous === undefined ? {} : { before: previous.timestamp }
  return {
    draft: { ...cause, subject: `${repository}@${timestamp}`, detail: { ...before, files, packages } },
    at: timestampOf(now()),
  }
}

/** One at a time: a first snapshot has tens of thousands. */
function* catalogChanges({ removed, added }: RowChanges): Iterable<CatalogChange> {
  for (const row of removed) yield { kind: 'removed', ...catalogRow(row) }
  for (const row of added) yield { kind: 'added', ...catalogRow(row) }
}

/**
 * A garbage collection that ran while this sync worked may have taken what the sync found and did not write. Under the
 * lock that keeps the next one out, every new page, the Release files, and with `immediate` every new blob, are looked for again.
 */
async function checkPresence(
  context: RepositoryContext,
  record: SnapshotRecord,
  previous: SnapshotRecord | undefined,
  content: ContentRow[],
): Promise<void> {
  for (const [before, root] of [
    [previous?.packages, record.packages],
    [previous?.files, record.files],
  ] as const)
    for (const digest of await newPages(context, before, root))
      if (!(await context.pages.has(digest))) throw collected(record)
  if (isImmediate(context, record) && content.some(row => row.delta > 0 && row.state !== 'local'))
    throw collected(record)
  if ((await lostReleaseDocument(context, record)) !== undefined) throw collected(record)
}

/** What a composed snapshot has not fetched it finds through its inputs: they must be listed still. */
async function checkInputs(context: RepositoryContext, record: SnapshotRecord): Promise<void> {
  if (isImmediate(context, record)) return
  for (const { repository, timestamp } of record.inputs ?? [])
    if ((await readSnapshot(context.refs, repository, timestamp)) === undefined)
      throw new YardError(
        'busy',
        `${record.repository}: ${repository}@${timestamp} was removed while it was composed from it; no snapshot was made`,
        { hint: 'run the sync again' },
      )
}

function isImmediate(context: RepositoryContext, record: SnapshotRecord): boolean {
  return context.configuration.repositories.get(record.repository)?.policy === 'immediate'
}

async function newPages(
  context: RepositoryContext,
  before: Digest | undefined,
  root: Digest,
): Promise<Digest[]> {
  const old = new Set<Digest>()
  if (before !== undefined) for await (const page of pagesOf(context.trees, before)) old.add(page.digest)
  const fresh: Digest[] = []
  for await (const page of pagesOf(context.trees, root, digest => old.has(digest))) fresh.push(page.digest)
  return fresh
}

function collected(record: SnapshotRecord): YardError {
  return new YardError(
    'damaged',
    `${record.repository}: a garbage collection took blobs or pages of the snapshot in the making; no snapshot was made`,
    { hint: 'run the sync again' },
  )
}

/** Writes the refs of a committed snapshot: its own, then `latest`. Idempotent. `sealing`: what `sealLatest` answers. */
export async function publishSnapshot(
  context: RepositoryContext,
  record: SnapshotRecord,
  sealing?: ReturnType<typeof sealLatest>,
): Promise<void> {
  await writeRecord(context.refs, refNames.snapshot(record.repository, record.timestamp), record)
  await moveLatest(context, record, sealing)
}

function catalogRow({
  family,
  suite,
  component,
  architecture,
  name,
  version,
  digest,
  size,
  source,
}: PackageRow) {
  return { family, suite, component, architecture, name, version, digest, size, source }
}

/** How the blobs that the files tree names changed, and which of the new ones are here. */
async function contentRows(
  context: RepositoryContext,
  from: Digest | undefined,
  to: Digest,
): Promise<ContentRow[]> {
  const deltas = new Map<Digest, { size: number; delta: number }>()
  const add = (path: ByteString, value: Uint8Array | undefined, step: number) => {
    if (value === undefined) return
    const { sha256, size } = decodeFileEntry(value)
    const known = deltas.get(sha256)
    if (known === undefined) deltas.set(sha256, { size, delta: step })
    else if (known.size === size) known.delta += step
    else throw twoSizes(path, sha256, size, known.size)
  }
  for await (const { key, before, after } of diff(context.trees, from ?? emptyTree('files').digest, to)) {
    add(key, before, -1)
    add(key, after, 1)
  }
  const isLocal = await localBlobs(context, deltas)
  return [...deltas]
    .filter(([, { delta }]) => delta !== 0)
    .map(([digest, { size, delta }]) => ({
      digest,
      size,
      delta,
      state: isLocal.has(digest) ? 'local' : 'fetchable',
    }))
}

function twoSizes(path: ByteString, digest: Digest, size: number, other: number): YardError {
  return new YardError(
    'invalid',
    `${path} has the SHA-256 ${digest} of another file, but ${size} bytes where that has ${other}; no snapshot was made`,
    { hint: 'upstream published an inconsistent index: try again later, or name another mirror' },
  )
}

/** A package that comes again under its old version with other bytes is legal, and worth a word. */
async function warnOfReissues(
  context: RepositoryContext,
  record: SnapshotRecord,
  rows: RowChanges,
  job: Job,
): Promise<void> {
  if (rows.removed.length === 0 && rows.added.length > maxReissueQuery) return
  const catalog = await context.catalog()
  const reissued = await catalog.reissued(record.repository, rows.added.map(catalogRow))
  for (const { name, version, architecture, before, after } of reissued)
    job.warn(
      `${record.repository}: ${name} ${version} (${architecture}) was re-issued with other bytes: ${before.slice(0, 12)} became ${after.slice(0, 12)}`,
    )
}
