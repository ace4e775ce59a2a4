import { sql } from 'kysely'
import type { Digest } from '../../model/index.ts'
import type { ContentState } from '../catalog.ts'
import type { Database, Queries, RowColumn } from '../dialect/database.ts'

const columns: RowColumn[] = [['digest', 'text']]

/**
 * Gives content the state, in one repository or in all, and every snapshot that has it the new counters. `digests`:
 * one batch, each once. Content that has the state already is passed over, so that repeating changes nothing.
 */
export async function markContent(
  database: Database,
  db: Queries,
  digests: readonly Digest[],
  state: ContentState,
  repositoryId?: number,
): Promise<void> {
  const given = database.rows(
    columns,
    digests.map(digest => [digest]),
  )
  const inRepository = repositoryId === undefined ? sql`` : sql`and +c.repository_id = ${repositoryId}`
  const theirs = sql`c.digest = given.digest and c.state <> ${state} ${inRepository}`
  const found = database.lookUp(given, 'content', 'c', theirs)
  // Contents that came and went together are added up before they meet the snapshots, of which there may be hundreds.
  await sql`
    update snapshot set
      local_entries = snapshot.local_entries + change.local_entries,
      local_bytes = snapshot.local_bytes + change.local_bytes,
      lost_entries = snapshot.lost_entries + change.lost_entries,
      lost_bytes = snapshot.lost_bytes + change.lost_bytes
    from (
      select s.repository_id, s.timestamp,
        sum(span.local_sign * span.entries) as local_entries, sum(span.local_sign * span.bytes) as local_bytes,
        sum(span.lost_sign * span.entries) as lost_entries, sum(span.lost_sign * span.bytes) as lost_bytes
      from (
        select c.repository_id, c.first, c.until, ${sign(state, 'local')} as local_sign, ${sign(state, 'lost')} as lost_sign,
          sum(c.entries) as entries, sum(c.entries * c.size) as bytes
        from ${found}
        group by c.repository_id, c.first, c.until, c.state
      ) as span
      join snapshot s on s.repository_id = span.repository_id
        and s.timestamp >= span.first and (span.until is null or s.timestamp < span.until)
      group by s.repository_id, s.timestamp
    ) as change
    where snapshot.repository_id = change.repository_id and snapshot.timestamp = change.timestamp
  `.execute(db)
  await sql`
    update content set state = ${state}
    where id in (select c.id from ${found})
  `.execute(db)
}

/** What content that gets another state adds to the count of those in `counted`: 1, 0 or -1. */
function sign(state: ContentState, counted: 'local' | 'lost') {
  if (state === counted) return sql`1`
  return sql`case when c.state = ${sql.lit(counted)} then -1 else 0 end`
}
