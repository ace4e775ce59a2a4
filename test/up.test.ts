import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mirrorOf, type Run, type TestYard } from './world/test-yard.ts'
import { createWorld, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

/** Runs `up` until it has told all that it tells of a sync, then asks it to end. */
async function upOnce(yard: TestYard, last: RegExp): Promise<Run> {
  const command = yard.start('up')
  while (!last.test(command.stderr()) && (await Promise.race([command.done, delay(50)])) === undefined);
  command.kill('SIGTERM')
  return command.done
}

describe('up', () => {
  it('cuts the first release of a train and no second one; a train that cannot depart stops nothing', async () => {
    const { url } = await world.serve(
      world.archive({ name: 'stable', packages: { main: [{ name: 'one' }] } }),
    )
    const channels = { production: {} }
    const yard = world.yard({}, { more: { server: { listen: '127.0.0.1:0' } } })
    yard.configure(
      { debian: mirrorOf(url, world.keyring) },
      {
        trains: {
          web: { repositories: ['debian'], channels, complete: 'fetchable' },
          whole: { repositories: ['debian'], channels },
        },
      },
    )
    const first = await upOnce(yard, /whole {2}has no release yet/)
    expect(first.stderr).toMatch(/web@\S+ {2}the first release, of debian\n/)
    expect(first.stderr).toMatch(/whole {2}has no release yet: debian@\S+ is not complete/)
    expect(await yard.use(open => open.yard.releases())).toHaveLength(1)
    const again = await upOnce(yard, /whole {2}has no release yet/)
    expect(again.stderr).not.toContain('the first release')
    expect(await yard.use(open => open.yard.releases())).toHaveLength(1)
  })
})
