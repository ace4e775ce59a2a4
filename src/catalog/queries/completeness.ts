import { type Digest, type Name, type Timestamp, YardError } from '../../model/index.ts'
import { inBatches } from '../batches.ts'
import type { Completeness, ContentState } from '../catalog.ts'
import { columnsOf } from '../counters.ts'
import type { Database, Queries } from '../dialect/database.ts'
import { markContent } from './mark-content.ts'
import { snapshot } from './snapshots.ts'

/** @throws YardError `not-found`. */
export async function completeness(
  db: Queries,
  repository: Name,
  timestamp: Timestamp,
): Promise<Completeness> {
  const listed = await snapshot(db, repository, timestamp)
  if (listed === undefined) throw absent(repository, timestamp)
  return listed.completeness
}

/** @throws YardError `not-found`. */
export async function recount(
  db: Queries,
  repository: Name,
  timestamp: Timestamp,
  counters: Completeness,
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('snapshot')
    .set(columnsOf(counters))
    .where('timestamp', '=', timestamp)
    .where('state', '=', 'listed')
    .where('repository_id', '=', eb =>
      eb.selectFrom('repository').select('id').where('name', '=', repository),
    )
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw absent(repository, timestamp)
}

function absent(repository: Name, timestamp: Timestamp): YardError {
  return new YardError('not-found', `there is no snapshot ${repository}@${timestamp}`)
}

/** One transaction for all of them. */
export async function markBlobs(
  database: Database,
  digests: Iterable<Digest>,
  state: ContentState,
  repository?: Name,
): Promise<void> {
  const marked = new Set(digests)
  if (marked.size === 0) return
  await database.write(async db => {
    const repositoryId = repository === undefined ? undefined : await idOf(db, repository)
    for await (const batch of inBatches(marked)) await markContent(database, db, batch, state, repositoryId)
  })
}

/** An id that no row has, for a repository that is not known: it names no content either. */
async function idOf(db: Queries, repository: Name): Promise<number> {
  const row = await db.selectFrom('repository').select('id').where('name', '=', repository).executeTakeFirst()
  return row?.id ?? -1
}
