import { type Digest, isYardError, type SnapshotRecord, type Timestamp } from '../model/index.ts'
import { listAgain, publishSnapshot } from './commit-snapshot.ts'
import type { RepositoryContext } from './context.ts'
import {
  arrivals,
  listRepositories,
  listSnapshots,
  readLatest,
  readSnapshot,
  refNames,
  writeRecord,
} from './records.ts'
import { collectLock, finishRemoval } from './retention.ts'

/** A commit under way takes a moment; what a garbage collection holds up longer is done at the next start. */
const lockWaitMilliseconds = 10_000

/**
 * Does again what a process may have left undone between the catalog's commit and its refs: removals that were begun
 * are finished, refs of committed snapshots are written, `latest` moves to the newest. Costs a listing when nothing is
 * to do. Snapshots that only refs name are listed again: the catalog was lost, or restored from an older copy. Damaged refs
 * are left to fsck, which names them.
 */
export async function reconcile(context: RepositoryContext): Promise<void> {
  const catalog = await context.catalog()
  await countArrivals(context)
  const { unlisted, left } = await undone(context)
  if (unlisted.length + left.length + (await catalog.unfinishedRemovals()).length === 0) return
  // What is begun may be another process's, at this moment: its commit or removal ends before we look again.
  const lock = await context.locks.acquire(collectLock, lockWaitMilliseconds)
  if (lock === undefined) return
  try {
    for (const { repository, timestamp } of await catalog.unfinishedRemovals())
      await unlessDamaged(finishRemoval(context, repository, timestamp))
    for (const record of (await undone(context)).unlisted) await listAgain(context, record)
    for (const unpublished of (await undone(context)).left) await unlessDamaged(publish(context, unpublished))
  } finally {
    lock.release()
  }
}

/** One repository whose files are lost must not keep every other from being used, nor fsck from mending it. */
async function unlessDamaged(work: Promise<void>): Promise<void> {
  await work.catch(error => {
    if (!isYardError(error, 'damaged', 'not-found')) throw error
  })
}

/** Snapshots that refs name and the catalog does not know, oldest first; and those that it knows and that are not published whole. */
async function undone(
  context: RepositoryContext,
): Promise<{ unlisted: SnapshotRecord[]; left: Unpublished[] }> {
  const records = (await (await context.catalog()).snapshots()).map(({ record }) => record)
  const known = new Set(records.map(record => `${record.repository}@${record.timestamp}`))
  return { unlisted: await recordsOutside(context, known), left: await unpublished(context, records) }
}

/** Processes that died while blobs arrived left a ref behind; what is here is counted again for them. */
async function countArrivals(context: RepositoryContext): Promise<void> {
  for (const name of await context.refs.list(arrivals.directory)) {
    const id = name.replace(/\.json$/, '')
    const lock = await context.locks.acquire(arrivals.lock(id))
    if (lock === undefined) continue
    try {
      const here: Digest[] = []
      for await (const { digest } of context.blobs.list()) here.push(digest)
      await (await context.catalog()).markBlobs(here, 'local')
      await context.refs.remove(arrivals.ref(id))
    } finally {
      lock.release()
    }
  }
}

interface Unpublished {
  record: SnapshotRecord
  isNewest: boolean
}

/** Of committed snapshots, by repository and oldest first: those without a ref, and the newest where `latest` is not there. */
async function unpublished(context: RepositoryContext, records: SnapshotRecord[]): Promise<Unpublished[]> {
  const left: Unpublished[] = []
  let listed: Timestamp[] = []
  for (const [i, record] of records.entries()) {
    const { repository, timestamp } = record
    if (records[i - 1]?.repository !== repository) listed = await listSnapshots(context.refs, repository)
    const isNewest = records[i + 1]?.repository !== repository
    if (!listed.includes(timestamp) || (isNewest && !(await isLatest(context, record))))
      left.push({ record, isNewest })
  }
  return left
}

/** An old snapshot gets its ref only: `latest` is the newest one. */
async function publish(context: RepositoryContext, { record, isNewest }: Unpublished): Promise<void> {
  if (isNewest) return publishSnapshot(context, record)
  await writeRecord(context.refs, refNames.snapshot(record.repository, record.timestamp), record)
}

async function isLatest(context: RepositoryContext, record: SnapshotRecord): Promise<boolean> {
  try {
    return (await readLatest(context.refs, record.repository))?.snapshot === record.timestamp
  } catch (error) {
    if (isYardError(error, 'damaged')) return true
    throw error
  }
}

async function recordsOutside(context: RepositoryContext, known: Set<string>): Promise<SnapshotRecord[]> {
  const unknown: SnapshotRecord[] = []
  for (const repository of await listRepositories(context.refs))
    for (const timestamp of await listSnapshots(context.refs, repository)) {
      if (known.has(`${repository}@${timestamp}`)) continue
      const record = await readSnapshot(context.refs, repository, timestamp).catch(ifDamaged)
      if (record !== undefined) unknown.push(record)
    }
  return unknown
}

/** What cannot be read is left to fsck, which names it. */
function ifDamaged(error: unknown): undefined {
  if (!isYardError(error, 'damaged')) throw error
}
