import type { Catalog, CatalogOptions } from './catalog.ts'

/**
 * Opens the catalog, and creates or migrates its tables when they are not there or older than this program. The
 * directory of a SQLite file, or the PostgreSQL database, must exist. Any number of processes may open one catalog.
 * The query builder and the drivers are loaded here, not before.
 * @throws YardError `configuration` when a newer program wrote the database, or when name, user or password of a
 *   PostgreSQL database are wrong; `damaged` when the file is not a database; `unavailable` when it cannot be opened
 *   or reached; `busy` when another process migrates for too long.
 */
export async function openCatalog(options: CatalogOptions): Promise<Catalog> {
  const { assembleCatalog } = await import('./assemble.ts')
  if (options.kind === 'sqlite') {
    const { openSqlite } = await import('./dialect/sqlite.ts')
    return assembleCatalog(() => openSqlite(options))
  }
  const { openPostgresql } = await import('./dialect/postgresql.ts')
  return assembleCatalog(() => openPostgresql(options))
}
