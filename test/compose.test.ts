import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PackageSpec } from './world/apt/deb-package.ts'
import type { SuiteSpec } from './world/apt/suite-spec.ts'
import { hash } from './world/hash.ts'
import { contentOf, mirrorOf, type Settings, type TestYard } from './world/test-yard.ts'
import {
  add,
  createWorld,
  digestsOf,
  failsWith,
  isWhole,
  type Mirrored,
  syncTo,
  type World,
} from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

interface Composed extends Mirrored {
  /** Configures the composition anew. */
  compose(settings: Settings, policy?: Settings): void
}

/** A yard that mirrors one archive and composes `base` from it. */
async function composed(specs: PackageSpec[], settings: Settings = {}, suite: Partial<SuiteSpec> = {}) {
  const made: Mirrored = await world.mirrored({ packages: { main: specs }, ...suite }, {}, {})
  const architectures = suite.architectures?.filter(name => name !== 'all') ?? ['amd64']
  const compose: Composed['compose'] = (changed, policy = {}) =>
    made.yard.configure({
      debian: mirrorOf(made.server.url, world.keyring, { architectures }),
      base: { compose: { from: ['debian'], ...changed }, ...policy },
    })
  compose(settings)
  return { ...made, compose }
}

/** The files of a snapshot, in a directory that is removed at the end. */
async function writtenOut(yard: TestYard, reference: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-tree-'))
  world.atEnd(() => rmSync(directory, { recursive: true }))
  for (const [path, bytes] of await yard.use(open => contentOf(open, reference))) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), bytes)
  }
  return directory
}

const read = (directory: string, path: string) => execFileSync('cat', [join(directory, path)])

/** Stanzas as maps, read by nothing of ours. */
function stanzas(text: string): { [field: string]: string }[] {
  return text
    .split(/\n\n+/)
    .filter(stanza => stanza.trim() !== '')
    .map(stanza =>
      Object.fromEntries(
        stanza
          .split(/\n(?! )/)
          .map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
      ),
    )
}

const packagesOf = async (yard: TestYard, path = 'dists/stable/main/binary-amd64/Packages.gz') =>
  stanzas(gunzipSync(read(await writtenOut(yard, 'base'), path)).toString())

const many = Array.from({ length: 300 }, (_, i): PackageSpec => {
  const depends = [i + 1, i * 7, i + 40].filter(j => j < 300 && j !== i).map(j => `m${j % 300}`)
  return { name: `m${i}`, fields: depends.length === 0 ? {} : { Depends: depends.join(', ') } }
})

describe('a composed repository', () => {
  it('says of its packages what apt-ftparchive says of its pool', async () => {
    const { yard } = await composed([
      { name: 'one', version: '1:2.0-1' },
      { name: 'two', architecture: 'all', fields: { Depends: 'one' } },
      { name: 'c++', version: '1~rc1+b1' },
    ])
    await syncTo(yard, 'created')
    const directory = await writtenOut(yard, 'base')
    const ours = stanzas(gunzipSync(read(directory, 'dists/stable/main/binary-amd64/Packages.gz')).toString())
    const theirs = stanzas(
      execFileSync('apt-ftparchive', ['packages', 'pool'], {
        cwd: directory,
        stdio: ['ignore', 'pipe', 'ignore'],
      }).toString(),
    )
    const shared = (list: { [field: string]: string }[]) =>
      list
        .map(({ Package, Version, Architecture, Filename, Size, SHA256, Depends }) =>
          JSON.stringify({ Package, Version, Architecture, Filename, Size, SHA256, Depends }),
        )
        .sort()
    expect(shared(ours)).toEqual(shared(theirs))
    expect(ours).toHaveLength(3)
  })

  it('is signed so that gpgv verifies InRelease and Release.gpg, and its Release tells the truth', async () => {
    const { yard } = await composed([{ name: 'one' }], { compression: ['gz', 'xz'], 'valid-days': 30 })
    await syncTo(yard, 'created')
    const directory = await writtenOut(yard, 'base')
    const key = join(directory, 'key.gpg')
    const armoured = await yard.use(async open => (await open.keys()).publicKey())
    writeFileSync(key, execFileSync('gpg', ['--dearmor'], { input: armoured }))
    const at = join(directory, 'dists/stable')
    const gpgv = (...args: string[]) => spawnSync('gpgv', ['--keyring', key, ...args], { encoding: 'utf8' })
    expect(gpgv('--output', join(directory, 'signed'), join(at, 'InRelease')), 'InRelease').toMatchObject({
      status: 0,
    })
    expect(gpgv(join(at, 'Release.gpg'), join(at, 'Release')), 'Release.gpg').toMatchObject({ status: 0 })
    expect(read(directory, 'signed')).toEqual(read(directory, 'dists/stable/Release'))
    const release = read(directory, 'dists/stable/Release').toString()
    const listed = [...release.matchAll(/^ ([0-9a-f]{64}) +(\d+) (\S+)$/gm)]
    expect(listed.map(([, , , path]) => path)).toEqual([
      'main/binary-amd64/Packages',
      'main/binary-amd64/Packages.gz',
      'main/binary-amd64/Packages.xz',
    ])
    for (const [, digest, size, path] of listed.slice(1)) {
      const bytes = read(directory, `dists/stable/${path}`)
      expect([hash('sha256', bytes), String(bytes.length)]).toEqual([digest, size])
      expect(read(directory, `dists/stable/main/binary-amd64/by-hash/SHA256/${digest}`)).toEqual(bytes)
    }
    const plain = gunzipSync(read(directory, 'dists/stable/main/binary-amd64/Packages.gz'))
    expect([hash('sha256', plain), String(plain.length)]).toEqual(listed[0]!.slice(1, 3))
    const dates = Object.fromEntries(
      [...release.matchAll(/^(Date|Valid-Until): (.*)$/gm)].map(([, k, v]) => [k, Date.parse(v!)]),
    )
    expect(dates['Valid-Until']! - dates.Date!).toBe(30 * 86_400_000)
  })

  it('has indexes of many frames that xz and apt read whole, also after a change', async () => {
    const { archive, yard } = await composed(many, { compression: ['gz', 'xz'] })
    await syncTo(yard, 'created')
    const check = async () => {
      const at = join(await writtenOut(yard, 'base'), 'dists/stable/main/binary-amd64')
      execFileSync('xz', ['-t', join(at, 'Packages.xz')])
      const blocks = execFileSync('xz', ['--robot', '--list', join(at, 'Packages.xz')]).toString()
      const [, streams, blockCount] = /^file\t(\d+)\t(\d+)/m.exec(blocks)!
      expect(streams).toBe('1')
      expect(Number(blockCount)).toBeGreaterThan(1)
      const plain = gunzipSync(execFileSync('cat', [join(at, 'Packages.gz')]))
      for (const name of ['Packages.xz', 'Packages.gz'])
        expect(
          execFileSync('/usr/lib/apt/apt-helper', ['cat-file', join(at, name)]).equals(plain),
          name,
        ).toBe(true)
      return plain
    }
    const before = await check()
    archive.update(([suite]) => {
      suite!.packages!.main![150] = { name: 'm150', version: '2.0-1' }
    })
    await syncTo(yard, 'created')
    const after = await check()
    expect(stanzas(after.toString()).filter(({ Version }) => Version === '2.0-1')).toHaveLength(1)
    expect(stanzas(after.toString())).toHaveLength(stanzas(before.toString()).length)
  })

  it('comes out byte for byte the same in two yards with the same keys, whether built at once or by steps', async () => {
    const now = Date.parse('2026-11-20T00:00:00Z') + 1000 * 86_400 * 365
    const first = await composed(many, { compression: ['gz', 'xz'] })
    await first.yard.use(open => open.keys())
    const second = world.yard()
    cpSync(join(first.yard.directory, 'keys'), join(second.directory, 'keys'), { recursive: true })
    cpSync(join(first.yard.directory, 'switchyard.yaml'), join(second.directory, 'switchyard.yaml'))
    const syncAt = async (yard: TestYard, at: number) =>
      yard.use(
        async open => {
          // One after the other, so that the inputs have the same name in both yards.
          for (const report of await open.yard.sync([])) expect(report.outcome).toBe('created')
        },
        () => at,
      )
    await syncAt(first.yard, now)
    add(first.archive, { name: 'new' })
    await syncAt(first.yard, now + 60_000)
    await syncAt(second, now + 60_000)
    expect(await digestsOf(second, 'base')).toEqual(await digestsOf(first.yard, 'base'))
  })

  it('makes no snapshot when nothing that it selects has changed', async () => {
    const { archive, yard } = await composed([{ name: 'one' }, { name: 'two' }], { include: ['one'] })
    await syncTo(yard, 'created')
    await syncTo(yard, 'unchanged')
    add(archive, { name: 'three' })
    expect((await yard.sync()).map(report => report.outcome)).toEqual(['created', 'unchanged'])
    await isWhole(yard, 3)
  })
})

describe('with dependencies', () => {
  const debcheck = (path: string) =>
    spawnSync('dose-debcheck', ['-f', '--deb-native-arch=amd64', path], { encoding: 'utf8' })

  it.each([[['m0']], [['m1*']], [['m299', 'm7']], [['web']]])(
    '%j: dose-debcheck finds nothing broken',
    async include => {
      const web: PackageSpec[] = [
        {
          name: 'web',
          fields: { 'Pre-Depends': 'libc (>= 2)', Depends: 'mta | postfix, gone | lib:any, doc (= 1.0-1)' },
        },
        { name: 'libc', version: '2.36-9', fields: { 'Multi-Arch': 'same' } },
        { name: 'exim', fields: { Provides: 'mta', Depends: 'exim-config' } },
        { name: 'exim-config', architecture: 'all', fields: { Provides: 'config (= 3)' } },
        { name: 'lib', fields: { Depends: 'config (>= 2), libc (<< 3)', 'Multi-Arch': 'allowed' } },
        { name: 'doc', architecture: 'all', fields: { Recommends: 'unrelated' } },
        { name: 'unrelated' },
      ]
      const { yard } = await composed([...many, ...web], { include, 'with-dependencies': true })
      await syncTo(yard, 'created')
      const index = join(await writtenOut(yard, 'base'), 'dists/stable/main/binary-amd64/Packages')
      execFileSync('gunzip', [`${index}.gz`])
      const verdict = debcheck(index)
      expect(verdict, verdict.stdout).toMatchObject({ status: 0 })
      const chosen = stanzas(execFileSync('cat', [index]).toString()).map(({ Package }) => Package)
      if (include[0] === 'web') expect(chosen).toEqual(['doc', 'exim', 'exim-config', 'lib', 'libc', 'web'])
    },
  )

  it('what nothing satisfies is a warning that names it, and dose-debcheck agrees', async () => {
    const { yard } = await composed([{ name: 'web', fields: { Depends: 'gone (>= 2)' } }], {
      include: ['web', 'nothing*'],
      'with-dependencies': true,
    })
    const run = await yard.run('sync')
    expect(run, run.stderr).toMatchObject({ status: 0 })
    expect(run.stderr).toMatch(/web.*gone \(>= 2\)/)
    expect(run.stderr).toMatch(/nothing\*/)
    const index = join(await writtenOut(yard, 'base'), 'dists/stable/main/binary-amd64/Packages')
    execFileSync('gunzip', [`${index}.gz`])
    expect(debcheck(index).status).not.toBe(0)
  })
})

describe('what is composed', () => {
  it('`all` packages stand in the index of every architecture, others in their own', async () => {
    const { yard } = await composed(
      [{ name: 'doc', architecture: 'all' }, { name: 'one' }, { name: 'arm', architecture: 'arm64' }],
      {},
      { architectures: ['amd64', 'arm64', 'all'] },
    )
    await syncTo(yard, 'created')
    const names = async (architecture: string) =>
      (await packagesOf(yard, `dists/stable/main/binary-${architecture}/Packages.gz`)).map(
        ({ Package }) => Package,
      )
    expect([await names('amd64'), await names('arm64')]).toEqual([
      ['doc', 'one'],
      ['arm', 'doc'],
    ])
  })

  it('keeps every byte of a stanza, and strips phasing only when asked', async () => {
    const phased = { name: 'one', indexFields: { 'Phased-Update-Percentage': '40', 'X-Odd': 'a  b' } }
    const { compose, yard } = await composed([phased])
    await syncTo(yard, 'created')
    expect(await packagesOf(yard)).toMatchObject([{ 'Phased-Update-Percentage': '40', 'X-Odd': 'a  b' }])
    compose({ phasing: 'strip' })
    await yard.sync()
    const [stanza] = await packagesOf(yard)
    expect(stanza).not.toHaveProperty('Phased-Update-Percentage')
    expect(stanza).toMatchObject({
      'X-Odd': 'a  b',
      Description: expect.stringContaining('It is made for tests.'),
    })
  })

  /** Two mirrors, `debian` and `ours`, and what is composed of them. */
  async function ofTwo(theirs: PackageSpec[], ours: PackageSpec[], settings: Settings = {}) {
    const [a, b] = [
      await world.mirrored({ packages: { main: theirs } }),
      await world.mirrored({ packages: { main: ours } }),
    ]
    a.yard.configure({
      debian: mirrorOf(a.server.url, world.keyring),
      ours: mirrorOf(b.server.url, world.keyring),
      base: { compose: { from: ['debian', 'ours'], ...settings } },
    })
    return { yard: a.yard, theirs: a, ours: b }
  }

  it('prefers the newer version, or the preferred input whatever its version', async () => {
    const specs: [PackageSpec[], PackageSpec[]] = [
      [{ name: 'one', version: '2' }],
      [{ name: 'one', version: '1' }],
    ]
    const plain = await ofTwo(...specs)
    await syncTo(plain.yard, 'created')
    expect((await packagesOf(plain.yard)).map(({ Version }) => Version)).toEqual(['2'])
    const preferring = await ofTwo(...specs, { prefer: ['ours'] })
    await syncTo(preferring.yard, 'created')
    expect((await packagesOf(preferring.yard)).map(({ Version }) => Version)).toEqual(['1'])
  })

  it('moves the lesser of two packages that hold different bytes under one path', async () => {
    const path = 'pool/main/o/one/one.deb'
    const { theirs, yard } = await ofTwo(
      [{ name: 'one', version: '2', path }],
      [{ name: 'one', version: '1', path }],
      { versions: 'all', prefer: ['ours'] },
    )
    await syncTo(yard, 'created')
    const moved = hash('sha256', theirs.archive.files.get(path)!)
    const found = Object.fromEntries(
      (await packagesOf(yard)).map(({ Version, Filename }) => [Version, Filename]),
    )
    expect(found).toEqual({ 1: path, 2: `pool/main/o/one/by-digest/${moved}/one.deb` })
    const held = await digestsOf(yard, 'base')
    for (const stanza of await packagesOf(yard)) expect(held[stanza.Filename!]).toBe(stanza.SHA256)
    await isWhole(yard, 3)
  })

  it('can be composed again', async () => {
    const { server, yard } = await composed([{ name: 'one' }, { name: 'two' }, { name: 'three' }])
    yard.configure({
      debian: mirrorOf(server.url, world.keyring),
      base: { compose: { from: ['debian'], exclude: ['three'] } },
      slice: { compose: { from: ['base'], include: ['one'] } },
    })
    await syncTo(yard, 'created')
    expect(Object.keys(await digestsOf(yard, 'slice')).filter(path => path.startsWith('pool/'))).toEqual([
      'pool/main/o/one/one_1.0-1_amd64.deb',
    ])
    await isWhole(yard, 3)
  })

  it('with policy on-demand fetches a package at its first request', async () => {
    const { compose, server, yard } = await composed([{ name: 'one' }, { name: 'two' }])
    compose({}, { policy: 'on-demand' })
    await syncTo(yard, 'created')
    expect(server.requests.filter(({ path }) => path.endsWith('.deb'))).toEqual([])
    expect(await yard.run('cat', 'base', 'pool/main/o/one/one_1.0-1_amd64.deb')).toMatchObject({ status: 0 })
    expect(server.requests.filter(({ path }) => path.endsWith('.deb'))).toHaveLength(1)
    await isWhole(yard, 2)
  })
})

describe('its identity', () => {
  it.each([
    ['origin', { origin: 'Other' }],
    ['label', { label: 'Other' }],
    ['suite', { suite: 'other' }],
    ['codename', { codename: 'other' }],
  ])('%s: a change is refused with exit status 3, unless it is allowed', async (field, changed) => {
    const { compose, yard } = await composed([{ name: 'one' }])
    await syncTo(yard, 'created')
    compose(changed)
    failsWith(await yard.run('sync', 'base'), 3, field, /--allow-identity-change/)
    await isWhole(yard, 2)
    expect(await yard.run('sync', 'base', '--allow-identity-change')).toMatchObject({ status: 0 })
    await isWhole(yard, 3)
  })

  it('an input without a snapshot is an error that names it', async () => {
    const { yard } = await composed([{ name: 'one' }])
    failsWith(await yard.run('sync', 'base'), 1, /debian/, /no snapshot/, /switchyard sync debian/)
  })
})
