import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Digest } from '../src/model/index.ts'
import { pagesOf, type TreeKind } from '../src/tree/index.ts'
import type { PackageSpec } from './world/apt/deb-package.ts'
import type { SuiteSpec } from './world/apt/suite-spec.ts'
import { fileOf, flip } from './world/damage.ts'
import { hash } from './world/hash.ts'
import { startServer } from './world/running-server.ts'
import { aptOf, cleanUpdate, served } from './world/served.ts'
import { mirrorOf, type Settings, type TestYard } from './world/test-yard.ts'
import { createWorld, digestsOf, failsWith, packages, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

/** Long names without common beginnings: few of them fill a page. */
function manyPackages(n: number): PackageSpec[] {
  return Array.from({ length: n }, (_, i) => ({
    name: hash('sha256', Buffer.from(`${i}`)),
    fields: { Notes: hash('sha512', Buffer.from(`${i}`)).repeat(10) },
  }))
}

/** Every page of a snapshot's tree, its leaves first and its root last. */
async function pagesIn(yard: TestYard, reference: string, tree: TreeKind) {
  const { record } = await yard.use(open => open.yard.snapshot(reference))
  const read = async (digest: Digest) => zstdDecompressSync(readFileSync(fileOf(yard, 'pages', digest)))
  const pages: { digest: Digest; level: number }[] = []
  for await (const page of pagesOf({ read }, record[tree])) pages.push(page)
  return pages
}

const rootsOf = async (yard: TestYard, reference: string): Promise<Digest[]> => {
  const { record } = await yard.use(open => open.yard.snapshot(reference))
  return [record.packages, record.files]
}

const fsck = (yard: TestYard, repair = false) => yard.use(open => open.yard.fsck({ repair }))

/** What cannot be read is named and, with `--repair`, the same again; every file of the repositories is what it was. */
async function heals(yard: TestYard, digests: Digest[], spoil: (file: string) => void, names = ['debian']) {
  const before = await Promise.all(names.map(name => digestsOf(yard, name)))
  for (const digest of new Set(digests)) spoil(fileOf(yard, 'pages', digest))
  const named = (await fsck(yard)).findings.filter(finding => finding.what === 'page')
  expect(digests).toEqual(expect.arrayContaining(named.map(finding => finding.name)))
  expect(named.length).toBeGreaterThan(0)
  const { findings } = await fsck(yard, true)
  expect(findings.filter(finding => !finding.repaired)).toEqual([])
  expect((await fsck(yard)).findings).toEqual([])
  expect(await Promise.all(names.map(name => digestsOf(yard, name)))).toEqual(before)
}

const ways = [
  ['damaged', flip],
  ['gone', rmSync],
] as const

describe('fsck --repair writes again', () => {
  let yard: TestYard
  beforeAll(async () => {
    const made = await world.mirrored({ packages: { main: manyPackages(1000) } })
    made.yard.configure({
      debian: mirrorOf(made.server.url, world.keyring, {}, { policy: 'on-demand' }),
      base: { compose: { from: ['debian'] } },
    })
    yard = made.yard
    await syncTo(yard, 'created')
    await made.server.close()
  })

  const trees = [
    ['debian', 'files'],
    ['debian', 'packages'],
    ['base', 'files'],
    ['base', 'packages'],
  ] as const
  it.each(trees.flatMap(([name, tree]) => ways.map(([how, spoil]) => ({ name, tree, how, spoil }))))(
    'leaf, inner and root page of the $tree of $name that are $how',
    async ({ name, tree, spoil }) => {
      const pages = await pagesIn(yard, name, tree)
      const levels = [0, 1, 2].map(level => pages.filter(page => page.level === level))
      expect(levels.map(level => level.length)).toEqual([
        expect.toSatisfy(n => n > 30),
        expect.toSatisfy(n => n > 1),
        1,
      ])
      const [leaves, inner, top] = levels
      const chosen = [leaves![0]!, leaves!.at(-1)!, leaves![7]!, inner![0]!, inner!.at(-1)!, top![0]!]
      for (const { digest } of chosen) await heals(yard, [digest], spoil, [])
      await heals(
        yard,
        pages.filter((_, i) => i % 3 === 0 || i > pages.length - 3).map(page => page.digest),
        spoil,
        [],
      )
    },
  )
})

/** Everything that a mirror may hold. */
const rich: Partial<SuiteSpec> = {
  packages: {
    main: [...packages(5), { name: 'anywhere', architecture: 'all' }],
    contrib: packages(2, 0, 'c'),
  },
  sources: { main: [{ name: 'p0', version: '1.0-1' }] },
  extras: true,
  patches: true,
  digests: ['MD5Sum', 'SHA256', 'SHA512'],
}

interface Case {
  what: string
  suite?: Partial<SuiteSpec>
  upstream?: Settings
  policy: 'immediate' | 'on-demand'
  unsigned?: boolean
}

describe.concurrent('fsck --repair writes both trees of a snapshot again', () => {
  it.each<Case>([
    { what: 'an immediate mirror', policy: 'immediate' },
    { what: 'a mirror on demand', policy: 'on-demand' },
    {
      what: 'everything that a mirror may hold',
      suite: rich,
      upstream: { components: ['main', 'contrib'], sources: true },
      policy: 'immediate',
    },
    {
      what: 'the same on demand',
      suite: rich,
      upstream: { components: ['main', 'contrib'], sources: true },
      policy: 'on-demand',
    },
    {
      what: 'Release and its signature apart',
      suite: { documents: ['Release', 'Release.gpg'] },
      policy: 'immediate',
    },
    {
      what: 'a Release that nobody signed',
      suite: { documents: ['Release'] },
      policy: 'on-demand',
      unsigned: true,
    },
    {
      what: 'a flat repository',
      suite: { name: 'flat/' },
      upstream: { suite: 'flat/' },
      policy: 'immediate',
    },
  ])('$what', async ({ suite = {}, upstream = {}, policy, unsigned = false }) => {
    const { archive, yard } = await world.mirrored(
      { packages: suite.name === undefined ? { main: packages(5) } : { '': packages(5) }, ...suite },
      { ...upstream, ...(unsigned ? { keyring: undefined, trusted: true } : {}) },
      { policy },
    )
    await syncTo(yard, 'created')
    archive.update(([first]) => void Object.values(first!.packages!)[0]!.push({ name: 'late' }))
    await syncTo(yard, 'created')
    const [old] = await yard.use(open => open.yard.snapshots('debian' as never))
    for (const reference of ['debian', `debian@${old!.record.timestamp}`])
      for (const [, spoil] of ways) await heals(yard, await rootsOf(yard, reference), spoil)
  })

  it('a composed snapshot', async () => {
    const { yard } = await composed()
    for (const [, spoil] of ways) await heals(yard, await rootsOf(yard, 'base'), spoil, ['debian', 'base'])
  })

  it('a composed snapshot and the one that it was made from', async () => {
    const { yard } = await composed()
    const roots = [...(await rootsOf(yard, 'debian')), ...(await rootsOf(yard, 'base'))]
    await heals(yard, roots, rmSync, ['debian', 'base'])
  })

  it('a composed snapshot whose repository is configured otherwise today', async () => {
    const { yard, debian } = await composed()
    yard.configure({ debian, base: { compose: { from: ['debian'], include: ['p1'], origin: 'Other' } } })
    const [packagesRoot, filesRoot] = await rootsOf(yard, 'base')
    await heals(yard, [packagesRoot!], rmSync, ['debian', 'base'])
    await heals(yard, [filesRoot!], rmSync, ['debian', 'base'])
  })
})

async function composed() {
  const { archive, server, yard } = await world.mirrored({ packages: { main: packages(5) } })
  const debian = mirrorOf(server.url, world.keyring, {}, { policy: 'immediate' })
  yard.configure({ debian, base: { compose: { from: ['debian'] } } })
  await syncTo(yard, 'created')
  return { archive, server, yard, debian }
}

describe.concurrent('fsck --repair', () => {
  it('fetches the index that it needs', async () => {
    const { archive, yard } = await world.mirrored(
      { packages: { main: packages(5) } },
      {},
      { policy: 'on-demand' },
    )
    await syncTo(yard, 'created')
    rmSync(
      fileOf(yard, 'blobs', hash('sha256', archive.files.get('dists/stable/main/binary-amd64/Packages.gz')!)),
    )
    const [root] = await rootsOf(yard, 'debian')
    await heals(yard, [root!], rmSync)
  })

  it('says what to do about a tree that nothing tells any more, and changes nothing', async () => {
    const { archive, server, yard } = await world.mirrored({ packages: { main: packages(5) } })
    await syncTo(yard, 'created')
    const [root] = await rootsOf(yard, 'debian')
    const [file, copy] = [fileOf(yard, 'pages', root!), `${yard.directory}/copy`]
    copyFileSync(file, copy)
    rmSync(file)
    for (const ending of ['gz', 'xz'])
      rmSync(
        fileOf(
          yard,
          'blobs',
          hash('sha256', archive.files.get(`dists/stable/main/binary-amd64/Packages.${ending}`)!),
        ),
      )
    await server.close()
    failsWith(
      await yard.run('fsck', '--repair'),
      1,
      root!,
      /could not be rebuilt: .*nothing was changed/,
      /switchyard rm debian@/,
    )
    copyFileSync(copy, file)
    expect((await fsck(yard)).findings.filter(finding => finding.what === 'page')).toEqual([])
  })

  it('gives a real apt, of a server that runs meanwhile, what it could not have', async () => {
    const { archive, yard, server } = await served(world, { packages: { main: [{ name: 'one' }] } })
    const setup = await server.setup('debian/latest/apt.sources')
    await server.stop()
    for (const root of await rootsOf(yard, 'debian')) flip(fileOf(yard, 'pages', root))
    const again = await startServer(yard)
    world.atEnd(() => again.stop())
    const apt = await aptOf(world, again)
    await apt.setSources(setup.replace(/http:\/\/[\d.:]+/g, again.url))
    expect(await apt.get(['update'])).toMatchObject({ output: expect.stringContaining('500') })
    expect(await yard.run('fsck', '--repair')).toMatchObject({ status: 0 })
    await cleanUpdate(apt)
    const [file] = await apt.download('one')
    expect(readFileSync(join(apt.directory, 'downloads', file!))).toEqual(
      archive.files.get('pool/main/o/one/one_1.0-1_amd64.deb'),
    )
  })
})
