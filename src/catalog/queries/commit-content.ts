import { sql } from 'kysely'
import { type Digest, type Timestamp, YardError } from '../../model/index.ts'
import { inBatches } from '../batches.ts'
import type { Completeness, ContentRow, ContentState, SnapshotCommit } from '../catalog.ts'
import { nothingCounted } from '../counters.ts'
import type { Database, Queries, RowColumn } from '../dialect/database.ts'
import { markContent } from './mark-content.ts'

/**
 * Changes of one blob added up, those that cancel out left out, ordered by digest (an index grows fastest at its end).
 * The size belongs to the key: metadata that nobody verified yet may give one digest two sizes.
 */
export async function sumContent(changes: SnapshotCommit['content']): Promise<ContentRow[]> {
  const sums = new Map<string, ContentRow>()
  for await (const batch of inBatches(changes)) for (const change of batch) addTo(sums, change)
  return [...sums.values()]
    .filter(({ delta }) => delta !== 0)
    .sort((a, b) => (a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : a.size - b.size))
}

function addTo(sums: Map<string, ContentRow>, { digest, size, delta, state }: ContentRow): void {
  if (!Number.isSafeInteger(size) || size < 0)
    throw new YardError('invalid', `blob ${digest}: impossible size ${size}; nothing was committed`)
  // Nearly every digest has one size, and is the shorter key.
  const key = (sums.get(digest)?.size ?? size) === size ? digest : keyOf(digest, size)
  const sum = sums.get(key)
  if (sum === undefined) sums.set(key, { digest, size, delta, state })
  else sum.delta += delta
}

function keyOf(digest: Digest, size: number): string {
  return `${digest} ${size}`
}

interface CurrentContent {
  id: number
  digest: Digest
  size: number
  entries: number
  state: ContentState
}

interface OpenedContent {
  digest: Digest
  size: number
  entries: number
  state: ContentState
}

/**
 * Closes and opens the spans of changed content. Returns the base's counters with the changes applied.
 * @throws YardError `internal` when fewer paths name a blob than are taken away.
 */
export async function commitContent(
  database: Database,
  db: Queries,
  repositoryId: number,
  timestamp: Timestamp,
  base: Completeness | undefined,
  changes: ContentRow[],
): Promise<Completeness> {
  const counters = { ...(base ?? nothingCounted) }
  for await (const batch of inBatches(changes)) {
    // Without a listed snapshot there is no row to meet.
    const current = base ? await currentContent(database, db, repositoryId, batch) : noContent
    const fresh = batch.filter(change => !current.has(keyOf(change.digest, change.size)))
    if (base) await placeFresh(database, db, repositoryId, fresh)
    const opened = batch.flatMap(change => openedBy(change, current.get(keyOf(change.digest, change.size))))
    await close(database, db, timestamp, [...current.values()])
    await open(database, db, repositoryId, timestamp, opened)
    for (const content of current.values()) count(counters, content, -1)
    for (const content of opened) count(counters, content, 1)
  }
  return counters
}

const keyColumns: RowColumn[] = [
  ['digest', 'text'],
  ['size', 'integer'],
]

const noContent: ReadonlyMap<string, CurrentContent> = new Map()

async function currentContent(
  database: Database,
  db: Queries,
  repositoryId: number,
  batch: ContentRow[],
): Promise<ReadonlyMap<string, CurrentContent>> {
  const given = database.rows(
    keyColumns,
    batch.map(({ digest, size }) => [digest, size]),
  )
  const theirs = sql`c.digest = given.digest and +c.repository_id = ${repositoryId}
    and c.size = given.size and c.until is null`
  const found = await sql<CurrentContent>`
    select c.id, c.digest, c.size, c.entries, c.state from ${database.lookUp(given, 'content', 'c', theirs)}
  `.execute(db)
  return new Map(found.rows.map(row => [keyOf(row.digest, row.size), row]))
}

/** Older spans of blobs that the base does not name follow what is known of them now: one blob has one state. */
async function placeFresh(
  database: Database,
  db: Queries,
  repositoryId: number,
  fresh: ContentRow[],
): Promise<void> {
  for (const state of ['local', 'fetchable'] as const) {
    const digests = fresh.filter(change => change.state === state).map(({ digest }) => digest)
    if (digests.length > 0) await markContent(database, db, [...new Set(digests)], state, repositoryId)
  }
}

function openedBy(change: ContentRow, before: CurrentContent | undefined): OpenedContent[] {
  const { digest, size, delta } = change
  const had = before?.entries ?? 0
  if (had + delta < 0)
    throw new YardError(
      'internal',
      `${-delta} entries fewer name blob ${digest}, but the catalog has ${had}; nothing was committed`,
    )
  if (had + delta === 0) return []
  return [{ digest, size, entries: had + delta, state: before?.state ?? change.state }]
}

async function close(
  database: Database,
  db: Queries,
  timestamp: Timestamp,
  contents: CurrentContent[],
): Promise<void> {
  if (contents.length === 0) return
  const given = database.rows(
    [['id', 'integer']],
    contents.map(({ id }) => [id]),
  )
  await sql`update content set until = ${timestamp} where id in (select id from ${given} as given)`.execute(
    db,
  )
}

const openedColumns: RowColumn[] = [...keyColumns, ['entries', 'integer'], ['state', 'text']]

async function open(
  database: Database,
  db: Queries,
  repositoryId: number,
  timestamp: Timestamp,
  contents: OpenedContent[],
): Promise<void> {
  if (contents.length === 0) return
  const given = database.rows(
    openedColumns,
    contents.map(({ digest, size, entries, state }) => [digest, size, entries, state]),
  )
  await sql`
    insert into content (repository_id, first, digest, size, entries, state)
    select ${sql.lit(repositoryId)}, ${sql.lit(timestamp)}, digest, size, entries, state from ${given} as given
  `.execute(db)
}

function count(counters: Completeness, content: OpenedContent, sign: 1 | -1): void {
  const entries = sign * content.entries
  const bytes = entries * content.size
  counters.totalEntries += entries
  counters.totalBytes += bytes
  if (content.state === 'local') {
    counters.localEntries += entries
    counters.localBytes += bytes
  }
  if (content.state === 'lost') {
    counters.lostEntries += entries
    counters.lostBytes += bytes
  }
}
