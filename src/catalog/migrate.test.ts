import { execFileSync } from 'node:child_process'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { afterEach, expect, it } from 'vitest'
import type { CatalogOptions } from './catalog.ts'
import type { Database } from './dialect/database.ts'
import { openPostgresql } from './dialect/postgresql.ts'
import { openSqlite } from './dialect/sqlite.ts'
import { onBothEngines } from './engines.fixture.ts'
import { migrate } from './migrate.ts'
import { type Migration, migrations } from './migrations/index.ts'

onBothEngines('migrations', engine => {
  const opened: Database[] = []
  afterEach(() => Promise.all(opened.splice(0).map(database => database.close())))

  async function connect(options: CatalogOptions): Promise<Database> {
    const database = await (options.kind === 'sqlite' ? openSqlite(options) : openPostgresql(options))
    opened.push(database)
    return database
  }

  it('are numbered from 1 without gaps', () => {
    expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1))
  })

  it('make exactly the committed schema, and running them again changes nothing', async () => {
    const options = await engine.create()
    await engine.open(options)
    const dump = options.kind === 'sqlite' ? dumpSqlite(options.file) : dumpPostgresql(options.url)
    await expect(dump).toMatchFileSnapshot(`schema/${engine.kind}.sql`)
    await migrate(await connect(options), migrations)
    await engine.open(options)
    expect(options.kind === 'sqlite' ? dumpSqlite(options.file) : dumpPostgresql(options.url)).toBe(dump)
  })

  it('go on from where an older program stopped', async () => {
    const options = await engine.create()
    const database = await connect(options)
    const steps = [creates(1, 'a'), creates(2, 'b')]
    await migrate(database, steps.slice(0, 1))
    await migrate(database, steps)
    expect(await database.hasTable(database.reader, 'b')).toBe(true)
    const rows = await database.reader.selectFrom('migration').selectAll().orderBy('number').execute()
    expect(rows.map(row => ({ ...row }))).toEqual([
      { number: 1, name: 'create a' },
      { number: 2, name: 'create b' },
    ])
  })

  it('leave nothing of a step that fails', async () => {
    const database = await connect(await engine.create())
    const broken = creates(2, 'b', 'this is not SQL')
    await expect(migrate(database, [creates(1, 'a'), broken])).rejects.toThrow()
    expect(await database.hasTable(database.reader, 'a')).toBe(true)
    expect(await database.hasTable(database.reader, 'b')).toBe(false)
    await migrate(database, [creates(1, 'a'), creates(2, 'b')])
    expect(await database.hasTable(database.reader, 'b')).toBe(true)
  })

  it('run once when two race', async () => {
    const options = await engine.create()
    const databases = [await connect(options), await connect(options)]
    await Promise.all(databases.map(database => migrate(database, [creates(1, 'a'), creates(2, 'b')])))
    const { rows } = await sql`select number from migration`.execute(databases[0]!.reader)
    expect(rows).toHaveLength(2)
  })

  it('refuse a database that a newer program wrote', async () => {
    const options = await engine.create()
    const database = await connect(options)
    await engine.open(options)
    await database.write(db => sql`insert into migration (number, name) values (99, 'later')`.execute(db))
    await expect(engine.open(options)).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(database.place),
    })
  })
})

function creates(number: number, table: string, ...more: string[]): Migration {
  return {
    number,
    name: `create ${table}`,
    statements: ({ id }) => [`create table ${table} (id ${id})`, ...more],
  }
}

function dumpSqlite(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true })
  const rows = database
    .prepare('select sql from sqlite_master where sql is not null order by type desc, name')
    .all()
  database.close()
  return `${rows.map(row => `${row.sql};`).join('\n\n')}\n`
}

/** Without what depends on the version of pg_dump or the owner. */
function dumpPostgresql(url: string): string {
  const program = '/usr/lib/postgresql/15/bin/pg_dump'
  const dump = execFileSync(program, ['--schema-only', '--no-owner', '--no-privileges', url], {
    encoding: 'utf8',
  })
  const lines = dump.split('\n').filter(line => !/^(--|SET |SELECT pg_catalog|\\)/.test(line))
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`
}
