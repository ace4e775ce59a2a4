import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Apt } from './world/apt/client.ts'
import { compress } from './world/apt/compress.ts'
import type { PackageSpec } from './world/apt/deb-package.ts'
import type { SuiteSpec } from './world/apt/suite-spec.ts'
import { aptOf, cleanUpdate, publish, type Served, served, timestampsOf } from './world/served.ts'
import type { Settings } from './world/test-yard.ts'
import { createWorld, packages, syncTo, type World } from './world/world.ts'

/** Facts about real apt that have sunk mirrors, each tried against a server of ours. */
let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const day = 86_400_000

const composed = (settings: Settings = {}, more: Settings = {}) => ({
  base: { compose: { from: ['debian'], ...settings }, ...more },
})

describe('a clock 30 days ahead', () => {
  let made: Served
  let dated: string
  const ahead = { faketime: '+30d' }
  beforeAll(async () => {
    const validUntil = Date.now() + 7 * day
    made = await served(world, { packages: { main: [{ name: 'one' }] }, validUntil }, { more: composed() })
    dated = `debian/${(await timestampsOf(made.yard, 'debian'))[0]}`
  })

  it('is what the client really has', async () => {
    const now = execFileSync('faketime', ['-f', ahead.faketime, 'date', '+%s']).toString()
    expect(Number(now) * 1000 - Date.now()).toBeGreaterThan(29 * day)
  })

  it('makes a mirror that is configured by hand expire, as upstream wished', async () => {
    const apt = await aptOf(world, made.server)
    const text = await made.server.setup(`${dated}/apt.sources`)
    await apt.setSources(text.replace('Check-Valid-Until: no\n', ''))
    const { status, output } = await apt.get(['update'], ahead)
    expect({ status, output }).toMatchObject({ status: 100, output: expect.stringContaining('is expired') })
    await cleanUpdate(apt)
  })

  it.each(['dated snapshot', 'latest', 'composed'])(
    'leaves our own setup file for %s working',
    async what => {
      const setup = { 'dated snapshot': dated, latest: 'debian/latest', composed: 'base/latest' }[what]
      const apt = await aptOf(world, made.server, `${setup}/apt.sources`)
      await cleanUpdate(apt, ahead)
      expect((await apt.get(['download', 'one'], ahead)).status).toBe(0)
    },
  )

  it('expires a composed repository that is configured to', async () => {
    const { server } = await served(
      world,
      { packages: { main: [{ name: 'one' }] } },
      { more: composed({ 'valid-days': 7 }) },
    )
    const apt = await aptOf(world, server, 'base/latest/apt.sources')
    await cleanUpdate(apt)
    expect((await apt.get(['update'], ahead)).status).toBe(0)
    const [timestamp] = /\d{8}T\d{6}Z/.exec((await server.get('/content/base/')).body.toString())!
    const text = await server.setup(`base/${timestamp}/apt.sources`)
    await apt.setSources(text.replace('Check-Valid-Until: no\n', ''))
    expect((await apt.get(['update'], ahead)).output).toContain('is expired')
  })
})

describe('indexes by hash', () => {
  const digests: SuiteSpec['digests'][] = [['MD5Sum', 'SHA256'], ['SHA256'], ['MD5Sum', 'SHA256', 'SHA512']]
  const cases = digests.flatMap(list => [true, false].map(byHash => ({ list: list!, byHash })))

  it.each(cases)(
    'of the strongest digest in $list, upstream by-hash $byHash: nothing is ignored',
    async each => {
      const { server, yard } = await served(
        world,
        { packages: { main: [{ name: 'one' }] }, digests: each.list, byHash: each.byHash, extras: true },
        { more: composed({ compression: ['gz', 'xz'] }) },
      )
      const [timestamp] = await timestampsOf(yard, 'debian')
      for (const setup of ['debian/latest', `debian/${timestamp}`, 'base/latest']) {
        const before = server.answers().length
        const apt = await aptOf(world, server, `${setup}/apt.sources`)
        await cleanUpdate(apt)
        expect(await apt.download('one')).toEqual(['one_1.0-1_amd64.deb'])
        const asked = server.answers().slice(before)
        expect(asked.filter(({ status }) => status >= 400)).toEqual([])
        const index = asked.map(({ path }) => path).find(path => path.includes('/binary-amd64/'))
        const strongest = setup.startsWith('base') ? 'SHA256' : each.list.at(-1)
        const verbatim = setup.endsWith(timestamp!)
        expect(index).toContain(verbatim && !each.byHash ? '/Packages.xz' : `/by-hash/${strongest}/`)
      }
    },
  )
})

describe('phased updates', () => {
  const phased: PackageSpec = { name: 'one', indexFields: { 'Phased-Update-Percentage': '0' } }

  it.each([
    ['keep', false],
    ['strip', true],
  ])('phasing: %s upgrades every host: %s', async (phasing, upgrades) => {
    const { archive, server, yard } = await served(
      world,
      { packages: { main: [{ name: 'one', version: '1.0' }] } },
      { more: composed({ phasing }) },
    )
    const apt = await aptOf(world, server, 'base/latest/apt.sources')
    await cleanUpdate(apt)
    await apt.install('one')
    publish(archive, 'one', '2.0', phased as never)
    await syncTo(yard, 'created')
    await cleanUpdate(apt)
    const machine = ['-o', 'APT::Machine-ID=0123456789abcdef0123456789abcdef']
    const { output } = await apt.get([...machine, 'dist-upgrade'])
    expect((await apt.installed()).get('one'), output).toBe(upgrades ? '2.0' : '1.0')
    const [stanza] = (await apt.cache('show', 'one=2.0')).split('\n\n')
    expect(stanza!.includes('Phased-Update-Percentage'), stanza).toBe(!upgrades)
  })
})

describe('a composed index of many frames', () => {
  const many = packages(2_000).map(spec => ({ ...spec, architecture: 'all' }))
  const pkgnames = async (apt: Apt) =>
    (await apt.cache('pkgnames')).split('\n').filter(name => /^p\d+$/.test(name)).length

  it.each(['xz', 'gz'])('in %s is read whole by apt', async compression => {
    const { server } = await served(
      world,
      { packages: { main: many } },
      { more: composed({ compression: [compression] }, { policy: 'on-demand' }) },
    )
    const apt = await aptOf(world, server, 'base/latest/apt.sources')
    const path = `/content/base/latest/dists/stable/main/binary-amd64/Packages.${compression}`
    const index = join(apt.directory, `Packages.${compression}`)
    writeFileSync(index, (await server.get(path)).body)
    expect(framesIn(index)).toBeGreaterThan(5)
    await cleanUpdate(apt)
    expect(await pkgnames(apt)).toBe(2_000)
    expect(await apt.download('p1999')).toEqual(['p1999_1.0-1_all.deb'])
  })

  /** Blocks of an xz stream, of which there must be one; members of a gzip file. */
  function framesIn(file: string): number {
    if (file.endsWith('.xz')) {
      const list = execFileSync('xz', ['--robot', '--list', file]).toString()
      const [, streams, blocks] = /^file\t(\d+)\t(\d+)/m.exec(list)!
      expect(streams).toBe('1')
      return Number(blocks)
    }
    return readFileSync(file, 'latin1').split('\x1f\x8b\x08').length - 1
  }

  it('would be cut off if its frames were xz streams one after the other', async () => {
    const apt = await aptOf(world, (await served(world, { packages: { main: [] } })).server)
    const file = join(apt.directory, 'streams.xz')
    const text = (from: number) =>
      Buffer.from(Array.from({ length: 100_000 }, (_, i) => `line ${from + i}\n`).join(''))
    writeFileSync(file, Buffer.concat([compress(text(0), 'xz'), compress(text(100_000), 'xz')]))
    const lines = (command: string, ...args: string[]) =>
      execFileSync(command, args, { maxBuffer: 1 << 26 })
        .toString()
        .split('\n').length - 1
    expect(lines('xz', '--decompress', '--stdout', file)).toBe(200_000)
    expect(lines('/usr/lib/apt/apt-helper', 'cat-file', file)).toBeLessThan(200_000)
  })
})

describe('names of files', () => {
  const odd: PackageSpec[] = [
    { name: 'c++', version: '1:2.0~rc1+b1' },
    { name: 'lib.x-y', version: '0:1.0', architecture: 'all' },
    { name: 'plain', version: '1' },
  ]

  async function downloadsAll(made: Served, setup: string): Promise<string[]> {
    const apt = await aptOf(world, made.server, setup)
    await cleanUpdate(apt)
    const before = made.server.answers().length
    const files = await apt.download('c++', 'lib.x-y', 'plain')
    for (const file of files) {
      const name = file.split('_')[0]!
      const [, original] = [...made.archive.files].find(
        ([path]) => path.includes(`/${name}_`) || path.startsWith(`${name}_`),
      )!
      expect(readFileSync(join(apt.directory, 'downloads', file)).equals(original), file).toBe(true)
    }
    expect(files).toHaveLength(3)
    return made.server
      .answers()
      .slice(before)
      .map(({ path }) => path)
  }

  it('with epochs as %3a, pluses and tildes come through a real apt', async () => {
    const made = await served(world, { packages: { main: odd } }, { more: composed() })
    const [timestamp] = await timestampsOf(made.yard, 'debian')
    for (const setup of ['debian', `debian/${timestamp}`, 'base'])
      expect(await downloadsAll(made, `${setup}/apt.sources`)).toContainEqual(
        expect.stringMatching(/c(\+|%2b){2}_1%253a2\.0(~|%7e)rc1(\+|%2b)b1_amd64\.deb$/),
      )
  })

  it.each(['./', 'flat/'])('of a flat repository at %s begin with ./ and are answered', async name => {
    // apt warns of a directory whose Release names another suite, whoever serves it.
    const fields = name === './' ? {} : { Suite: 'flat', Codename: 'flat' }
    const flat = { name, fields, packages: { '': odd } }
    const made = await served(world, flat, { more: composed({ suite: 'stable' }) })
    const [timestamp] = await timestampsOf(made.yard, 'debian')
    for (const setup of ['debian', `debian/${timestamp}`]) {
      const asked = await downloadsAll(made, `${setup}/apt.sources`)
      expect(
        asked.filter(path => path.includes('/./')),
        asked.join('\n'),
      ).toHaveLength(3)
    }
    await downloadsAll(made, 'base/apt.sources')
  })
})
