import { sql } from 'kysely'
import { type Name, type Timestamp, YardError } from '../../model/index.ts'
import type { CatalogRepository, CatalogRepositoryKind } from '../catalog.ts'
import type { Queries } from '../dialect/database.ts'
import type { CounterColumns } from '../schema.ts'
import { listedSnapshotOf } from './snapshots.ts'

/** The repository's id; it is created, or its kind changed, as needed. */
export async function addRepository(
  db: Queries,
  name: Name,
  kind: CatalogRepositoryKind,
  created: Timestamp,
): Promise<number> {
  const { id } = await db
    .insertInto('repository')
    .values({ name, kind, created })
    .onConflict(conflict => conflict.column('name').doUpdateSet({ kind }))
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function isKnown(db: Queries, name: Name, kind: CatalogRepositoryKind): Promise<boolean> {
  const row = await db.selectFrom('repository').select('kind').where('name', '=', name).executeTakeFirst()
  return row?.kind === kind
}

export async function lastTimestamp(db: Queries, name: Name): Promise<Timestamp | undefined> {
  const row = await db
    .selectFrom('repository')
    .select('last_timestamp')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.last_timestamp ?? undefined
}

export function recordCheck(db: Queries, name: Name, at: Timestamp): Promise<void> {
  return recordHistory(db, name, { checked: at })
}

export function recordFailure(db: Queries, name: Name, at: Timestamp, message: string): Promise<void> {
  return recordHistory(db, name, { failed: at, failure: message.slice(0, 4000).replaceAll('\0', '\u2400') })
}

async function recordHistory(
  db: Queries,
  name: Name,
  columns: { checked: Timestamp } | { failed: Timestamp; failure: string },
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('repository')
    .set(columns)
    .where('name', '=', name)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new YardError('not-found', `the catalog knows no repository ${name}`)
}

interface RepositoryListing extends CounterColumns {
  name: Name
  kind: CatalogRepositoryKind
  created: Timestamp
  checked: Timestamp | null
  failed: Timestamp | null
  failure: string | null
  snapshot_count: number
  /** Null, and the counters with it, when there is no snapshot. */
  record: string | null
}

export async function repositories(db: Queries): Promise<CatalogRepository[]> {
  const listing = await sql<RepositoryListing>`
    select r.name, r.kind, r.created, r.checked, r.failed, r.failure, newest.*,
      (select count(*) from snapshot s where s.repository_id = r.id and s.state = 'listed') as snapshot_count
    from repository r
    left join snapshot newest on newest.repository_id = r.id and newest.timestamp =
      (select max(timestamp) from snapshot s where s.repository_id = r.id and s.state = 'listed')
    order by r.name
  `.execute(db)
  return listing.rows.map(repositoryOf)
}

function repositoryOf(row: RepositoryListing): CatalogRepository {
  const { name, kind, created, record, checked, failed, failure } = row
  return {
    name,
    kind,
    created,
    snapshotCount: row.snapshot_count,
    ...(record !== null && { latest: listedSnapshotOf({ ...row, record }) }),
    ...(checked !== null && { checked }),
    ...(failed !== null && { failure: { at: failed, message: failure ?? '' } }),
  }
}
