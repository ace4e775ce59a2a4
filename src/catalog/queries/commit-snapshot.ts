import {
  canonicalJson,
  type Json,
  type SnapshotRecord,
  type Timestamp,
  YardError,
} from '../../model/index.ts'
import type { Completeness, ContentRow, ListedSnapshot, SnapshotCommit } from '../catalog.ts'
import { columnsOf } from '../counters.ts'
import type { Database, Queries } from '../dialect/database.ts'
import { appendAudit } from './audit.ts'
import { commitContent, sumContent } from './commit-content.ts'
import { commitPackages } from './commit-packages.ts'
import { addRepository, lastTimestamp } from './repositories.ts'
import { latest } from './snapshots.ts'

/** One transaction, and with it the snapshot exists; its contract is `Catalog.commitSnapshot`. */
export async function commitSnapshot(database: Database, commit: SnapshotCommit): Promise<ListedSnapshot> {
  const content = await sumContent(commit.content)
  return database.write(db => commitInside(database, db, commit, content))
}

async function commitInside(
  database: Database,
  db: Queries,
  commit: SnapshotCommit,
  content: ContentRow[],
): Promise<ListedSnapshot> {
  const { record } = commit
  const base = await checkedBase(db, record, commit.base)
  const repositoryId = await addRepository(db, record.repository)
  const gained = await commitPackages(database, db, repositoryId, record.timestamp, commit.packages)
  const completeness = await commitContent(
    database,
    db,
    repositoryId,
    record.timestamp,
    base?.completeness,
    content,
  )
  checkCounts(record, (base?.record.packageCount ?? 0) + gained, completeness)
  await list(db, repositoryId, record, completeness)
  if (commit.audit !== undefined) await appendAudit(db, commit.audit)
  return { record, completeness }
}

async function checkedBase(
  db: Queries,
  record: SnapshotRecord,
  expected: Timestamp | undefined,
): Promise<ListedSnapshot | undefined> {
  const { repository, timestamp } = record
  const last = await lastTimestamp(db, repository)
  if (last !== undefined && timestamp <= last)
    throw new YardError(
      'exists',
      `${repository}@${timestamp} is not later than ${repository}@${last}; nothing was committed`,
    )
  const base = await latest(db, repository)
  if (base?.record.timestamp === expected) return base
  throw new YardError(
    'busy',
    `the newest snapshot of ${repository} is now ${base?.record.timestamp ?? 'none'}, not ${expected ?? 'none'}: another process changed it meanwhile; nothing was committed`,
    { hint: 'run it again' },
  )
}

/** The changes and the trees come from one source: when they disagree, the caller's arithmetic is wrong. */
function checkCounts(record: SnapshotRecord, packageCount: number, completeness: Completeness): void {
  const { totalEntries, totalBytes } = completeness
  const faults = [
    fault('packages', record.packageCount, packageCount),
    fault('files', record.fileCount, totalEntries),
    fault('bytes', record.byteCount, totalBytes),
  ].filter(text => text !== undefined)
  if (faults.length === 0) return
  const name = `${record.repository}@${record.timestamp}`
  throw new YardError('internal', `${name} does not add up: ${faults.join(', ')}; nothing was committed`)
}

function fault(what: string, recorded: number, counted: number): string | undefined {
  return recorded === counted ? undefined : `its record says ${recorded} ${what}, its changes ${counted}`
}

async function list(
  db: Queries,
  repositoryId: number,
  record: SnapshotRecord,
  completeness: Completeness,
): Promise<void> {
  const { timestamp } = record
  await db
    .insertInto('snapshot')
    .values({
      repository_id: repositoryId,
      timestamp,
      state: 'listed',
      record: canonicalJson(record as unknown as Json),
      ...columnsOf(completeness),
    })
    .execute()
  await db
    .updateTable('repository')
    .set({ last_timestamp: timestamp })
    .where('id', '=', repositoryId)
    .execute()
}
