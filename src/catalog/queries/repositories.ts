import type { Name, Timestamp } from '../../model/index.ts'
import type { Queries } from '../dialect/database.ts'

/** The repository's id; it is added as needed. */
export async function addRepository(db: Queries, name: Name): Promise<number> {
  const { id } = await db
    .insertInto('repository')
    .values({ name })
    .onConflict(conflict => conflict.column('name').doUpdateSet({ name }))
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
