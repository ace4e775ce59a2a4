import { sql } from 'kysely'
import { type Name, type Timestamp, YardError } from '../../model/index.ts'
import { untilDone } from '../batches.ts'
import type { AuditLine, UnfinishedRemoval } from '../catalog.ts'
import type { Queries } from '../dialect/database.ts'
import { appendAudit } from './audit.ts'

/** The snapshot leaves the list, and the spans follow the list in the same transaction. */
export async function beginRemoval(
  db: Queries,
  repository: Name,
  timestamp: Timestamp,
  audit?: AuditLine,
): Promise<void> {
  const found = await find(db, repository, timestamp)
  if (found === undefined) throw new YardError('not-found', `there is no snapshot ${repository}@${timestamp}`)
  if (found.state === 'removing') return
  await db
    .updateTable('snapshot')
    .set({ state: 'removing' })
    .where('repository_id', '=', found.repository_id)
    .where('timestamp', '=', timestamp)
    .execute()
  await mendSpans(db, found.repository_id, timestamp)
  if (audit !== undefined) await appendAudit(db, audit)
}

export async function finishRemoval(db: Queries, repository: Name, timestamp: Timestamp): Promise<void> {
  const found = await find(db, repository, timestamp)
  if (found === undefined) return
  if (found.state === 'listed')
    throw new YardError('refused', `${repository}@${timestamp} is listed; nothing was removed`)
  await db
    .deleteFrom('snapshot')
    .where('repository_id', '=', found.repository_id)
    .where('timestamp', '=', timestamp)
    .execute()
}

export async function unfinishedRemovals(db: Queries): Promise<UnfinishedRemoval[]> {
  return db
    .selectFrom('snapshot')
    .innerJoin('repository', 'repository.id', 'snapshot.repository_id')
    .select(['repository.name as repository', 'timestamp'])
    .where('state', '=', 'removing')
    .orderBy('repository.name')
    .orderBy('timestamp')
    .execute()
}

function find(db: Queries, repository: Name, timestamp: Timestamp) {
  return db
    .selectFrom('snapshot')
    .innerJoin('repository', 'repository.id', 'snapshot.repository_id')
    .select(['repository_id', 'state'])
    .where('repository.name', '=', repository)
    .where('timestamp', '=', timestamp)
    .executeTakeFirst()
}

/**
 * A span `first <= t < until` stays right when a snapshot in it goes. Two kinds of rows remain to be looked at, and
 * both lie between the neighbours of the snapshot that goes: those that no listed snapshot has any more vanish, and
 * when the newest snapshot goes, those that ended with it are current again.
 */
async function mendSpans(db: Queries, repositoryId: number, gone: Timestamp): Promise<void> {
  const { before, after } = await neighbours(db, repositoryId, gone)
  for (const table of ['package', 'content'] as const) {
    await vanish(db, table, repositoryId, before, after)
    if (after === null) await reopen(db, table, repositoryId, before)
  }
}

/** The listed snapshots on either side; `before` is `''`, less than any timestamp, when there is none. */
async function neighbours(db: Queries, repositoryId: number, gone: Timestamp) {
  const found = await sql<{ before: string; after: Timestamp | null }>`
    select
      coalesce(max(case when timestamp < ${gone} then timestamp end), '') as before,
      min(case when timestamp > ${gone} then timestamp end) as after
    from snapshot where repository_id = ${repositoryId} and state = 'listed'
  `.execute(db)
  return found.rows[0]!
}

async function vanish(
  db: Queries,
  table: 'package' | 'content',
  repositoryId: number,
  before: string,
  after: Timestamp | null,
): Promise<void> {
  const ended = after === null ? sql`` : sql`and until > ${before} and until <= ${after}`
  await untilDone(async limit => {
    const { numAffectedRows } = await sql`
      delete from ${sql.table(table)} where id in (
        select id from ${sql.table(table)}
        where repository_id = ${repositoryId} and first > ${before} ${ended} limit ${limit}
      )
    `.execute(db)
    return Number(numAffectedRows)
  })
}

async function reopen(
  db: Queries,
  table: 'package' | 'content',
  repositoryId: number,
  before: string,
): Promise<void> {
  await untilDone(async limit => {
    const { numAffectedRows } = await sql`
      update ${sql.table(table)} set until = null where id in (
        select id from ${sql.table(table)}
        where repository_id = ${repositoryId} and until > ${before} limit ${limit}
      )
    `.execute(db)
    return Number(numAffectedRows)
  })
}
