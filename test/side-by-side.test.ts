import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { misbehave } from './world/archive-server.ts'
import { mirrorOf } from './world/test-yard.ts'
import { add, createWorld, isWhole, packages, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const isDeb = (path: string) => path.endsWith('.deb')

describe('side by side', () => {
  it('two syncs of one repository: one does it, the other says that it is busy', async () => {
    const { server, yard } = await world.mirrored({ packages: { main: packages(20, 1_000) } })
    server.onRequest = misbehave.delay(150, isDeb)
    const runs = await Promise.all([yard.run('sync'), yard.run('sync')])
    expect(runs.map(({ status }) => status).sort()).toEqual([0, 1])
    expect(runs.find(({ status }) => status === 1)!.stderr).toMatch(/another job is running/)
    await isWhole(yard, 1)
  })

  it('several repositories from two processes, which share most blobs', async () => {
    const { archive, server, yard } = await world.mirrored({ packages: { main: packages(40, 5_000) } })
    const names = ['a', 'b', 'c', 'd']
    const mirror = mirrorOf(server.url, world.keyring, {}, { policy: 'immediate' })
    yard.configure(Object.fromEntries(names.map(name => [name, mirror])))
    for (let round = 0; round < 3; round++) {
      const runs = await Promise.all([yard.run('sync', 'a', 'b'), yard.run('sync', 'c', 'd')])
      for (const run of runs) expect(run, run.stderr).toMatchObject({ status: 0 })
      add(archive, ...packages(10, 5_000, `more${round}-`))
    }
    const fetched = server.requests.filter(({ path, status }) => isDeb(path) && status === 200)
    expect(fetched.length - new Set(fetched.map(({ path }) => path)).size).toBe(0)
    await isWhole(yard, 12)
  }, 60_000)

  it('fresh yards of two mirrors and a composition, over and over, never hang', async () => {
    const [a, b] = [
      await world.mirrored({ packages: { main: packages(30, 500) } }),
      await world.mirrored({ packages: { main: packages(30, 500, 'q') } }),
    ]
    const fresh = () =>
      world.yard({
        debian: mirrorOf(a.server.url, world.keyring),
        ours: mirrorOf(b.server.url, world.keyring),
        base: { compose: { from: ['debian', 'ours'] } },
      })
    for (let i = 0; i < 5; i++) {
      const commands = [fresh(), fresh(), fresh(), fresh()].map(yard => yard.start('sync'))
      const late = setTimeout(() => {
        for (const command of commands) command.kill('SIGABRT')
      }, 60_000)
      for (const { done } of commands) {
        const run = await done
        expect(run, run.stderr).toMatchObject({ status: 0, signal: null })
      }
      clearTimeout(late)
    }
  }, 180_000)
})
