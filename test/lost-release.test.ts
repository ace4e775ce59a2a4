import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFsStore } from '../src/store/index.ts'
import { timestampsOf } from './world/served.ts'
import type { TestYard } from './world/test-yard.ts'
import { add, createWorld, digestsOf, failsWith, isWhole, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
})
afterAll(() => world.remove())

/** Takes a snapshot's Release files out of the store: no upstream has them again. */
async function lose(yard: TestYard): Promise<void> {
  const held = await digestsOf(yard, 'debian')
  for (const name of ['InRelease', 'Release', 'Release.gpg']) {
    const digest = held[`dists/stable/${name}`]!
    rmSync(join(yard.directory, 'blobs', digest.slice(0, 2), digest.slice(2)))
  }
}

const latestFile = (yard: TestYard) => join(yard.directory, 'refs/repositories/debian/latest.json')

/** Takes what was sealed for `latest` out of the store. */
function loseSealed(yard: TestYard): void {
  const { sealed } = JSON.parse(readFileSync(latestFile(yard), 'utf8'))
  for (const { sha256 } of Object.values<{ sha256: string }>(sealed))
    rmSync(join(yard.directory, 'blobs', sha256.slice(0, 2), sha256.slice(2)))
}

describe('a snapshot that has lost its Release files', () => {
  it('keeps nobody from the rest of the yard, though latest cannot go to it', async () => {
    const { yard } = await world.mirrored({}, {}, {})
    await syncTo(yard, 'created')
    await lose(yard)
    rmSync(join(yard.directory, 'refs/repositories/debian/latest.json'))
    expect(await yard.run('snapshots')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('debian@'),
    })
    expect(await yard.run('rm', 'debian')).toMatchObject({ status: 0 })
    await syncTo(yard, 'created')
  })

  it('and whose sealed ones are lost too keeps its latest: fsck says what it cannot mend, and checks the rest', async () => {
    const { archive, yard } = await world.mirrored({}, {}, {})
    await syncTo(yard, 'created')
    add(archive, { name: 'two' })
    await lose(yard)
    loseSealed(yard)
    const before = readFileSync(latestFile(yard), 'utf8')
    const report = await yard.use(open => open.yard.fsck({ repair: true }))
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        name: 'debian/latest',
        repaired: false,
        problem: expect.stringMatching(/no Release|not here|no blob/),
      }),
    )
    expect(readFileSync(latestFile(yard), 'utf8')).toBe(before)
  })

  it('is not what latest goes back to: the removal of the newer one does not begin', async () => {
    const { archive, yard } = await world.mirrored({}, {}, {})
    await syncTo(yard, 'created')
    await lose(yard)
    add(archive, { name: 'two' })
    await syncTo(yard, 'created')
    const [older, newer] = await timestampsOf(yard, 'debian')
    failsWith(
      await yard.run('rm', `debian@${newer}`),
      1,
      'nothing was removed',
      `remove debian@${older} first`,
    )
    expect(await timestampsOf(yard, 'debian')).toEqual([older, newer])
    expect(await yard.run('rm', `debian@${older}`)).toMatchObject({ status: 0 })
    expect(await yard.run('rm', `debian@${newer}`)).toMatchObject({ status: 0 })
  })
})

describe('fsck --repair', () => {
  it('seals latest while no sync can move it, and later than what was served', async () => {
    const { yard } = await world.mirrored()
    await syncTo(yard, 'created')
    loseSealed(yard)
    const before = readFileSync(latestFile(yard), 'utf8')
    const store = openFsStore(yard.directory)
    const lock = (await store.locks.acquire('.collect'))!
    const [atLatest, reached] = signal()
    const checking = yard.use(open =>
      open.yard.fsck({
        repair: true,
        onEvent: event => event.kind === 'step' && event.step === 'check latest' && reached(),
      }),
    )
    await atLatest
    await delay(300)
    expect(readFileSync(latestFile(yard), 'utf8')).toBe(before)
    lock.release()
    expect((await checking).findings).toMatchObject([{ name: 'debian/latest', repaired: true }])
    const [old, fresh] = [JSON.parse(before), JSON.parse(readFileSync(latestFile(yard), 'utf8'))]
    expect(fresh.snapshot).toBe(old.snapshot)
    expect(fresh.moved > old.moved).toBe(true)
    await isWhole(yard, 1)
  })
})

function signal(): [Promise<void>, () => void] {
  const { promise, resolve } = Promise.withResolvers<void>()
  return [promise, resolve]
}
