import { type RawBuilder, sql } from 'kysely'
import { type Digest, type Name, type Timestamp, YardError } from '../../model/index.ts'
import type { PackageHit, SearchOptions } from '../catalog.ts'
import type { Database } from '../dialect/database.ts'
import { byteStringOfStored, type StoredText, storedText } from '../stored-text.ts'

interface HitRow {
  repository: Name
  family: string
  name: StoredText
  version: StoredText
  architecture: StoredText
  suite: StoredText
  component: StoredText
  digest: Digest
  first: Timestamp
  last: Timestamp | null
}

/** @throws YardError `usage` for a pattern of more than 512 bytes. */
export async function search(database: Database, options: SearchOptions): Promise<PackageHit[]> {
  const { pattern, repository, limit } = options
  if (pattern.length > 512)
    throw new YardError('usage', `the pattern has ${pattern.length} bytes, at most 512 are searched for`)
  const inRepository = repository === undefined ? sql`` : sql`and r.name = ${repository}`
  const found = await sql<HitRow>`
    select r.name as repository, p.family, p.name, p.version, p.architecture, p.suite, p.component, p.digest,
      (select min(timestamp) from snapshot s
        where s.repository_id = p.repository_id and s.state = 'listed' and s.timestamp >= p.first) as first,
      case when p.until is not null then (select max(timestamp) from snapshot s
        where s.repository_id = p.repository_id and s.state = 'listed' and s.timestamp < p.until) end as last
    from package p join repository r on r.id = +p.repository_id
    where ${nameMatches(database, storedText(pattern))} ${inRepository}
    order by p.name, r.name, p.version, p.architecture, p.suite, p.component, p.first, p.digest
    limit ${limit}
  `.execute(database.reader)
  return found.rows.map(hitOf)
}

/** The part before the first wildcard is a range of the index on names. */
function nameMatches(database: Database, pattern: StoredText): RawBuilder<boolean> {
  const wildcard = pattern.search(/[*?]/)
  if (wildcard < 0) return sql`p.name = ${pattern}`
  const beginning = pattern.slice(0, wildcard)
  const beyond = `${beginning}\u{10FFFF}`
  return sql`p.name >= ${beginning} and p.name < ${beyond} and ${database.matches('p.name', pattern)}`
}

function hitOf(row: HitRow): PackageHit {
  return {
    repository: row.repository,
    family: row.family,
    name: byteStringOfStored(row.name),
    version: byteStringOfStored(row.version),
    architecture: byteStringOfStored(row.architecture),
    suite: byteStringOfStored(row.suite),
    component: byteStringOfStored(row.component),
    digest: row.digest,
    first: row.first,
    ...(row.last !== null && { last: row.last }),
  }
}
