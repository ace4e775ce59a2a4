import type { Catalog } from './catalog.ts'
import type { Database } from './dialect/database.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { appendAudit, auditEntries, auditOf, latestAudit } from './queries/audit.ts'
import { commitSnapshot } from './queries/commit-snapshot.ts'
import { completeness, markBlobs, recount } from './queries/completeness.ts'
import { firstSeen } from './queries/first-seen.ts'
import { hostReads, hostWrites } from './queries/host-tables.ts'
import { reissued } from './queries/reissued.ts'
import { beginRemoval, finishRemoval, unfinishedRemovals } from './queries/remove-snapshot.ts'
import { lastTimestamp } from './queries/repositories.ts'
import { search } from './queries/search.ts'
import { snapshots } from './queries/snapshots.ts'

/** A catalog on an opened and migrated database; what the driver throws leaves it as YardError. */
export async function assembleCatalog(open: () => Promise<Database>): Promise<Catalog> {
  const database = await open()
  try {
    await migrate(database, migrations)
    return explaining(database, catalogOn(database))
  } catch (error) {
    await database.close()
    throw database.explain(error)
  }
}

function catalogOn(database: Database): Catalog {
  const { reader, write } = database
  return {
    commitSnapshot: commit => commitSnapshot(database, commit),
    beginRemoval: (repository, timestamp, audit) =>
      write(db => beginRemoval(db, repository, timestamp, audit)),
    finishRemoval: (repository, timestamp) => write(db => finishRemoval(db, repository, timestamp)),
    unfinishedRemovals: () => unfinishedRemovals(reader),
    snapshots: repository => snapshots(reader, repository),
    lastTimestamp: repository => lastTimestamp(reader, repository),
    completeness: (repository, timestamp) => completeness(reader, repository, timestamp),
    search: options => search(database, options),
    reissued: (repository, added) => reissued(database, repository, added),
    firstSeen: (repository, packages) => firstSeen(database, repository, packages),
    markBlobs: (digests, state, repository) => markBlobs(database, digests, state, repository),
    recount: (repository, timestamp, counters) => write(db => recount(db, repository, timestamp, counters)),
    appendAudit: (draft, at) => write(db => appendAudit(db, { draft, at })),
    auditEntries: options => auditEntries(reader, options),
    latestAudit: options => latestAudit(reader, options),
    auditOf: subject => auditOf(reader, subject),
    readHosts: work => work(hostReads(reader)),
    changeHosts: work => write(db => work(hostWrites(database, db))),
    close: () => database.close(),
  }
}

/** Every method of the catalog, its errors explained by the database. */
function explaining(database: Database, catalog: Catalog): Catalog {
  const wrapped = Object.entries(catalog).map(([name, method]) => [
    name,
    async (...given: unknown[]) => {
      try {
        return await method(...given)
      } catch (error) {
        throw database.explain(error)
      }
    },
  ])
  return Object.fromEntries(wrapped)
}
