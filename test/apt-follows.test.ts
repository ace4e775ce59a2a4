import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Apt } from './world/apt/client.ts'
import { startGateProxy } from './world/gate-proxy.ts'
import { hash } from './world/hash.ts'
import { startServer } from './world/running-server.ts'
import { aptOf, cleanUpdate, publish, type Served, served, timestampsOf } from './world/served.ts'
import { mirrorOf } from './world/test-yard.ts'
import { createWorld, failsWith, syncTo, type World } from './world/world.ts'

/** A real apt that keeps its state while what it follows moves, forwards and backwards. The server is another process. */
let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const hello = (version = '1.0') => ({ packages: { main: [{ name: 'hello', version }, { name: 'other' }] } })

/** A new version upstream, and a snapshot of it. */
async function move({ archive, yard }: Served, version: string, ...names: string[]): Promise<void> {
  publish(archive, 'hello', version)
  await syncTo(yard, 'created', ...names)
  await delay(seenByServer)
}

/** A server answers from refs that it has read for a tenth of a second, in milliseconds. */
const seenByServer = 150

/** Takes the newest snapshot away as an operator does. */
async function goBack({ yard }: Served, repository: string): Promise<void> {
  const newest = (await timestampsOf(yard, repository)).at(-1)
  expect(await yard.run('rm', `${repository}@${newest}`)).toMatchObject({ status: 0 })
  await delay(seenByServer)
}

const base = { base: { compose: { from: ['debian'], label: 'ours', origin: 'Ours' } } }

describe.each(['debian', 'base'])('latest of %s', repository => {
  it('takes the same apt forwards, backwards with the preferences, and forwards again', async () => {
    const made = await served(world, hello(), { more: base })
    const apt = await aptOf(world, made.server, `${repository}/latest/apt.sources`)
    await cleanUpdate(apt)
    expect(await apt.policy('hello')).toMatchObject({ candidate: '1.0' })
    await apt.install('hello', 'other')
    await move(made, '2.0')
    await cleanUpdate(apt)
    await apt.install('hello')
    expect((await apt.installed()).get('hello')).toBe('2.0')

    await goBack(made, repository)
    const asked = made.server.answers().length
    expect(await cleanUpdate(apt)).toMatch(/^Get:1 .*InRelease/m)
    const releases = made.server
      .answers()
      .slice(asked)
      .filter(({ path }) => path.endsWith('/InRelease'))
    expect(
      releases.map(({ status }) => status),
      'no 304 hides the way back',
    ).toEqual([200])
    expect(await apt.policy('hello')).toEqual({
      installed: '2.0',
      candidate: '2.0',
      versions: ['2.0', '1.0'],
    })
    expect((await apt.get(['--simulate', 'dist-upgrade'])).output).not.toContain('DOWNGRADED')

    await apt.setPreferences(await made.server.setup(`${repository}/preferences`))
    expect((await apt.policy('hello')).candidate).toBe('1.0')
    const plan = (await apt.get(['--simulate', '--allow-downgrades', 'dist-upgrade'])).output
    expect(plan).toMatch(/DOWNGRADED:\n {2}hello\n/)
    expect(plan).toMatch(/^Inst hello \[2\.0\] \(1\.0 /m)
    await apt.get(['--allow-downgrades', 'dist-upgrade'])
    expect(await apt.installed()).toEqual(
      new Map([
        ['hello', '1.0'],
        ['other', '1.0-1'],
      ]),
    )

    await syncTo(made.yard, 'created', repository)
    await cleanUpdate(apt)
    await apt.install('hello')
    expect((await apt.installed()).get('hello')).toBe('2.0')
    expect(await cleanUpdate(apt)).toMatch(/^Hit:1 /m)
  })

  it('dated snapshots take the same apt anywhere, in any order', async () => {
    const made = await served(world, hello(), { more: base })
    for (const version of ['2.0', '3.0~rc1']) await move(made, version)
    const timestamps = await timestampsOf(made.yard, repository)
    const versions = ['1.0', '2.0', '3.0~rc1']
    const apt = await aptOf(world, made.server)
    await apt.setPreferences(await made.server.setup(`${repository}/preferences`))
    for (const i of [1, 0, 2, 0, 1]) {
      await apt.setSources(await made.server.setup(`${repository}/${timestamps[i]}/apt.sources`))
      await cleanUpdate(apt)
      expect((await apt.policy('hello')).candidate).toBe(versions[i])
      await apt.install('--allow-downgrades', 'hello')
      expect((await apt.installed()).get('hello')).toBe(versions[i])
    }
  })
})

/** What one pass of a client saw: a version, and any complaint. */
interface Pass {
  version: string | undefined
  complaint?: string
}

/** Updates and downloads again and again. */
async function clientLoop(apt: Apt, passes: Pass[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const update = await apt.get(['update'])
    const versions = (await apt.policy('hello')).versions
    const version = versions[0]
    const download = await apt.get(['download', 'hello'])
    const file = join(apt.directory, 'downloads', `hello_${version}_amd64.deb`)
    const good =
      update.status === 0 &&
      !/^(?:Ign|Err|[WE]):/m.test(update.output) &&
      download.status === 0 &&
      versions.length === 1 &&
      existsSync(file)
    passes.push(good ? { version } : { version, complaint: `${update.output}\n${download.output}` })
  }
}

describe('clients that never stop', () => {
  it('meet no error while snapshots come and go, and see each move', async () => {
    const made = await served(world, hello('1'), { more: base })
    const stop = new AbortController()
    const seen: { [repository: string]: Pass[] } = { debian: [], base: [] }
    const clients = Object.entries(seen).map(async ([name, passes]) => {
      const apt = await aptOf(world, made.server, `${name}/latest/apt.sources`)
      await clientLoop(apt, passes, stop.signal)
    })
    const sees = (version: string) =>
      expect
        .poll(() => Object.values(seen).map(passes => passes.at(-1)?.version), {
          timeout: 15_000,
          interval: 20,
        })
        .toEqual([version, version])
    try {
      await sees('1')
      for (let version = 2; version <= 11; version++) {
        const moved = delay(1_000)
        await move(made, String(version))
        if (version % 4 !== 0) await sees(String(version))
        await moved
      }
      await goBack(made, 'base')
      await goBack(made, 'debian')
      await sees('10')
      await syncTo(made.yard, 'created')
      await sees('11')
    } finally {
      stop.abort()
      await Promise.all(clients)
    }
    const passes = Object.values(seen).flat()
    expect(passes.flatMap(({ complaint }) => complaint ?? [])).toEqual([])
    expect(passes.length).toBeGreaterThan(20)
  }, 120_000)
})

describe.each(['debian', 'base'])('a client that began before a move of %s', repository => {
  const at = `/content/${repository}/latest/`
  const indexOf = (release: string) => {
    const [, digest, path] = /^ ([0-9a-f]{64}) +\d+ (\S+\/Packages\.gz)$/m.exec(release)!
    return {
      digest: digest!,
      path: `${at}dists/stable/${path!.replace(/[^/]*$/, `by-hash/SHA256/${digest}`)}`,
    }
  }

  it('still gets the indexes and the packages that it was told of, also from a restarted server', async () => {
    const made = await served(world, hello(), { more: base })
    const { server } = made
    const release = (await server.get(`${at}dists/stable/InRelease`)).body.toString()
    const index = indexOf(release)
    const old = made.archive.files.get('pool/main/h/hello/hello_1.0_amd64.deb')!
    await move(made, '2.0')
    const now = indexOf((await server.get(`${at}dists/stable/InRelease`)).body.toString())
    expect(now.digest).not.toBe(index.digest)
    const check = async (from: typeof server) => {
      const packages = await from.get(index.path)
      expect([packages.status, hash('sha256', packages.body)]).toEqual([200, index.digest])
      const deb = await from.get(`${at}pool/main/h/hello/hello_1.0_amd64.deb`)
      expect([deb.status, deb.body.equals(old)]).toEqual([200, true])
    }
    await check(server)
    await server.stop()
    const again = await startServer(made.yard)
    world.atEnd(() => again.stop())
    await check(again)
  })

  it('finishes: a real apt whose update and whose download are overtaken', async () => {
    const made = await served(world, hello(), { more: base })
    const apt = await aptOf(world, made.server, `${repository}/latest/apt.sources`)
    const gate = await startGateProxy(/by-hash/)
    world.atEnd(gate.close)
    const update = apt.get(['-o', `Acquire::http::Proxy=${gate.url}`, 'update'])
    await gate.reached
    await move(made, '2.0')
    gate.open()
    const { status, output } = await update
    expect({ status, output }).toMatchObject({
      status: 0,
      output: expect.not.stringMatching(/^(?:Ign|Err|W:|E:)/m),
    })
    expect((await apt.policy('hello')).versions).toEqual(['1.0'])
    await move(made, '3.0')
    expect(await apt.download('hello')).toEqual(['hello_1.0_amd64.deb'])
    await cleanUpdate(apt)
    expect((await apt.policy('hello')).versions).toEqual(['3.0'])
  })
})

describe('If-Modified-Since', () => {
  it('is compared for equality, so that no older and no newer date hides a move', async () => {
    const made = await served(world, hello())
    const path = '/content/debian/latest/dists/stable/InRelease'
    const modified = async () => (await made.server.get(path)).headers['last-modified']!
    const since = async (date: string) => (await made.server.get(path, { 'If-Modified-Since': date })).status
    const first = await modified()
    await move(made, '2.0')
    const second = await modified()
    await goBack(made, 'debian')
    const third = await modified()
    expect([first, second, third].map(Date.parse)).toEqual(
      [first, second, third].map(Date.parse).sort((a, b) => a - b),
    )
    expect(new Set([first, second, third]).size).toBe(3)
    const later = new Date(Date.parse(third) + 3_600_000).toUTCString()
    expect(await Promise.all([first, second, third, later].map(since))).toEqual([200, 200, 304, 200])
  })
})

describe('Origin and Label', () => {
  it('are fixed when a repository is composed, because a real apt refuses their change', async () => {
    const { archive, server, upstream, yard } = await served(world, hello(), { more: base })
    const apt = await aptOf(world, server, 'base/latest/apt.sources')
    await cleanUpdate(apt)
    yard.configure({
      debian: mirrorOf(upstream.url, world.keyring),
      base: { compose: { from: ['debian'], label: 'theirs', origin: 'Theirs' } },
    })
    publish(archive, 'hello', '2.0')
    failsWith(await yard.run('sync'), 4, /base.*origin/is)
    await cleanUpdate(apt)
    expect((await apt.policy('hello')).candidate, 'what was served before still is').toBe('1.0')
    expect(await yard.run('sync', '--allow-identity-change', 'base')).toMatchObject({ status: 0 })
    const { output, status } = await apt.get(['update'])
    expect(status).not.toBe(0)
    expect(output).toMatch(/changed its 'Origin' value from 'Ours' to 'Theirs'/)
    expect(output).toMatch(/changed its 'Label' value from 'ours' to 'theirs'/)
  })
})
