import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Apt } from './world/apt/client.ts'
import { type Departing, departing } from './world/departing.ts'
import type { Dnf } from './world/rpm/client.ts'
import { cleanUpdate } from './world/served.ts'
import { createWorld, type World } from './world/world.ts'

/** Real clients that keep their state while the channel that they follow moves. Server and moves are processes of their own. */
vi.setConfig({ testTimeout: 180_000 })
let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

/** A server answers from refs that it has read for a tenth of a second, in milliseconds. */
const seenByServer = 150

/** What one pass of a client saw: when it began, the version of each package, and any complaint. */
interface Pass {
  begun: number
  versions: (string | undefined)[]
  complaint?: string
}

/** An apt that updates and downloads again and again, from a mirror whose packages are here and one that fetches them on demand. */
async function aptPass(apt: Apt): Promise<Omit<Pass, 'begun'>> {
  const update = await apt.get(['update'])
  const versions = await Promise.all(
    ['hello', 'later'].map(async name => (await apt.policy(name)).versions.join()),
  )
  const download = await apt.get(['download', 'hello', 'later'])
  const files = [`hello_${versions[0]}_amd64.deb`, `later_${versions[1]}_amd64.deb`]
  const good =
    update.status === 0 &&
    !/^(?:Ign|Err|[WE]):/m.test(update.output) &&
    download.status === 0 &&
    files.every(file => existsSync(join(apt.directory, 'downloads', file)))
  return good ? { versions } : { versions, complaint: `${update.output}\n${download.output}` }
}

/** A dnf that looks, and brings its root to what it saw. */
async function dnfPass(dnf: Dnf): Promise<Omit<Pass, 'begun'>> {
  const query = await dnf.run('-q', '--refresh', 'repoquery', '--queryformat', 'hello %{version}', 'hello')
  const sync = await dnf.run('distro-sync')
  const versions = [[...query.output.matchAll(/^hello (\S+)$/gm)].map(([, version]) => version).join()]
  const good = query.status === 0 && sync.status === 0 && !/error|fail|warn/i.test(query.output + sync.output)
  return good ? { versions } : { versions, complaint: `${query.output}\n${sync.output}` }
}

async function follow(passes: Pass[], pass: () => Promise<Omit<Pass, 'begun'>>, signal: AbortSignal) {
  while (!signal.aborted) {
    const begun = performance.now()
    passes.push({ begun, ...(await pass()) })
  }
}

/** Moves the channel by the command; when it was seen by every server, in milliseconds. */
async function move({ yard }: Departing, ...command: string[]): Promise<number> {
  const run = await yard.run(...command)
  expect(run, run.stderr).toMatchObject({ status: 0 })
  await delay(seenByServer)
  return performance.now()
}

const minute = 60_000
const leastMoves = 8

describe('a channel that moves back and forth', () => {
  it('for a minute: apt and dnf that keep their state meet no error and see each move', async () => {
    const made = await departing(world, { releases: 4 })
    const [r1, r2, r3, r4] = made.releases as [string, string, string, string]
    await move(made, 'promote', 'web/production', r1)
    const apt = await made.apt('web/production')
    const dnf = await made.dnf('web/production')
    await dnf.ok('install', 'hello')
    const stop = new AbortController()
    const [ofApt, ofDnf]: [Pass[], Pass[]] = [[], []]
    const clients = [
      follow(ofApt, () => aptPass(apt), stop.signal),
      follow(ofDnf, () => dnfPass(dnf), stop.signal),
    ]
    const sees = (version: string, since: number) =>
      expect
        .poll(() => [ofApt, ofDnf].map(passes => passes.findLast(pass => pass.begun > since)?.versions), {
          timeout: 30_000,
          interval: 20,
        })
        .toEqual([[version, version], [version]])
    const forwards: [string[], string][] = [
      [['promote', 'web/production', r2], '2'],
      [['promote', 'web/production', r3], '3'],
      [['promote', 'web/production', r4], '4'],
    ]
    const backAndForth: [string[], string][] = [
      [['rollback', 'web/production'], '3'],
      [['rollback', 'web/production'], '2'],
      [['rollback', 'web/production', '--to', r4], '4'],
      [['rollback', 'web/production', '--to', r1], '1'],
      [['rollback', 'web/production', '--to', r4], '4'],
    ]
    const begun = performance.now()
    let moves = 0
    try {
      await sees('1', begun)
      for (const [command, version] of forwards) {
        await sees(version, await move(made, ...command))
        moves++
      }
      while (performance.now() - begun < minute || moves < leastMoves)
        for (const [command, version] of backAndForth) {
          await sees(version, await move(made, ...command))
          moves++
        }
    } finally {
      stop.abort()
      await Promise.all(clients)
    }
    expect([...ofApt, ...ofDnf].flatMap(({ complaint }) => complaint ?? [])).toEqual([])
    const channels = await made.yard.use(async open => (await open.yard.trains('web' as never))[0]!.channels)
    expect(channels.find(({ name }) => name === 'production')!.record!.history).toHaveLength(moves + 1)
  }, 900_000)
})

describe('a client that began before a move', () => {
  it('of apt downloads what its indexes name after the channel went on, and after it went back', async () => {
    const made = await departing(world, { releases: 3 })
    const [r1, r2] = made.releases as [string, string]
    await move(made, 'promote', 'web/production', r1)
    const [ahead, behind] = [await made.apt('web/production'), await made.apt('web/production')]
    await cleanUpdate(ahead)
    await move(made, 'promote', 'web/production', r2)
    expect(await ahead.download('hello', 'later')).toEqual(['hello_1_amd64.deb', 'later_1_amd64.deb'])
    await cleanUpdate(behind)
    await move(made, 'rollback', 'web/production')
    expect(await behind.download('hello', 'later')).toEqual(['hello_2_amd64.deb', 'later_2_amd64.deb'])
  })

  it('of dnf installs what its metadata names, from the release that it was told of', async () => {
    const made = await departing(world, { releases: 2 })
    const [r1, r2] = made.releases as [string, string]
    await move(made, 'promote', 'web/production', r1)
    const dnf = await made.dnf('web/production')
    await dnf.ok('makecache')
    await move(made, 'promote', 'web/production', r2)
    await dnf.ok('install', 'hello')
    expect(await dnf.installed()).toEqual(['hello-1-1.noarch'])
    await dnf.ok('--refresh', 'distro-sync')
    expect(await dnf.installed()).toEqual(['hello-2-1.noarch'])
    await move(made, 'rollback', 'web/production')
    await dnf.ok('--refresh', 'distro-sync')
    expect(await dnf.installed()).toEqual(['hello-1-1.noarch'])
  })
})

describe('the setup files of a channel', () => {
  it('let apt go back to an older release by an ordinary upgrade', async () => {
    const made = await departing(world, { releases: 2 })
    const [r1, r2] = made.releases as [string, string]
    await move(made, 'promote', 'web/production', r1)
    await move(made, 'promote', 'web/production', r2)
    const apt = await made.apt('web/production')
    await cleanUpdate(apt)
    await apt.install('hello', 'later')
    await move(made, 'rollback', 'web/production')
    await cleanUpdate(apt)
    await apt.get(['--allow-downgrades', 'dist-upgrade'])
    expect(await apt.installed()).toEqual(
      new Map([
        ['hello', '1'],
        ['later', '1'],
      ]),
    )
  })
})
