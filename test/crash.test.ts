import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Digest } from '../src/model/index.ts'
import { openFsStore } from '../src/store/index.ts'
import type { Archive } from './world/apt/archive.ts'
import { misbehave } from './world/archive-server.ts'
import { hash } from './world/hash.ts'
import { momentsOf } from './world/moments.ts'
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

const isDeb = (path: string) => path.endsWith('.deb')
const timestampsOf = async (yard: TestYard) =>
  (await yard.use(open => open.yard.snapshots())).map(({ record }) => record.timestamp)

/** The packages of an archive whose verified bytes are in the yard's store. */
async function packagesHere(yard: TestYard, archive: Archive): Promise<string[]> {
  const { blobs } = openFsStore(yard.directory)
  const here: string[] = []
  for (const [path, bytes] of archive.files)
    if (isDeb(path) && (await blobs.size(hash('sha256', bytes) as Digest)) !== undefined) here.push(path)
  return here
}

describe('kill -9', () => {
  it('at 26 moments of a sync: what was there stays whole, and no verified blob is fetched again', async () => {
    const { archive, server, yard } = await world.mirrored({ packages: { main: packages(5, 1_000) } })
    await syncTo(yard, 'created')
    const [first] = await timestampsOf(yard)
    const before = await digestsOf(yard, `debian@${first}`)
    server.onRequest = misbehave.delay(15, isDeb)
    let round = 0
    const publish = () => add(archive, ...packages(100, 20_000, `r${round++}-`))
    publish()
    const moments = await momentsOf(() => yard.run('sync'))
    publish()
    const verified = new Set<string>()
    const again: string[] = []
    let killed = 0
    let completed = 0
    while (killed < 26) {
      server.drain()
      const command = yard.start('sync')
      await moments.next()
      command.kill('SIGKILL')
      const { status, signal, stderr } = await command.done
      again.push(...server.requests.map(({ path }) => path).filter(path => verified.has(path)))
      for (const path of await packagesHere(yard, archive)) verified.add(path)
      if (signal === null) {
        expect(status, stderr).toBe(0)
        completed++
        moments.tooLate()
        publish()
      } else killed++
      expect((await yard.use(open => open.yard.fsck())).findings, `after kill ${killed}`).toEqual([])
      expect(await digestsOf(yard, `debian@${first}`)).toEqual(before)
    }
    await yard.sync()
    expect(again).toEqual([])
    const held = await digestsOf(yard, 'debian@latest')
    for (const path of archive.files.keys())
      if (isDeb(path)) expect(held[path]).toBe(hash('sha256', archive.files.get(path)!))
    await isWhole(yard, (await timestampsOf(yard)).length)
    expect(completed).toBeLessThan(26)
  }, 180_000)

  it('of a composition leaves inputs and old compositions whole', async () => {
    const { archive, server, yard } = await world.mirrored({ packages: { main: packages(40, 1_000) } })
    yard.configure({
      debian: mirrorOf(server.url, world.keyring),
      base: { compose: { from: ['debian'], compression: ['gz', 'xz'] } },
    })
    await syncTo(yard, 'created')
    const [first] = (await yard.use(open => open.yard.snapshots('base' as never))).map(
      one => one.record.timestamp,
    )
    const before = await digestsOf(yard, `base@${first}`)
    add(archive, ...packages(10, 2_000, 'first-'))
    const moments = await momentsOf(() => yard.run('sync'))
    let killed = 0
    for (let i = 0; killed < 8; i++) {
      add(archive, ...packages(10, 2_000, `k${i}-`))
      const command = yard.start('sync')
      await moments.next()
      command.kill('SIGKILL')
      if ((await command.done).signal === null) moments.tooLate()
      else killed++
      expect((await yard.use(open => open.yard.fsck())).findings).toEqual([])
      expect(await digestsOf(yard, `base@${first}`)).toEqual(before)
    }
    await yard.sync()
    const packagesNow = (await yard.use(open => open.yard.snapshot('base'))).record.packageCount
    expect(packagesNow).toBe(archive.suites[0]!.packages!.main!.length)
    await isWhole(yard, (await timestampsOf(yard)).length)
  }, 120_000)

  it('of rm and gc leaves what is listed whole', async () => {
    const { archive, yard } = await world.mirrored({ packages: { main: packages(60, 1_000) } })
    await syncTo(yard, 'created')
    const moments = await momentsOf(() => yard.run('gc'))
    let killed = 0
    for (let i = 0; killed < 6; i++) {
      archive.update(([suite]) => {
        suite!.packages!.main = packages(60, 1_000, `v${i}-`)
      })
      await syncTo(yard, 'created')
      const command = yard.start(
        ...(i % 2 === 0 ? ['gc'] : ['rm', `debian@${(await timestampsOf(yard))[0]}`]),
      )
      await moments.next()
      command.kill('SIGKILL')
      if ((await command.done).signal === null) moments.tooLate()
      else killed++
      expect((await yard.use(open => open.yard.fsck())).findings).toEqual([])
    }
    expect(await yard.run('gc')).toMatchObject({ status: 0 })
    await isWhole(yard, (await timestampsOf(yard)).length)
  }, 120_000)
})

describe('a signal that asks politely', () => {
  it('ends a sync soon, without a snapshot, and what came is kept', async () => {
    const { archive, server, yard } = await world.mirrored()
    await syncTo(yard, 'created')
    add(archive, ...packages(200, 5_000))
    server.onRequest = misbehave.delay(40, isDeb)
    server.drain()
    const command = yard.start('sync')
    while (server.requests.filter(({ path }) => isDeb(path)).length < 10) await delay(10)
    const asked = performance.now()
    command.kill('SIGTERM')
    const run = await command.done
    expect(performance.now() - asked).toBeLessThan(3_000)
    failsWith(run, 1, /cancelled|stopped/)
    await isWhole(yard, 1)
    const here = await packagesHere(yard, archive)
    server.drain()
    server.onRequest = undefined
    await syncTo(yard, 'created')
    expect(server.requests.filter(({ path }) => here.includes(path))).toEqual([])
  })
})
