import type { Name, SnapshotRecord, Timestamp } from '../../model/index.ts'
import type { Queries } from '../dialect/database.ts'

/** The repository's id; it is created, or its kind changed, as needed. */
export async function addRepository(
  db: Queries,
  name: Name,
  kind: SnapshotRecord['kind'],
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

export async function lastTimestamp(db: Queries, name: Name): Promise<Timestamp | undefined> {
  const row = await db
    .selectFrom('repository')
    .select('last_timestamp')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.last_timestamp ?? undefined
}
