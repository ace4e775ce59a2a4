import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { timestampsOf } from './world/served.ts'
import type { TestYard } from './world/test-yard.ts'
import { add, createWorld, digestsOf, failsWith, syncTo, type World } from './world/world.ts'

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
