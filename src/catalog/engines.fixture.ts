import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, describe, inject } from 'vitest'
import type { Catalog, CatalogOptions } from './catalog.ts'
import { openCatalog } from './open.ts'
import { postgresqlUrl, urlOf } from './postgresql.fixture.ts'

/** Databases for one test file, on one engine. */
export interface Engine {
  kind: CatalogOptions['kind']
  /** A new, empty database. */
  create(): Promise<CatalogOptions>
  /** The catalog of a database (a new one, when none is given); closed after the file's last test. */
  open(options?: CatalogOptions): Promise<Catalog>
}

/** Every test of the catalog runs on both databases. */
export function onBothEngines(title: string, tests: (engine: Engine) => void): void {
  for (const [kind, create] of [
    ['sqlite', createSqlite],
    ['postgresql', createPostgresql],
  ] as const) {
    describe(`${title} (${kind})`, () => {
      const opened: Catalog[] = []
      const open = async (options?: CatalogOptions) => {
        const catalog = await openCatalog(options ?? (await create()))
        opened.push(catalog)
        return catalog
      }
      afterAll(() => Promise.all(opened.map(catalog => catalog.close())))
      tests({ kind, create, open })
    })
  }
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
}

const directory = mkdtempSync(join(tmpdir(), 'catalog-'))

async function createSqlite(): Promise<CatalogOptions> {
  return { kind: 'sqlite', file: join(directory, `${randomUUID()}.db`) }
}

async function createPostgresql(): Promise<CatalogOptions> {
  const server = inject('postgresqlDirectory')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const client = new pg.Client({ connectionString: await postgresqlUrl(server) })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  return { kind: 'postgresql', url: urlOf(server, name) }
}
