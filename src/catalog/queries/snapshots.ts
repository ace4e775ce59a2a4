import type { Name, SnapshotRecord, Timestamp } from '../../model/index.ts'
import { YardError } from '../../model/index.ts'
import type { ListedSnapshot } from '../catalog.ts'
import { completenessOf, counterColumns } from '../counters.ts'
import type { Queries } from '../dialect/database.ts'
import type { CounterColumns } from '../schema.ts'

/** By repository name, oldest first; of all repositories when none is named. */
export async function snapshots(db: Queries, repository?: Name): Promise<ListedSnapshot[]> {
  let query = listed(db).orderBy('repository.name').orderBy('timestamp')
  if (repository !== undefined) query = query.where('repository.name', '=', repository)
  return (await query.execute()).map(listedSnapshotOf)
}

export async function snapshot(
  db: Queries,
  repository: Name,
  timestamp: Timestamp,
): Promise<ListedSnapshot | undefined> {
  const row = await listed(db)
    .where('repository.name', '=', repository)
    .where('timestamp', '=', timestamp)
    .executeTakeFirst()
  return row && listedSnapshotOf(row)
}

export async function latest(db: Queries, repository: Name): Promise<ListedSnapshot | undefined> {
  const row = await listed(db)
    .where('repository.name', '=', repository)
    .orderBy('timestamp', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && listedSnapshotOf(row)
}

function listed(db: Queries) {
  return db
    .selectFrom('snapshot')
    .innerJoin('repository', 'repository.id', 'snapshot.repository_id')
    .select('record')
    .select(counterColumns)
    .where('state', '=', 'listed')
}

function listedSnapshotOf(row: CounterColumns & { record: string }): ListedSnapshot {
  return { record: recordOf(row.record), completeness: completenessOf(row) }
}

/** @throws YardError `damaged` when the text is no JSON. */
function recordOf(text: string): SnapshotRecord {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const beginning = JSON.stringify(text.slice(0, 80))
    throw new YardError('damaged', `a snapshot's record in the catalog is not JSON: ${beginning}`, { cause })
  }
}
