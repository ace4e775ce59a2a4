import { sql } from 'kysely'
import type { Digest, Name } from '../../model/index.ts'
import { inBatches } from '../batches.ts'
import type { PackageIdentity, Reissue } from '../catalog.ts'
import type { Database, RowColumn } from '../dialect/database.ts'
import { storedText } from '../stored-text.ts'

const columns: RowColumn[] = [
  ['position', 'integer'],
  ['name', 'text'],
  ['version', 'text'],
  ['architecture', 'text'],
  ['digest', 'text'],
]

/** Those of `added` whose name, version and architecture the repository has had with other bytes. */
export async function reissued(
  database: Database,
  repository: Name,
  added: Iterable<PackageIdentity>,
): Promise<Reissue[]> {
  const found: Reissue[] = []
  for await (const batch of inBatches(added)) {
    const earlier = await earlierDigests(database, repository, batch)
    batch.forEach(({ name, version, architecture, digest }, position) => {
      const before = earlier.get(position)
      if (before !== undefined) found.push({ name, version, architecture, before, after: digest })
    })
  }
  return found
}

/** The latest other digest, by position in the batch. */
async function earlierDigests(
  database: Database,
  repository: Name,
  batch: PackageIdentity[],
): Promise<Map<number, Digest>> {
  const given = batch.map(({ name, version, architecture, digest }, position) => [
    position,
    storedText(name),
    storedText(version),
    storedText(architecture),
    digest,
  ])
  const theirs = sql`p.name = given.name and p.version = given.version
    and +p.repository_id = (select id from repository where name = ${repository})
    and p.architecture = given.architecture and p.digest <> given.digest`
  const found = await sql<{ position: number; digest: Digest }>`
    select given.position, p.digest
    from ${database.lookUp(database.rows(columns, given), 'package', 'p', theirs)}
    order by given.position, p.first, p.digest
  `.execute(database.reader)
  return new Map(found.rows.map(({ position, digest }) => [position, digest]))
}
