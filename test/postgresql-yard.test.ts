import pg from 'pg'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { postgresqlUrl } from '../src/catalog/postgresql.fixture.ts'
import { mirrorOf } from './world/test-yard.ts'
import { add, createWorld, isWhole, packages, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
})
afterAll(() => world.remove())

/** A new database of this run's PostgreSQL. */
async function createDatabase(name: string): Promise<string> {
  const directory = inject('postgresqlDirectory')
  const client = new pg.Client({ connectionString: await postgresqlUrl(directory) })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  return `postgresql:///${name}?host=${encodeURIComponent(directory)}&user=postgres`
}

it('a yard whose catalog is a PostgreSQL database mirrors, composes, compares, removes and proves every byte', async () => {
  const url = await createDatabase(`yard_${process.pid}`)
  const archive = world.archive({ name: 'stable', packages: { main: packages(5, 1000) } })
  const server = await world.serve(archive)
  const base = { compose: { from: ['debian'], include: ['p1'], suite: 'stable' }, policy: 'immediate' }
  const yard = world.yard(
    { debian: mirrorOf(server.url, world.keyring, {}, { policy: 'on-demand' }), base },
    { more: { database: { url } } },
  )
  await syncTo(yard, 'created')
  add(archive, { name: 'p1', version: '2' })
  await syncTo(yard, 'created')
  await yard.use(async open => {
    const [first] = await open.yard.snapshots()
    const diff = await open.yard.diff(
      `${first!.record.repository}@${first!.record.timestamp}`,
      first!.record.repository,
    )
    expect(diff.count).toMatchObject({ upgraded: 1, removed: 0 })
    expect((await open.yard.search('p1')).map(hit => hit.version)).toContain('2')
    expect(
      await open.yard.remove(`base@${(await open.yard.snapshot('base')).record.timestamp}`),
    ).toHaveLength(1)
    const log = await open.yard.log()
    expect(log.map(({ verb }) => verb)).toEqual(['rm', 'sync', 'sync', 'sync', 'sync'])
    expect(await open.yard.verifyLog()).toMatchObject({ entryCount: 5, last: { digest: log[0]!.digest } })
  })
  expect(await yard.run('log', '--verify')).toMatchObject({ status: 0 })
  await isWhole(yard, 3)
})
