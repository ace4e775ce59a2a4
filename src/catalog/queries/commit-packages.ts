import { sql } from 'kysely'
import { type Timestamp, YardError } from '../../model/index.ts'
import { inBatches } from '../batches.ts'
import type { PackageChange, PackageKey, PackageRow } from '../catalog.ts'
import type { Database, Queries, RowColumn } from '../dialect/database.ts'
import { type StoredText, storedText } from '../stored-text.ts'

const keyColumns: RowColumn[] = [
  ['family', 'text'],
  ['suite', 'text'],
  ['component', 'text'],
  ['architecture', 'text'],
  ['name', 'text'],
  ['version', 'text'],
  ['digest', 'text'],
]
const rowColumns: RowColumn[] = [...keyColumns, ['source', 'text'], ['size', 'integer']]

/**
 * Opens a span for every package added at `timestamp` and closes the span of every one removed.
 * Returns how many packages there are more than before.
 * @throws YardError `invalid` for text that is too long; `internal` when a removed package was not there.
 */
export async function commitPackages(
  database: Database,
  db: Queries,
  repositoryId: number,
  timestamp: Timestamp,
  changes: Iterable<PackageChange> | AsyncIterable<PackageChange>,
): Promise<number> {
  let gained = 0
  for await (const batch of inBatches(changes)) {
    const removed = batch.filter(change => change.kind === 'removed')
    const added = batch.filter(change => change.kind === 'added')
    if (removed.length > 0) await close(database, db, repositoryId, timestamp, removed)
    if (added.length > 0) await open(database, db, repositoryId, timestamp, added)
    gained += added.length - removed.length
  }
  return gained
}

/**
 * `first` is compared so that a package which is removed and added by one commit ends as two spans in either order.
 */
async function close(
  database: Database,
  db: Queries,
  repositoryId: number,
  timestamp: Timestamp,
  removed: PackageKey[],
): Promise<void> {
  const given = database.rows(keyColumns, removed.map(keyValues))
  const theirs = sql`p.name = given.name and p.version = given.version
    and +p.repository_id = ${repositoryId} and p.family = given.family and p.suite = given.suite
    and p.component = given.component and p.architecture = given.architecture and p.digest = given.digest
    and p.until is null and p.first < ${timestamp}`
  const { numAffectedRows } = await sql`
    update package set until = ${timestamp}
    where id in (select p.id from ${database.lookUp(given, 'package', 'p', theirs)})
  `.execute(db)
  if (numAffectedRows !== BigInt(removed.length))
    throw new YardError(
      'internal',
      `of ${removed.length} packages to remove the catalog has ${numAffectedRows}; nothing was committed`,
    )
}

async function open(
  database: Database,
  db: Queries,
  repositoryId: number,
  timestamp: Timestamp,
  added: PackageRow[],
): Promise<void> {
  const names = sql.join(rowColumns.map(([name]) => sql.ref(name)))
  const given = database.rows(
    rowColumns,
    added.map(row => [...keyValues(row), checkedText(row.source, row), checkedSize(row)]),
  )
  await sql`
    insert into package (repository_id, first, ${names})
    select ${sql.lit(repositoryId)}, ${sql.lit(timestamp)}, ${names} from ${given} as given
  `.execute(db)
}

function keyValues(key: PackageKey): string[] {
  return [
    checkedText(key.family, key),
    checkedText(key.suite, key),
    checkedText(key.component, key),
    checkedText(key.architecture, key),
    checkedText(key.name, key),
    checkedText(key.version, key),
    key.digest,
  ]
}

/** PostgreSQL cannot index more than 2,704 bytes, of which a name and a version have at most 2,048. */
function checkedText(bytes: string, { name }: PackageKey): StoredText {
  if (bytes.length <= 512) return storedText(bytes)
  const message = `package ${JSON.stringify(name.slice(0, 80))}: a field of ${bytes.length} bytes, at most 512 are kept; nothing was committed`
  throw new YardError('invalid', message)
}

function checkedSize({ name, size }: PackageRow): number {
  if (Number.isSafeInteger(size) && size >= 0) return size
  throw new YardError(
    'invalid',
    `package ${JSON.stringify(name)}: impossible size ${size}; nothing was committed`,
  )
}
