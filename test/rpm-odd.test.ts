import { execFileSync } from 'node:child_process'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hash } from './world/hash.ts'
import { createDnf } from './world/rpm/client.ts'
import { editMetadata, metadataOf, pathOf, repomdOf, setRepomd } from './world/rpm/edit-metadata.ts'
import { type RpmMirrored, rpmMirror, rpmMirrored, smallRpms } from './world/rpm/mirrored.ts'
import { startServer } from './world/running-server.ts'
import { createWorld, digestsOf, failsWith, isWhole, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const few = smallRpms(['alpha', 'beta', 'gamma'])
const alpha = few.get('Packages/alpha-1.0-1.noarch.rpm')!
const beta = few.get('Packages/beta-1.0-1.noarch.rpm')!
const isRpm = (path: string) => path.endsWith('.rpm')

/** A mirror's `latest` is, file by file, what upstream serves, and fsck finds nothing. */
async function isVerbatim({ repository, yard }: RpmMirrored, snapshots = 1): Promise<void> {
  const digests = Object.fromEntries(
    [...repository.files].map(([path, bytes]) => [path, hash('sha256', bytes)]),
  )
  expect(await digestsOf(yard, 'base')).toEqual(digests)
  await isWhole(yard, snapshots)
}

async function packageCount({ yard }: RpmMirrored): Promise<number> {
  return (await yard.use(open => open.yard.snapshot('base'))).record.packageCount
}

/** One package's fragment of a primary.xml. */
function fragmentOf(text: string, name: string): string {
  const at = text.indexOf(`<name>${name}</name>`)
  return text.slice(text.lastIndexOf('<package ', at), text.indexOf('</package>', at) + '</package>'.length)
}

function withFragments(text: string, count: number, ...fragments: string[]): string {
  return text
    .replace(/packages="\d+"/, `packages="${count}"`)
    .replace('</metadata>', `${fragments.join('\n')}\n</metadata>`)
}

describe('packages that are at odds are mirrored as they are:', () => {
  it('one that is listed twice, word for word, which may lose one listing and stay', async () => {
    const made = await rpmMirrored(world, { packages: few })
    editMetadata(made.repository.files, 'primary', text => withFragments(text, 4, fragmentOf(text, 'alpha')))
    await syncTo(made.yard, 'created')
    await isVerbatim(made)
    expect(await packageCount(made)).toBe(3)
    editMetadata(made.repository.files, 'primary', text =>
      text.replace(/packages="\d+"/, 'packages="3"').replace(fragmentOf(text, 'alpha'), ''),
    )
    await syncTo(made.yard, 'created')
    await isVerbatim(made, 2)
    expect(await packageCount(made)).toBe(3)
  })

  it('one name and version with two contents', async () => {
    const other = smallRpms(['alpha'], 100).get('Packages/alpha-1.0-1.noarch.rpm')!
    const made = await rpmMirrored(world, {
      packages: new Map([...few, ['rebuilt/alpha-1.0-1.noarch.rpm', other]]),
    })
    await syncTo(made.yard, 'created')
    await isVerbatim(made)
    expect(await packageCount(made)).toBe(4)
  })

  it('one file name in two directories, with the same bytes and with others', async () => {
    const packages = new Map([...few, ['a/x.rpm', alpha], ['b/x.rpm', alpha], ['c/x.rpm', beta]])
    const made = await rpmMirrored(world, { packages })
    await syncTo(made.yard, 'created')
    await isVerbatim(made)
    expect(await packageCount(made)).toBe(3)
    made.repository.publish({ packages: new Map([...packages].filter(([path]) => path !== 'b/x.rpm')) })
    await syncTo(made.yard, 'created')
    await isVerbatim(made, 2)
  })

  it('names that do not match what is in the package', async () => {
    const made = await rpmMirrored(world, {
      packages: new Map([
        ['proxysql-2.0-1-centos8.x86_64.rpm', alpha],
        ['Packages/a/no-version.rpm', beta],
      ]),
    })
    await syncTo(made.yard, 'created')
    await isVerbatim(made)
  })

  it('one path with two contents is refused, naming it', async () => {
    const made = await rpmMirrored(world, { packages: few })
    editMetadata(made.repository.files, 'primary', text =>
      text.replace('Packages/beta-1.0-1.noarch.rpm', 'Packages/alpha-1.0-1.noarch.rpm'),
    )
    failsWith(await made.yard.run('sync'), 1, 'Packages/alpha-1.0-1.noarch.rpm', /different bytes/)
    await isWhole(made.yard, 0)
  })
})

describe('paths are kept:', () => {
  const odd = ['a%2Bb', 'a+b', 'a~b^c', 'a b', 'q?x#y', '\u00e9\u6f22', "it's&<>", 'a=b@c,d;e', '.hidden']

  it('those that a real dnf asks for, from upstream and from us', async () => {
    const names = odd.map((_, i) => `odd${i}`)
    const built = [...smallRpms(names)]
    const packages = new Map(odd.map((path, i) => [`Packages/${path}.rpm`, built[i]![1]]))
    const made = await rpmMirrored(world, { packages }, {}, { policy: 'on-demand' })
    await syncTo(made.yard, 'created')
    const server = await startServer(made.yard)
    world.atEnd(() => server.stop())
    const dnf = createDnf()
    world.atEnd(dnf.remove)
    dnf.setRepository(await server.setup('base/dnf.repo'))
    await dnf.ok('install', ...names)
    expect(await dnf.installed()).toHaveLength(names.length)
    expect(server.answers().filter(({ status }) => status >= 400)).toEqual([])
    expect(made.server.requests.filter(({ path, status }) => isRpm(path) && status !== 200)).toEqual([])
  })

  it('beside repodata, in a directory called repodata, and with a leading ./', async () => {
    const packages = new Map([
      ['alpha.rpm', alpha],
      ['repodata/beta.rpm', beta],
      ['x/repodata/gamma.rpm', few.get('Packages/gamma-1.0-1.noarch.rpm')!],
    ])
    const made = await rpmMirrored(world, { packages })
    const { files } = made.repository
    files.set('repodata/beta.rpm', beta)
    editMetadata(files, 'primary', text => text.replace('href="alpha.rpm"', 'href="./alpha.rpm"'))
    await syncTo(made.yard, 'created')
    await isVerbatim(made)
    editMetadata(files, 'primary', text =>
      text.replace(/packages="\d+"/, 'packages="2"').replace(fragmentOf(text, 'alpha'), ''),
    )
    files.delete('alpha.rpm')
    await syncTo(made.yard, 'created')
    await isVerbatim(made, 2)
  })

  it('metadata that lies elsewhere than in repodata comes and goes', async () => {
    const made = await rpmMirrored(world, { packages: few })
    const { files } = made.repository
    const old = pathOf(files, 'other')
    files.set('suse/setup/other.xml.gz', files.get(old)!)
    files.delete(old)
    setRepomd(files, repomdOf(files).replace(old, 'suse/setup/other.xml.gz'))
    await syncTo(made.yard, 'created')
    await isVerbatim(made)
    made.repository.publish({ packages: few })
    await syncTo(made.yard, 'created')
    await isVerbatim(made, 2)
  })
})

describe('checksums', () => {
  const weak = ['md5', 'sha'] as const
  const strong = ['sha384', 'sha512'] as const

  it.each([...weak, ...strong])(
    'of %s: packages are named by the SHA-256 that we compute, once',
    async name => {
      const made = await rpmMirrored(world, { packages: few, createrepo: ['--checksum', name] })
      await syncTo(made.yard, 'created')
      await isVerbatim(made)
      const next = new Map([...few, ...smallRpms(['delta'])])
      made.repository.publish({ packages: next, createrepo: ['--checksum', name] })
      made.server.drain()
      await syncTo(made.yard, 'created')
      expect(made.server.requests.map(({ path }) => path).filter(isRpm)).toEqual([
        'Packages/delta-1.0-1.noarch.rpm',
      ])
      await isVerbatim(made, 2)
      made.server.drain()
      await syncTo(made.yard, 'unchanged')
      expect(made.server.requests).toHaveLength(1)
    },
  )

  it.each([...weak, ...strong])('of %s need `immediate`, which is said', async name => {
    const made = await rpmMirrored(
      world,
      { packages: few, createrepo: ['--checksum', name] },
      {},
      { policy: 'on-demand' },
    )
    failsWith(await made.yard.run('sync'), 1, /alpha-1\.0-1\.noarch\.rpm/, /policy: immediate/)
    await isWhole(made.yard, 0)
  })

  it.each(weak)('of %s prove nothing, so that a signature of repomd.xml is not enough', async name => {
    const content = { packages: few, createrepo: ['--checksum', name], signedBy: 'good' as const }
    const made = await rpmMirrored(world, content, { verify: 'metadata', keyring: world.keyring })
    failsWith(await made.yard.run('sync'), 1, /proves nothing/, /verify: packages/)
    await isWhole(made.yard, 0)
  })

  it.each(strong)('of %s do, where repomd.xml is signed', async name => {
    const content = { packages: few, createrepo: ['--checksum', name], signedBy: 'good' as const }
    const made = await rpmMirrored(world, content, { verify: 'metadata', keyring: world.keyring })
    await syncTo(made.yard, 'created')
    await isVerbatim(made)
  })

  it('that other bytes do not have: refused, the next mirror is taken', async () => {
    const made = await rpmMirrored(world, { packages: few, createrepo: ['--checksum', 'sha512'] })
    const second = await world.serve({ files: new Map(made.repository.files) })
    const path = 'Packages/beta-1.0-1.noarch.rpm'
    made.repository.files.set(path, Buffer.from(beta).fill(7, 200, 300))
    failsWith(await made.yard.run('sync'), 1, path, /not the ones/)
    await isWhole(made.yard, 0)
    made.yard.configure({ base: rpmMirror([made.server.url, second.url], {}, { policy: 'immediate' }) })
    await syncTo(made.yard, 'created')
    expect((await digestsOf(made.yard, 'base'))[path]).toBe(hash('sha256', beta))
  })

  it('without SHA-256: a body that breaks off is resumed', async () => {
    const heavy = smallRpms(['heavy'], 3_000_000)
    const made = await rpmMirrored(world, { packages: heavy, createrepo: ['--checksum', 'sha512'] })
    let cut = 0
    made.server.onRequest = (path, _, response) => {
      const bytes = made.repository.files.get(path)!
      if (!isRpm(path) || cut++ > 0) return false
      response.writeHead(200, { 'Content-Length': bytes.length })
      response.write(bytes.subarray(0, 1_500_000), () => setTimeout(() => response.destroy(), 50))
      return true
    }
    await syncTo(made.yard, 'created')
    const asked = made.server.requests.filter(({ path }) => isRpm(path))
    expect(asked.map(({ status, range }) => [status, range === undefined])).toEqual([
      [200, true],
      [206, false],
    ])
    await isVerbatim(made)
  })
})

describe('metadata', () => {
  const by =
    (command: string, ...args: string[]) =>
    (plain: Buffer) =>
      execFileSync(command, args, { input: plain, maxBuffer: 1 << 26 })
  const compressors: [string, (plain: Buffer) => Buffer][] = [
    ['.gz', gzipSync],
    ['.xz', by('xz', '-c')],
    ['.zst', zstdCompressSync],
    ['.bz2', by('bzip2', '-c')],
    ['', plain => plain],
  ]

  it.each(compressors)('of ending .xml%s is read today and tomorrow', async (ending, compress) => {
    const made = await rpmMirrored(world, { packages: few })
    const edit = () => {
      for (const type of ['primary', 'filelists', 'other'])
        editMetadata(made.repository.files, type, text => text, { ending: `.xml${ending}`, compress })
    }
    edit()
    await syncTo(made.yard, 'created')
    await isVerbatim(made)
    made.repository.publish({ packages: new Map([...few].slice(1)) })
    edit()
    await syncTo(made.yard, 'created')
    await isVerbatim(made, 2)
    expect(await packageCount(made)).toBe(2)
  })

  it.each(['immediate', 'on-demand'])(
    'of every type, known or not, is carried through untouched: %s',
    async policy => {
      const made = await rpmMirrored(
        world,
        {
          packages: few,
          metadata: { productid: 'certificate', group: '<comps/>' },
        },
        {},
        { policy },
      )
      const { files } = made.repository
      for (const type of [
        'primary_db',
        'filelists_db',
        'primary_zck',
        'prestodelta',
        'filelists-ext',
        'other_ext',
        'unheard-of',
      ])
        editMetadata(files, type, () => `bytes of ${type} \xff\x00`, {
          ending: '.bin',
          compress: plain => plain,
          block: block =>
            type === 'primary_zck'
              ? block.replace(
                  '</data>',
                  `<header-checksum type="sha256">${'0'.repeat(64)}</header-checksum><header-size>10</header-size></data>`,
                )
              : block,
        })
      await syncTo(made.yard, 'created')
      for (const path of [...files.keys()].filter(path => !isRpm(path)))
        expect(made.server.requests.map(request => request.path)).toContain(path)
      await isVerbatim(made)
    },
  )

  it('of an empty repository, to begin with and in the end', async () => {
    const made = await rpmMirrored(world, { packages: new Map() })
    await syncTo(made.yard, 'created')
    await isVerbatim(made)
    expect(await packageCount(made)).toBe(0)
    made.repository.publish({ packages: few })
    await syncTo(made.yard, 'created')
    await isVerbatim(made, 2)
    made.repository.publish({ packages: new Map() })
    await syncTo(made.yard, 'created')
    await isVerbatim(made, 3)
    expect(await packageCount(made)).toBe(0)
  })

  it('without revision, timestamps, sizes and open checksums', async () => {
    const made = await rpmMirrored(world, { packages: few })
    const { files } = made.repository
    const bare = repomdOf(files)
      .replace(/<revision>.*<\/revision>/, '')
      .replace(/<timestamp>.*<\/timestamp>/g, '')
      .replace(/<(open-)?size>.*<\/(open-)?size>/g, '')
      .replace(/<open-checksum.*<\/open-checksum>/g, '')
    setRepomd(files, bare)
    await syncTo(made.yard, 'created')
    await isVerbatim(made)
    await syncTo(made.yard, 'unchanged')
  })

  it('that is not UTF-8', async () => {
    const made = await rpmMirrored(world, { packages: few })
    editMetadata(made.repository.files, 'primary', text =>
      text.replace(/<summary>[^<]*/g, '<summary>caf\xe9 \xff\xfe'),
    )
    await syncTo(made.yard, 'created')
    await isVerbatim(made)
    expect(metadataOf(made.repository.files, 'primary').includes(0xff)).toBe(true)
  })
})
