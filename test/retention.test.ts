import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Digest } from '../src/model/index.ts'
import { openFsStore } from '../src/store/index.ts'
import { misbehave } from './world/archive-server.ts'
import { hash } from './world/hash.ts'
import { mirrorOf, type TestYard } from './world/test-yard.ts'
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

const namesOf = async (yard: TestYard) =>
  (await yard.use(open => open.yard.snapshots())).map(
    ({ record }) => `${record.repository}@${record.timestamp}`,
  )
const isHere = async (yard: TestYard, bytes: Buffer) =>
  (await openFsStore(yard.directory).blobs.size(hash('sha256', bytes) as Digest)) !== undefined

/** A yard with two snapshots that share most packages. */
async function twoSnapshots() {
  const made = await world.mirrored({
    packages: { main: [...packages(5, 10_000), { name: 'old', weight: 100_000 }] },
  })
  await syncTo(made.yard, 'created')
  made.archive.update(([suite]) => {
    suite!.packages!.main = [...packages(5, 10_000), { name: 'new', weight: 100_000 }]
  })
  await syncTo(made.yard, 'created')
  const [first, second] = await namesOf(made.yard)
  return { ...made, first: first!, second: second! }
}

describe('rm and gc', () => {
  it('free what only a removed snapshot had, and leave the others whole', async () => {
    const { archive, first, second, yard } = await twoSnapshots()
    const before = await digestsOf(yard, second)
    const old = archive.files.get('pool/main/o/old/old_1.0-1_amd64.deb')!
    expect(await yard.run('rm', first)).toMatchObject({ status: 0, stdout: `removed ${first}\n` })
    const dry = JSON.parse((await yard.run('gc', '--dry-run', '--json')).stdout)
    expect(await isHere(yard, old)).toBe(true)
    const real = JSON.parse((await yard.run('gc', '--json')).stdout)
    expect(real).toEqual({ ...dry, dryRun: false })
    expect(real.freedBytes).toBeGreaterThan(100_000)
    expect(await isHere(yard, old)).toBe(false)
    expect(await digestsOf(yard, second)).toEqual(before)
    await isWhole(yard, 1)
    expect(JSON.parse((await yard.run('gc', '--json')).stdout)).toMatchObject({
      removedBlobs: 0,
      removedPages: 0,
    })
  })

  it('of the newest snapshot: latest is the one before, and the next sync makes a new one', async () => {
    const { first, second, yard } = await twoSnapshots()
    await yard.run('rm', second)
    expect(await namesOf(yard)).toEqual([first])
    expect((await yard.use(open => open.yard.snapshot('debian@latest'))).record.timestamp).toBe(
      first.split('@')[1],
    )
    await yard.run('gc')
    await isWhole(yard, 1)
    await syncTo(yard, 'created')
    expect((await namesOf(yard))[1]! > second).toBe(true)
    await isWhole(yard, 2)
  })

  it('of a whole repository frees all of it but what others share', async () => {
    const { archive, server, yard } = await twoSnapshots()
    const mirror = mirrorOf(server.url, world.keyring, {}, { policy: 'immediate' })
    yard.configure({ debian: mirror, other: mirror })
    await syncTo(yard, 'created', 'other')
    const before = await digestsOf(yard, 'other')
    expect(await yard.run('rm', 'debian')).toMatchObject({ status: 0 })
    await yard.run('gc')
    expect(await namesOf(yard)).toHaveLength(1)
    expect(await digestsOf(yard, 'other')).toEqual(before)
    expect(await isHere(yard, archive.files.get('pool/main/o/old/old_1.0-1_amd64.deb')!)).toBe(false)
    await isWhole(yard, 1)
    await syncTo(yard, 'created', 'debian')
    await isWhole(yard, 2)
  })

  it('refuse an input of a composition that is not complete, and allow it once it is', async () => {
    const { server, yard } = await world.mirrored({ packages: { main: packages(3, 2_000) } }, {}, {})
    yard.configure({
      debian: mirrorOf(server.url, world.keyring),
      base: { compose: { from: ['debian'] }, policy: 'on-demand' },
    })
    await syncTo(yard, 'created')
    const [base, debian] = await namesOf(yard)
    failsWith(await yard.run('rm', debian!), 3, base!, debian!, `switchyard fetch ${base}`)
    failsWith(await yard.run('rm', 'debian'), 3, base!)
    await isWhole(yard, 2)
    expect(await yard.run('fetch', base!)).toMatchObject({ status: 0 })
    expect(await yard.run('rm', debian!)).toMatchObject({ status: 0 })
    await yard.run('gc')
    await isWhole(yard, 1)
  })

  it('of what is not there say so', async () => {
    const { yard } = await twoSnapshots()
    failsWith(await yard.run('rm', 'debian@20200101T000000Z'), 1, /debian@20200101T000000Z/)
    failsWith(await yard.run('rm', 'nothing'), 1, /nothing/)
    failsWith(await yard.run('rm', '../../etc'), 2)
    await isWhole(yard, 2)
  })

  it('of a repository that is configured no more still work', async () => {
    const { server, yard } = await twoSnapshots()
    yard.configure({ other: mirrorOf(server.url, world.keyring) })
    expect(await yard.run('rm', 'debian')).toMatchObject({ status: 0 })
    expect(await yard.run('gc')).toMatchObject({ status: 0 })
    expect(await namesOf(yard)).toEqual([])
    expect(existsSync(join(yard.directory, 'refs/repositories/debian/latest.json'))).toBe(false)
  })
})

describe('gc beside a sync', () => {
  it('in a loop loses nothing, and neither stops the other for long', async () => {
    const { archive, server, yard } = await world.mirrored({ packages: { main: packages(10, 2_000) } })
    await syncTo(yard, 'created')
    server.onRequest = misbehave.delay(10, path => path.endsWith('.deb'))
    let done = false
    const collecting = (async () => {
      let runs = 0
      while (!done) {
        const run = await yard.run('gc')
        expect(run, run.stderr).toMatchObject({ status: 0 })
        runs++
      }
      return runs
    })()
    let made = 1
    for (let i = 0; i < 8; i++) {
      archive.update(([suite]) => {
        suite!.packages!.main = packages(20, 2_000, `v${i % 3}-`)
      })
      const run = await yard.run('sync')
      expect(run, run.stderr).toMatchObject({ status: 0 })
      made++
      if (i % 3 === 2) {
        const [oldest] = await namesOf(yard)
        expect(await yard.run('rm', oldest!)).toMatchObject({ status: 0 })
        made--
      }
    }
    done = true
    expect(await collecting).toBeGreaterThan(5)
    await isWhole(yard, made)
  }, 120_000)

  it('that has begun before it keeps what the sync has fetched so far', async () => {
    const { archive, server, yard } = await world.mirrored()
    await syncTo(yard, 'created')
    add(archive, ...packages(30, 2_000))
    server.onRequest = misbehave.delay(200, path => path.endsWith('.deb'))
    const sync = yard.start('sync')
    await delay(1_000)
    expect(await yard.run('gc')).toMatchObject({ status: 0 })
    const run = await sync.done
    expect(run, run.stderr).toMatchObject({ status: 0 })
    const fetched = server.requests.map(({ path }) => path).filter(path => path.endsWith('.deb'))
    expect(fetched).toHaveLength(31)
    expect(new Set(fetched).size).toBe(31)
    await isWhole(yard, 2)
  })
})
