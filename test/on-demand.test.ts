import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SnapshotSummary } from '../src/yard/index.ts'
import { hash } from './world/hash.ts'
import { mirrorOf, readAll, type TestYard } from './world/test-yard.ts'
import {
  add,
  createWorld,
  digestsOf,
  failsWith,
  isWhole,
  packages,
  syncTo,
  type World,
} from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const latest = (yard: TestYard, name = 'debian'): Promise<SnapshotSummary> =>
  yard.use(open => open.yard.snapshot(name))
const isDeb = (path: string) => path.endsWith('.deb')

/** Counts of a snapshot's own files tree, against which the catalog's are held. */
async function countHere(yard: TestYard, name = 'debian') {
  return yard.use(async open => {
    let localEntries = 0
    let totalEntries = 0
    const walk = async (directory: string): Promise<void> => {
      for (const entry of await open.yard.list(name, directory)) {
        const path = directory === '' ? entry.name : `${directory}/${entry.name}`
        if (entry.kind === 'directory') await walk(path)
        else {
          totalEntries++
          if (entry.state === 'local') localEntries++
        }
      }
    }
    await walk('')
    return { localEntries, totalEntries }
  })
}

describe('an on-demand mirror', () => {
  it('reads only Release and indexes, and says how much is here', async () => {
    const { server, yard } = await world.mirrored(
      { packages: { main: packages(5, 5_000) }, extras: true },
      {},
      {},
    )
    await syncTo(yard, 'created')
    expect(server.requests.filter(({ path }) => isDeb(path) || /dep11|Contents|cnf/.test(path))).toEqual([])
    const { completeness } = await latest(yard)
    expect(completeness).toMatchObject(await countHere(yard))
    expect(completeness.localEntries).toBeLessThan(completeness.totalEntries)
    await isWhole(yard, 1)
  })

  it('is completed by fetch, after which all is here and a client sees upstream byte for byte', async () => {
    const { archive, server, yard } = await world.mirrored(
      { packages: { main: packages(5, 5_000) }, extras: true },
      {},
      {},
    )
    await syncTo(yard, 'created')
    const run = await yard.run('fetch', 'debian@latest')
    expect(run, run.stderr).toMatchObject({ status: 0, stdout: expect.stringContaining('all here') })
    const { completeness } = await latest(yard)
    expect(completeness.localEntries).toBe(completeness.totalEntries)
    expect(completeness.localBytes).toBe(completeness.totalBytes)
    server.drain()
    const held = await digestsOf(yard, 'debian')
    expect(server.requests, 'nothing is asked for again').toEqual([])
    for (const path of archive.pathsOf('stable'))
      expect(held[path]).toBe(hash('sha256', archive.files.get(path)!))
    await isWhole(yard, 1)
    server.drain()
    await yard.run('fetch', 'debian@latest')
    expect(server.requests).toEqual([])
  })

  it('serves an uncompressed index that no server has: it is derived', async () => {
    const { archive, yard } = await world.mirrored({ packages: { main: packages(3) }, extras: true }, {}, {})
    await syncTo(yard, 'created')
    const packed = archive.files.get('dists/stable/main/binary-amd64/Packages.gz')!
    await yard.use(async ({ yard }) => {
      const stem = 'dists/stable/main/binary-amd64/Packages'
      expect(await readAll(await yard.cat('debian', stem))).toEqual(gunzipSync(packed))
      expect(
        await readAll(
          await yard.cat(
            'debian',
            stem.replace('Packages', `by-hash/SHA256/${hash('sha256', gunzipSync(packed))}`),
          ),
        ),
      ).toEqual(gunzipSync(packed))
    })
  })

  it('serves an uncompressed index whose compressed form is not here yet', async () => {
    const { archive, yard } = await world.mirrored({ packages: { main: packages(3) }, extras: true }, {}, {})
    await syncTo(yard, 'created')
    const packed = archive.files.get('dists/stable/main/Contents-amd64.gz')!
    const byHash = `dists/stable/main/by-hash/SHA256/${hash('sha256', gunzipSync(packed))}`
    await yard.use(async ({ yard }) => {
      expect(await readAll(await yard.cat('debian', byHash))).toEqual(gunzipSync(packed))
      expect(await readAll(await yard.cat('debian', 'dists/stable/main/Contents-amd64'))).toEqual(
        gunzipSync(packed),
      )
    })
  })

  it.each<[string, (packed: Buffer) => Buffer]>([
    ['is cut short', packed => packed.subarray(0, packed.length / 2)],
    ['holds more than the index', packed => gzipSync(Buffer.concat([gunzipSync(packed), packed]))],
    ['is longer than it was', packed => Buffer.concat([packed, packed])],
  ])(
    'serves an uncompressed index from another compressed form when one that is here %s',
    async (_, damage) => {
      const { archive, yard } = await world.mirrored({ packages: { main: packages(3) } }, {}, {})
      await syncTo(yard, 'created')
      const stem = 'dists/stable/main/binary-amd64/Packages'
      const packed = archive.files.get(`${stem}.gz`)!
      const digest = hash('sha256', packed)
      writeFileSync(join(yard.directory, 'blobs', digest.slice(0, 2), digest.slice(2)), damage(packed))
      await yard.use(async ({ yard }) =>
        expect(await readAll(await yard.cat('debian', stem))).toEqual(gunzipSync(packed)),
      )
    },
  )

  it('serves by-hash names of a server that keeps none', async () => {
    const { archive, yard } = await world.mirrored({ extras: true, byHash: false }, {}, {})
    await syncTo(yard, 'created')
    const bytes = archive.files.get('dists/stable/main/i18n/Translation-en.xz')!
    const path = `dists/stable/main/i18n/by-hash/SHA256/${hash('sha256', bytes)}`
    await yard.use(async ({ yard }) => expect(await readAll(await yard.cat('debian', path))).toEqual(bytes))
  })

  it('fetches a file at its first request only, though many ask at once', async () => {
    const { archive, server, yard } = await world.mirrored(
      { packages: { main: packages(1, 300_000) } },
      {},
      {},
    )
    await syncTo(yard, 'created')
    server.drain()
    const path = 'pool/main/p/p0/p0_1.0-1_amd64.deb'
    await yard.use(async ({ yard }) => {
      const read = async () => readAll(await yard.cat('debian', path))
      for (const bytes of await Promise.all([read(), read(), read(), read()]))
        expect(bytes.equals(archive.files.get(path)!)).toBe(true)
    })
    expect(server.drain().map(request => request.path)).toEqual([path])
  })

  it('says which package upstream has lost, counts it, and forgets that when it comes back', async () => {
    const { archive, yard } = await world.mirrored({ packages: { main: packages(3, 1_000) } }, {}, {})
    await syncTo(yard, 'created')
    const path = 'pool/main/p/p1/p1_1.0-1_amd64.deb'
    const bytes = archive.files.get(path)!
    archive.files.delete(path)
    failsWith(await yard.run('cat', 'debian', path), 1, path, /404/)
    expect((await latest(yard)).completeness).toMatchObject({ lostEntries: 1, lostBytes: bytes.length })
    const fetched = await yard.run('fetch', 'debian@latest')
    failsWith(fetched, 1, path)
    expect((await latest(yard)).completeness).toMatchObject({ lostEntries: 1 })
    expect((await yard.run('snapshots')).stdout).toContain('1 lost upstream')
    archive.files.set(path, bytes)
    expect(await yard.run('fetch', 'debian@latest')).toMatchObject({ status: 0 })
    expect((await latest(yard)).completeness).toMatchObject({ lostEntries: 0 })
    await isWhole(yard, 1)
  })

  it('asks the fallback for what upstream has lost', async () => {
    const { archive, server, yard } = await world.mirrored(
      { packages: { main: packages(2, 2_000_000) } },
      {},
      {},
    )
    const fallback = await world.serve({ files: new Map(archive.files) })
    yard.configure({ debian: mirrorOf(server.url, world.keyring, {}, { fallback: [fallback.url] }) })
    await syncTo(yard, 'created')
    const path = 'pool/main/p/p1/p1_1.0-1_amd64.deb'
    const bytes = archive.files.get(path)!
    archive.files.delete(path)
    await yard.use(async ({ yard }) => {
      expect((await readAll(await yard.cat('debian', path))).equals(bytes)).toBe(true)
    })
  })

  it('keeps what was fetched of an old snapshot when a new one comes, and counts both', async () => {
    const { archive, yard } = await world.mirrored({ packages: { main: packages(4, 2_000) } }, {}, {})
    await syncTo(yard, 'created')
    await yard.run('fetch', 'debian@latest')
    add(archive, { name: 'late' })
    await syncTo(yard, 'created')
    const { completeness } = await latest(yard)
    expect(completeness).toMatchObject(await countHere(yard))
    expect(completeness.localEntries).toBeLessThan(completeness.totalEntries)
    await isWhole(yard, 2)
  })

  it('that becomes immediate is completed by its next sync, though nothing is new', async () => {
    const { server, yard } = await world.mirrored({ packages: { main: packages(4, 2_000) } }, {}, {})
    await syncTo(yard, 'created')
    yard.configure({ debian: mirrorOf(server.url, world.keyring, {}, { policy: 'immediate' }) })
    await yard.sync()
    const { completeness } = await latest(yard)
    expect(completeness.localEntries).toBe(completeness.totalEntries)
    await isWhole(yard, (await yard.use(open => open.yard.snapshots())).length)
  })
})

describe('an immediate composition over an on-demand mirror', () => {
  it('fetches exactly what it selects', async () => {
    const { archive, server, yard } = await world.mirrored(
      {
        packages: {
          main: [
            { name: 'web', fields: { Depends: 'lib (>= 1), missing | other' } },
            { name: 'lib', version: '1.2-1' },
            { name: 'other' },
            ...packages(10, 1_000),
          ],
        },
      },
      {},
      {},
    )
    yard.configure({
      debian: mirrorOf(server.url, world.keyring),
      base: { compose: { from: ['debian'], include: ['web'], 'with-dependencies': true } },
    })
    await syncTo(yard, 'created')
    const fetched = server.requests.map(({ path }) => path).filter(isDeb)
    expect(fetched.sort()).toEqual([
      'pool/main/lib/lib/lib_1.2-1_amd64.deb',
      'pool/main/o/other/other_1.0-1_amd64.deb',
      'pool/main/w/web/web_1.0-1_amd64.deb',
    ])
    const { completeness } = await latest(yard, 'base')
    expect(completeness.localEntries).toBe(completeness.totalEntries)
    const before = await digestsOf(yard, 'base')
    for (const path of fetched) expect(before[path]).toBe(hash('sha256', archive.files.get(path)!))
    await isWhole(yard, 2)
  })

  it('without what upstream has lost there is no snapshot, and the error names it', async () => {
    const { archive, server, yard } = await world.mirrored({ packages: { main: packages(3, 1_000) } }, {}, {})
    yard.configure({
      debian: mirrorOf(server.url, world.keyring),
      base: { compose: { from: ['debian'] } },
    })
    archive.files.delete('pool/main/p/p1/p1_1.0-1_amd64.deb')
    failsWith(await yard.run('sync'), 4, /base.*p1_1\.0-1_amd64\.deb/)
    await isWhole(yard, 1)
  })
})
