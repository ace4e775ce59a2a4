import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Archive, createArchive } from './world/apt/archive.ts'
import type { SuiteSpec } from './world/apt/suite-spec.ts'
import { type ArchiveServer, misbehave, serveArchive } from './world/archive-server.ts'
import { hash } from './world/hash.ts'
import { createSigning, type Signing } from './world/signing.ts'
import { contentOf, createTestYard, mirrorOf, type Settings, type TestYard } from './world/test-yard.ts'

let signing: Signing
const leftOver: (() => unknown)[] = []

beforeAll(() => {
  signing = createSigning()
})
afterAll(() => signing.remove())
afterEach(async () => {
  for (const remove of leftOver.splice(0).reverse()) await remove()
})

async function mirrored(
  suites: SuiteSpec[],
  upstream: Settings = {},
  more: Settings = { policy: 'immediate' },
): Promise<{ archive: Archive; server: ArchiveServer; yard: TestYard }> {
  const archive = createArchive(signing, suites)
  const server = await serveArchive(archive)
  const yard = createTestYard({ debian: mirrorOf(server.url, signing.key('good').keyring, upstream, more) })
  leftOver.push(() => server.close(), yard.remove)
  return { archive, server, yard }
}

/** Digests by path. */
function digests(files: ReadonlyMap<string, Buffer>): { [path: string]: string } {
  return Object.fromEntries(
    [...files].map(([path, bytes]) => [path, hash('sha256', bytes)]).sort(([a], [b]) => (a! < b! ? -1 : 1)),
  )
}

/** What of an archive a mirror should hold: its suites' files with their by-hash names, and the pool, without what `but` names. */
function expected(archive: Archive, suites: string[], but = /^$/): { [path: string]: string } {
  const listed = suites.flatMap(suite => archive.pathsOf(suite)).filter(path => !path.includes('/by-hash/'))
  const pool = [...archive.files.keys()].filter(path => path.endsWith('.deb') || path.startsWith('pool/'))
  const held = new Map<string, Buffer>()
  for (const path of [...listed, ...pool]) {
    if (but.test(path)) continue
    const bytes = archive.files.get(path)!
    held.set(path, bytes)
    const byHash = path.replace(/[^/]*$/, `by-hash/SHA256/${hash('sha256', bytes)}`)
    if (archive.files.has(byHash)) held.set(byHash, bytes)
  }
  return digests(held)
}

const snapshotDigests = (yard: TestYard, reference = 'debian@latest') =>
  yard.use(async open => digests(await contentOf(open, reference)))

/** A message when a sync did not do what it should. */
async function syncTo(yard: TestYard, outcome: string, ...names: string[]) {
  const reports = await yard.sync(...names)
  expect(reports.map(report => ('error' in report ? report.error : report.outcome))).toEqual(
    reports.map(() => outcome),
  )
  return reports
}

const full: SuiteSpec = {
  name: 'stable',
  architectures: ['amd64', 'arm64'],
  packages: {
    main: [
      { name: 'one' },
      { name: 'two', version: '1:2.0-1', architecture: 'all' },
      { name: 'libstdc++-x', version: '1.0~rc1+b2-1' },
      { name: 'three', architecture: 'arm64' },
    ],
    contrib: [{ name: 'extra', architecture: 'all' }],
  },
  sources: { main: [{ name: 'one', version: '1.0-1' }] },
  extras: true,
  patches: true,
}

describe('a verbatim mirror', () => {
  it('holds every file that Release names for our components and architectures, byte for byte', async () => {
    const { archive, yard } = await mirrored([full])
    await syncTo(yard, 'created')
    expect(await snapshotDigests(yard)).toEqual(
      expected(archive, ['stable'], /arm64|contrib|source|\.dsc$|one_1.0-1\.tar\.gz$/),
    )
  })

  it('holds sources, a second component and architecture when they are asked for', async () => {
    const { archive, yard } = await mirrored([full], {
      components: ['main', 'contrib'],
      architectures: ['amd64', 'arm64'],
      sources: true,
    })
    await syncTo(yard, 'created')
    expect(await snapshotDigests(yard)).toEqual(expected(archive, ['stable']))
  })

  it('keeps icons and other unknown files of a wanted component', async () => {
    const { yard } = await mirrored([full])
    await syncTo(yard, 'created')
    expect(Object.keys(await snapshotDigests(yard))).toEqual(
      expect.arrayContaining([
        'dists/stable/main/dep11/icons-48x48.tar.gz',
        'dists/stable/main/dep11/Components-amd64.yml.gz',
        'dists/stable/main/cnf/Commands-amd64.xz',
        'dists/stable/main/i18n/Translation-de.xz',
        'dists/stable/main/Contents-amd64.gz',
        'dists/stable/main/binary-amd64/Packages.diff/Index',
        'pool/main/t/two/two_1%3a2.0-1_all.deb',
        'pool/main/libs/libstdc++-x/libstdc++-x_1.0~rc1+b2-1_amd64.deb',
      ]),
    )
  })

  it('holds several suites of one archive in one repository', async () => {
    const { archive, yard } = await mirrored(
      [
        { name: 'stable', packages: { main: [{ name: 'one' }, { name: 'shared' }] } },
        {
          name: 'stable-updates',
          packages: { main: [{ name: 'one', version: '1.1-1' }, { name: 'shared' }] },
        },
        { name: 'stable/security', packages: { main: [{ name: 'one', version: '1.2-1' }] } },
      ],
      { suites: ['stable', 'stable-updates', 'stable/security'] },
    )
    await syncTo(yard, 'created')
    expect(await snapshotDigests(yard)).toEqual(
      expected(archive, ['stable', 'stable-updates', 'stable/security']),
    )
  })

  it.each([['./'], ['flat/']])('holds the flat repository %s', async suite => {
    const { archive, yard } = await mirrored(
      [{ name: suite, packages: { '': [{ name: 'one' }, { name: 'c++', version: '2~a-1' }] } }],
      { suite },
    )
    await syncTo(yard, 'created')
    expect(await snapshotDigests(yard)).toEqual(expected(archive, [suite]))
  })

  it('reads `all` packages from their own index where Release lists one', async () => {
    const { archive, yard } = await mirrored([
      {
        name: 'stable',
        architectures: ['amd64', 'all'],
        packages: { main: [{ name: 'one' }, { name: 'doc', architecture: 'all' }] },
      },
    ])
    const [report] = await syncTo(yard, 'created')
    expect(report).toMatchObject({ snapshot: { record: { packageCount: 2 } } })
    expect(await snapshotDigests(yard)).toEqual(expected(archive, ['stable']))
  })

  it.each([
    ['InRelease alone', ['InRelease']],
    ['Release and Release.gpg', ['Release', 'Release.gpg']],
  ] as const)('reads a suite that has %s', async (_, documents) => {
    const { archive, yard } = await mirrored([
      { name: 'stable', packages: { main: [{ name: 'one' }] }, documents: [...documents], byHash: false },
    ])
    await syncTo(yard, 'created')
    const held = await snapshotDigests(yard)
    for (const [path, digest] of Object.entries(expected(archive, ['stable'])))
      expect(held[path]).toBe(digest)
  })

  it.each([
    ['InRelease alone', ['InRelease']],
    ['Release and Release.gpg', ['Release', 'Release.gpg']],
  ] as const)(
    'reads a suite that has %s from a server that answers 403 for those that it has not',
    async (_, documents) => {
      const { archive, server, yard } = await mirrored([
        { name: 'stable', packages: { main: [{ name: 'one' }] }, documents: [...documents], byHash: false },
      ])
      server.onRequest = misbehave.status(403, path => /Release/.test(path) && !archive.files.has(path))
      await syncTo(yard, 'created')
      server.onRequest = misbehave.status(403, () => true)
      expect(await yard.sync()).toMatchObject([
        { outcome: 'failed', error: { code: 'unavailable', message: expect.stringMatching(/HTTP 403/) } },
      ])
    },
  )

  it('accepts that upstream lacks one compression of an index, but not all of them', async () => {
    const { archive, yard } = await mirrored([
      { name: 'stable', packages: { main: [{ name: 'one' }] }, served: ['xz'] },
    ])
    await syncTo(yard, 'created')
    expect(await snapshotDigests(yard)).toEqual(expected(archive, ['stable']))
    archive.update(([stable]) => {
      stable!.packages!.main!.push({ name: 'two' })
      stable!.served = []
    })
    for (const path of archive.files.keys()) if (path.includes('/binary-amd64/')) archive.files.delete(path)
    const [report] = await yard.sync()
    expect(report).toMatchObject({ outcome: 'failed', error: { code: 'incomplete' } })
  })

  it('leaves out a Release.gpg that signs nothing, though InRelease is good: nobody vouches for it', async () => {
    const { archive, yard } = await mirrored([{ name: 'stable', packages: { main: [{ name: 'one' }] } }])
    const listed = () =>
      yard.use(async open => {
        const names = (await open.yard.list('debian', 'dists/stable')).map(entry => entry.name)
        return names.filter(name => /Release/.test(name))
      })
    for (const bytes of [Buffer.from('no signature\n'), signing.detached(Buffer.from('other'), 'good')]) {
      archive.files.set('dists/stable/Release.gpg', bytes)
      expect(await yard.sync()).toMatchObject([{ outcome: 'created' }])
      expect(await listed()).toEqual(['InRelease', 'Release'])
      archive.update(([suite]) => void suite!.packages!.main!.push({ name: `two-${bytes.length}` }))
    }
    expect(await yard.sync()).toMatchObject([{ outcome: 'created' }])
    expect(await listed()).toEqual(['InRelease', 'Release', 'Release.gpg'])
  })

  it('leaves a patch index out when one of its patches is gone', async () => {
    const { archive, yard } = await mirrored([
      { name: 'stable', packages: { main: [{ name: 'one' }] }, patches: true },
    ])
    for (const path of archive.files.keys()) if (/\.diff\/T-/.test(path)) archive.files.delete(path)
    await syncTo(yard, 'created')
    expect(Object.keys(await snapshotDigests(yard)).filter(path => path.includes('.diff'))).toEqual([])
  })

  it('keeps two packages of one name, version and architecture whose bytes differ', async () => {
    const twin = (content: string, path: string) => ({ name: 'twin', content, path })
    const { archive, yard } = await mirrored(
      [
        { name: 'stable', packages: { main: [twin('a', 'pool/a/twin_1.0-1_amd64.deb')] } },
        { name: 'testing', packages: { main: [twin('b', 'pool/b/twin_1.0-1_amd64.deb')] } },
      ],
      { suites: ['stable', 'testing'] },
    )
    await syncTo(yard, 'created')
    expect(await snapshotDigests(yard)).toEqual(expected(archive, ['stable', 'testing']))
  })

  it('says so when a package comes again under its old version with other bytes', async () => {
    const { archive, yard } = await mirrored([
      { name: 'stable', packages: { main: [{ name: 'one', content: 'first' }] } },
    ])
    await syncTo(yard, 'created')
    archive.update(([stable]) => {
      stable!.packages!.main = [{ name: 'one', content: 'second' }]
    })
    const run = await yard.run('sync')
    expect(run).toMatchObject({ status: 0, stdout: expect.stringContaining('1 rebuilt') })
    expect(run.stderr).toMatch(/one 1\.0-1 \(amd64\) was re-issued with other bytes/)
  })
})

describe('a second sync', () => {
  it('costs one request a suite and makes no snapshot when nothing is new', async () => {
    const { server, yard } = await mirrored(
      [
        { name: 'stable', packages: { main: [{ name: 'one' }] } },
        { name: 'updates', packages: { main: [{ name: 'two' }] } },
      ],
      { suites: ['stable', 'updates'] },
    )
    await syncTo(yard, 'created')
    server.drain()
    await syncTo(yard, 'unchanged')
    expect(
      server
        .drain()
        .map(({ path, status }) => `${status} ${path}`)
        .sort(),
    ).toEqual(['304 dists/stable/InRelease', '304 dists/updates/InRelease'])
    expect(await yard.use(open => open.yard.snapshots())).toHaveLength(1)
  })

  it('makes a snapshot of what changed, fetches only that, and leaves the old one as it was', async () => {
    const { archive, server, yard } = await mirrored([
      { name: 'stable', packages: { main: [{ name: 'one' }, { name: 'two' }] }, extras: true },
    ])
    const [first] = await syncTo(yard, 'created')
    const old = `debian@${(first as { snapshot: { record: { timestamp: string } } }).snapshot.record.timestamp}`
    const before = await snapshotDigests(yard, old)
    server.drain()
    archive.update(([stable]) => {
      stable!.packages!.main = [{ name: 'one', version: '1.1-1' }, { name: 'two' }]
    })
    const [second] = await syncTo(yard, 'created')
    expect(second).toMatchObject({ change: { added: 0, removed: 0, upgraded: 1 } })
    expect(await snapshotDigests(yard)).toEqual(expected(archive, ['stable'], /one_1\.0-1/))
    expect(await snapshotDigests(yard, old)).toEqual(before)
    const fetched = server.drain().map(({ path }) => path)
    expect(fetched.filter(path => path.startsWith('pool/'))).toEqual(['pool/main/o/one/one_1.1-1_amd64.deb'])
  })

  it('drops a suite, a component and an architecture that are configured no more', async () => {
    const { archive, server, yard } = await mirrored(
      [full, { name: 'updates', packages: { main: [{ name: 'late' }] } }],
      { suites: ['stable', 'updates'], components: ['main'], architectures: ['amd64'] },
    )
    await syncTo(yard, 'created')
    yard.configure({
      debian: mirrorOf(server.url, signing.key('good').keyring, {}, { policy: 'immediate' }),
    })
    await syncTo(yard, 'created')
    expect(await snapshotDigests(yard)).toEqual(
      expected(archive, ['stable'], /arm64|contrib|source|\.dsc$|one_1.0-1\.tar\.gz$|late/),
    )
  })

  it('sees a change though the server sends no validators', async () => {
    const { archive, server, yard } = await mirrored([
      { name: 'stable', packages: { main: [{ name: 'one' }] } },
    ])
    server.onRequest = (path, _, response) => {
      const bytes = archive.files.get(path)
      if (bytes === undefined) return false
      response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes)
      return true
    }
    await syncTo(yard, 'created')
    await syncTo(yard, 'unchanged')
    archive.update(([stable]) => void stable!.packages!.main!.push({ name: 'two' }))
    await syncTo(yard, 'created')
  })
})
