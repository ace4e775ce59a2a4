import { sql } from 'kysely'
import type { Digest, Name, Timestamp } from '../../model/index.ts'
import { inBatches } from '../batches.ts'
import type { FirstSeen, PackageBytes } from '../catalog.ts'
import type { Database, RowColumn } from '../dialect/database.ts'
import { byteStringOfStored, type StoredText, storedText } from '../stored-text.ts'

const columns: RowColumn[] = [
  ['position', 'integer'],
  ['name', 'text'],
  ['version', 'text'],
  ['digest', 'text'],
]

/** By suite, when the repository first had each of these; its contract is `Catalog.firstSeen`. */
export async function firstSeen(
  database: Database,
  repository: Name,
  packages: Iterable<PackageBytes>,
): Promise<FirstSeen[]> {
  const found: FirstSeen[] = []
  for await (const batch of inBatches(packages)) {
    const given = batch.map(({ name, version, digest }, position) => [
      position,
      storedText(name),
      storedText(version),
      digest,
    ])
    const theirs = sql`p.name = given.name and p.version = given.version
      and +p.repository_id = (select id from repository where name = ${repository}) and p.digest = given.digest`
    const rows = await sql<{ position: number; suite: StoredText; first: Timestamp }>`
      select given.position, p.suite, min(p.first) as first
      from ${database.lookUp(database.rows(columns, given), 'package', 'p', theirs)}
      group by given.position, p.suite
      order by given.position, p.suite
    `.execute(database.reader)
    for (const { position, suite, first } of rows.rows)
      found.push({ ...identityOf(batch[position]!), suite: byteStringOfStored(suite), first })
  }
  return found
}

function identityOf({ name, version, digest }: PackageBytes): {
  name: string
  version: string
  digest: Digest
} {
  return { name, version, digest }
}
