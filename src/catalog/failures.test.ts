import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, describe, expect, inject, it } from 'vitest'
import type { Name, YardError } from '../model/index.ts'
import { onBothEngines } from './engines.fixture.ts'
import { openCatalog } from './index.ts'
import { postgresqlUrl, urlOf } from './postgresql.fixture.ts'
import { added, at, commit } from './records.fixture.ts'

const directory = mkdtempSync(join(tmpdir(), 'catalog-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

onBothEngines('a catalog in trouble', engine => {
  it('undoes a commit whose source of changes fails, and goes on working', async () => {
    const catalog = await engine.open()
    const { record } = await commit(catalog, 'debian', 1)
    async function* failing() {
      yield added('nginx')
      throw new Error('the page cannot be read')
    }
    const failed = catalog.commitSnapshot({
      record: { ...record, timestamp: at(2), packageCount: 1 },
      base: at(1),
      packages: failing(),
      content: [],
    })
    await expect(failed).rejects.toThrow('the page cannot be read')
    expect(await catalog.search({ pattern: '*', limit: 9 })).toEqual([])
    await commit(catalog, 'debian', 2, [added('nginx')])
  })

  it('closes after the writes under way, and only once', async () => {
    const options = await engine.create()
    const catalog = await openCatalog(options)
    const writing = commit(catalog, 'debian', 1, [added('nginx')])
    await commit(catalog, 'ours', 1)
    await writing
    const last = catalog.beginRemoval('debian' as Name, at(1))
    await catalog.close()
    await last
    const again = await engine.open(options)
    expect(await again.snapshots()).toMatchObject([{ record: { repository: 'ours' } }])
    expect(await again.unfinishedRemovals()).toEqual([{ repository: 'debian', timestamp: at(1) }])
  })
})

describe('a SQLite catalog', () => {
  it('names a file that is not a database', async () => {
    const file = join(directory, 'note.db')
    writeFileSync(file, 'not a database, but long enough to be one at first sight\n'.repeat(100))
    await expect(openCatalog({ kind: 'sqlite', file })).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining(file),
    })
  })

  it('names a file that cannot be opened', async () => {
    const missing = join(directory, 'none/catalog.db')
    await expect(openCatalog({ kind: 'sqlite', file: missing })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(missing),
    })
    const folder = join(directory, 'folder.db')
    mkdirSync(folder)
    await expect(openCatalog({ kind: 'sqlite', file: folder })).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('says `damaged` when pages of it were overwritten', async () => {
    const file = join(directory, 'damaged.db')
    const catalog = await openCatalog({ kind: 'sqlite', file })
    await commit(
      catalog,
      'debian',
      1,
      Array.from({ length: 2000 }, (_, number) => added(`package-${number}`)),
    )
    await catalog.close()
    const handle = openSync(file, 'r+')
    const { size } = statSync(file)
    // The tables' own descriptions stand in the first pages, whatever there is of them.
    for (let offset = 4096 * Math.floor(size / 8192); offset < size; offset += 4096)
      writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, offset)
    const opened = await openCatalog({ kind: 'sqlite', file })
    await expect(opened.search({ pattern: '*', limit: 10_000 })).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining(file),
    })
    await opened.close()
  })
})

describe('a PostgreSQL catalog', () => {
  it('names the host that does not answer, never the password', async () => {
    const url = 'postgresql://keeper:hunter2@127.0.0.1:1/yard'
    const error = await refusal(url)
    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('127.0.0.1:1/yard') })
    expectNoSecret(error)
  })

  it('says that a URL cannot be understood without repeating it', async () => {
    for (const end of [
      'hunter2@host:port/yard',
      '/hunter2@host/yard',
      '5432/hunter2@host/yard',
      'a/hunter2@host',
    ]) {
      const error = await refusal(`postgresql://keeper:${end}`)
      expect(error).toMatchObject({ code: 'configuration' })
      expectNoSecret(error)
    }
  })

  it('says that a database or a user does not exist', async () => {
    const url = urlOf(inject('postgresqlDirectory'), 'none')
    await postgresqlUrl(inject('postgresqlDirectory'))
    expect(await refusal(url)).toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('none'),
    })
    expect(await refusal(url.replace('postgres@', 'nobody@'))).toMatchObject({ code: 'configuration' })
  })

  it('refuses a database in another encoding', async () => {
    const server = inject('postgresqlDirectory')
    const url = await postgresqlUrl(server)
    const name = `latin_${process.pid}`
    await query(url, `create database ${name} encoding 'LATIN1' template template0`)
    expect(await refusal(urlOf(server, name))).toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('LATIN1'),
    })
  })

  it('says `unavailable` when the connection is cut in the middle of a commit, and connects again', async () => {
    const server = inject('postgresqlDirectory')
    const url = await postgresqlUrl(server)
    const name = `cut_${process.pid}`
    await query(url, `create database ${name}`)
    const catalog = await openCatalog({ kind: 'postgresql', url: urlOf(server, name) })
    const { record } = await commit(catalog, 'debian', 1)
    async function* cutting() {
      yield added('nginx')
      await query(url, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
    }
    const cut = catalog.commitSnapshot({
      record: { ...record, timestamp: at(2), packageCount: 1 },
      base: at(1),
      packages: cutting(),
      content: [],
    })
    await expect(cut).rejects.toMatchObject({ code: 'unavailable' })
    expect(await catalog.snapshots()).toHaveLength(1)
    await commit(catalog, 'debian', 2, [added('nginx')])
    await catalog.close()
  })
})

describe('importing the catalog', () => {
  it('loads neither the query builder nor a driver before one is opened, and pg only for PostgreSQL', () => {
    const door = join(import.meta.dirname, 'index.ts')
    const program = `
      import { registerHooks } from 'node:module'
      const seen = new Set()
      registerHooks({ resolve: (name, context, next) => (seen.add(name), next(name, context)) })
      const { openCatalog } = await import(${JSON.stringify(door)})
      console.log(['kysely', 'node:sqlite', 'pg'].filter(name => seen.has(name)).join())
      await (await openCatalog({ kind: 'sqlite', file: ':memory:' })).close()
      console.log(['kysely', 'node:sqlite', 'pg'].filter(name => seen.has(name)).join())
    `.replace(':memory:', join(directory, 'lazy.db'))
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    })
    expect(output).toBe('\nkysely,node:sqlite\n')
  })
})

async function refusal(url: string): Promise<YardError> {
  return openCatalog({ kind: 'postgresql', url }).then(
    () => expect.fail('it opened'),
    error => error,
  )
}

function expectNoSecret(error: YardError): void {
  const causes = [error, error.cause].map(each => `${each} ${JSON.stringify(each)}`)
  expect(`${causes} ${error.hint}`).not.toContain('hunter2')
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}
