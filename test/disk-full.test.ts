import { writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Digest } from '../src/model/index.ts'
import { mountTmpfs } from '../src/store/fs/tmpfs.fixture.ts'
import { openFsStore } from '../src/store/index.ts'
import type { Archive } from './world/apt/archive.ts'
import { hash } from './world/hash.ts'
import { createTestYard, mirrorOf, type TestYard } from './world/test-yard.ts'
import { add, createWorld, failsWith, isWhole, packages, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const isDeb = (path: string) => path.endsWith('.deb')

/** The packages of an archive whose verified bytes are in the yard's store. */
async function packagesHere(yard: TestYard, archive: Archive): Promise<string[]> {
  const { blobs } = openFsStore(yard.directory)
  const here: string[] = []
  for (const [path, bytes] of archive.files)
    if (isDeb(path) && (await blobs.size(hash('sha256', bytes) as Digest)) !== undefined) here.push(path)
  return here
}

describe('a full disk', () => {
  it('is foreseen from what the metadata says; enlarged, the sync completes', async () => {
    const tmpfs = mountTmpfs('size=12m')
    world.atEnd(tmpfs.remove)
    const { archive, server } = await world.mirrored()
    const settings = { debian: mirrorOf(server.url, world.keyring, {}, { policy: 'immediate' }) }
    const yard = createTestYard(settings, { directory: tmpfs.directory })
    await syncTo(yard, 'created')
    add(archive, ...packages(40, 500_000))
    server.drain()
    failsWith(await yard.run('sync'), 1, /debian: 40 files/, /bytes are free/, /gc/)
    expect(server.requests.filter(({ path }) => isDeb(path))).toEqual([])
    await isWhole(yard, 1)
    tmpfs.remount('size=64m')
    await syncTo(yard, 'created')
    await isWhole(yard, 2)
  })

  it('that nobody could foresee: a clear error, the old snapshot whole, and nothing verified fetched again', async () => {
    const tmpfs = mountTmpfs('size=24m')
    world.atEnd(tmpfs.remove)
    const { archive, server } = await world.mirrored()
    const settings = {
      debian: mirrorOf(server.url, world.keyring, { concurrency: 2 }, { policy: 'immediate' }),
    }
    const yard = createTestYard(settings, { directory: tmpfs.directory })
    await syncTo(yard, 'created')
    add(archive, ...packages(20, 500_000))
    let asked = 0
    const filler = join(tmpfs.directory, 'filler')
    server.onRequest = path => {
      if (isDeb(path) && ++asked === 8)
        try {
          writeFileSync(filler, Buffer.alloc(24_000_000))
        } catch {
          // As full as it gets.
        }
      return false
    }
    failsWith(await yard.run('sync'), 1, /space/)
    server.onRequest = undefined
    await rm(filler)
    await isWhole(yard, 1)
    const here = await packagesHere(yard, archive)
    expect(here.length).toBeGreaterThan(1)
    server.drain()
    await syncTo(yard, 'created')
    expect(server.requests.filter(({ path }) => here.includes(path))).toEqual([])
    await isWhole(yard, 2)
  })

  it('before there is anything: an error, and no yard that is half made', async () => {
    const tmpfs = mountTmpfs('size=64k')
    world.atEnd(tmpfs.remove)
    const { server } = await world.mirrored({ packages: { main: packages(30, 1_000) } })
    const yard = createTestYard(
      { debian: mirrorOf(server.url, world.keyring) },
      { directory: tmpfs.directory },
    )
    failsWith(await yard.run('sync'), 1, /space/)
    tmpfs.remount('size=64m')
    await syncTo(yard, 'created')
    await isWhole(yard, 1)
  })
})
