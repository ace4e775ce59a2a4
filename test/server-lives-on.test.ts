import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from './world/running-server.ts'
import { aptOf, cleanUpdate, publish, type Served, served, timestampsOf } from './world/served.ts'
import { mirrorOf } from './world/test-yard.ts'
import { createWorld, failsWith, syncTo, type World } from './world/world.ts'

/** The server as a process: stopped, killed, started again, without its database, beside processes that change the yard. */
let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const suite = { packages: { main: [{ name: 'hello', version: '1.0' }] } }
const more = { base: { compose: { from: ['debian'] } } }

/** Starts it again where clients know it. */
async function restart({ server, upstream, yard }: Served): Promise<RunningServer> {
  const listen = new URL(server.url).host
  yard.configure({ debian: mirrorOf(upstream.url, world.keyring), ...more }, { server: { listen } })
  const again = await startServer(yard)
  world.atEnd(() => again.stop())
  return again
}

describe('a server that is started again', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('after %s is the same to a real apt', async signal => {
    const made = await served(world, suite, { more })
    const apt = await aptOf(world, made.server, 'base/latest/apt.sources')
    await cleanUpdate(apt)
    await made.server.stop(signal)
    const { output, status } = await apt.get(['update'])
    expect(output).toMatch(/^W: Failed to fetch/m)
    expect(status, 'apt goes on with what it has').toBe(0)
    const again = await restart(made)
    expect(await cleanUpdate(apt)).toMatch(/^Hit:1 /m)
    expect(await apt.download('hello')).toEqual(['hello_1.0_amd64.deb'])
    expect(again.answers().map(({ status }) => status)).toEqual([304, 200])
  })

  it('serves with a catalog of garbage and its upstream gone, and fails with clear errors where it needs them', async () => {
    const made = await served(world, suite, { more })
    await cleanUpdate(await aptOf(world, made.server, 'debian/latest/apt.sources'))
    await made.server.stop()
    for (const name of readdirSync(made.yard.directory).filter(name => name.startsWith('catalog.sqlite')))
      writeFileSync(join(made.yard.directory, name), 'garbage'.repeat(10_000))
    await made.upstream.close()
    const server = await restart(made)
    for (const repository of ['base', 'debian']) {
      const page = (await server.get(`/content/${repository}/`)).body.toString()
      const timestamp = /\d{8}T\d{6}Z/.exec(page)?.[0]
      for (const at of ['latest', timestamp]) {
        const apt = await aptOf(world, server, `${repository}/${at}/apt.sources`)
        await cleanUpdate(apt)
        expect(await apt.download('hello'), 'base fetched it, for both').toHaveLength(1)
      }
    }
    failsWith(await made.yard.run('rm', 'base'), 1, /catalog/, /content is still served/)
    await cleanUpdate(await aptOf(world, server, 'base/latest/apt.sources'))
    expect((await server.get('/healthz')).body.toString()).toContain('degraded')
  })

  it('has no more of an on-demand mirror than was asked for: a real apt takes the compression that is here', async () => {
    const made = await served(world, suite)
    await made.upstream.close()
    const apt = await aptOf(world, made.server, 'debian/latest/apt.sources')
    const { output, status } = await apt.get(['update'])
    expect({ status, output }).toMatchObject({ status: 0, output: expect.stringMatching(/^Err:.*\n +502 /m) })
    expect(await apt.policy('hello')).toMatchObject({ candidate: '1.0' })
  })
})

describe('what another process does to the yard', () => {
  /** How long after the change was made the server told of it, in milliseconds; it is asked all the time. */
  async function delayOf(change: () => Promise<unknown>, isSeen: () => Promise<boolean>): Promise<number> {
    let made = Number.POSITIVE_INFINITY
    const changing = change().then(() => {
      made = performance.now()
    })
    while (!(await isSeen())) {
      if (performance.now() - made > 5_000) throw new Error('the server does not see the change')
      await delay(5)
    }
    const seen = performance.now()
    await changing
    return Math.max(0, seen - made)
  }

  it('is seen by the server: keys that were rotated and retired', async () => {
    const { server, yard } = await served(world, suite)
    const old = await server.setup('debian/latest/key.asc')
    const [fingerprint] = JSON.parse((await yard.run('trust', 'keys', 'show', '--json')).stdout).fingerprints
    expect(await yard.run('trust', 'keys', 'rotate')).toMatchObject({ status: 0 })
    expect(await yard.run('trust', 'keys', 'retire', fingerprint)).toMatchObject({ status: 0 })
    const { stdout } = await yard.run('trust', 'keys', 'show')
    expect(stdout).not.toBe(old)
    expect(await server.setup('debian/latest/key.asc')).toBe(stdout)
  })

  it('is seen by the server within a second: a sync, and a removal', async () => {
    const made = await served(world, suite, { more })
    const { server, yard } = made
    const shows = async (at: string, version: string) =>
      (await server.get(`/content/${at}/pool/main/h/hello/`)).body.toString().includes(`_${version}_`)
    const delays: number[] = []
    for (const version of ['2.0', '3.0', '4.0', '5.0']) {
      publish(made.archive, 'hello', version)
      for (const name of ['debian', 'base'])
        delays.push(
          await delayOf(
            () => syncTo(yard, 'created', name),
            () => shows(`${name}/latest`, version),
          ),
        )
    }
    for (const name of ['base', 'debian']) {
      const newest = `${name}@${(await timestampsOf(yard, name)).at(-1)}`
      const path = newest.replace('@', '/')
      expect(await shows(path, '5.0')).toBe(true)
      const isGone = async () =>
        (await shows(`${name}/latest`, '4.0')) && (await server.get(`/content/${path}/`)).status === 404
      delays.push(await delayOf(() => yard.use(open => open.yard.remove(newest)), isGone))
    }
    expect(Math.max(...delays), `${delays.map(Math.round).join(', ')} ms`).toBeLessThan(1_000)
  })
})
