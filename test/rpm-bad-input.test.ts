import { readFileSync, rmSync } from 'node:fs'
import { gzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeHeader } from '../src/formats/rpm/write-header.ts'
import type { Digest } from '../src/model/index.ts'
import { mountTmpfs } from '../src/store/fs/tmpfs.fixture.ts'
import { openFsStore } from '../src/store/index.ts'
import { pagesOf, type TreeKind } from '../src/tree/index.ts'
import { misbehave } from './world/archive-server.ts'
import { fileOf, flip } from './world/damage.ts'
import { hash } from './world/hash.ts'
import { momentsOf } from './world/moments.ts'
import {
  editMetadata,
  type MetadataEdit,
  metadataOf,
  pathOf,
  repomdOf,
  setRepomd,
} from './world/rpm/edit-metadata.ts'
import { type RpmMirrored, rpmMirror, rpmMirrored, smallRpms } from './world/rpm/mirrored.ts'
import { createTestYard, type Run, type TestYard } from './world/test-yard.ts'
import { createWorld, digestsOf, failsWith, isWhole, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const few = smallRpms(['alpha', 'beta', 'gamma'])
const [first] = few
const less = new Map([first!])
const isRpm = (path: string) => path.endsWith('.rpm')
const beta = 'Packages/beta-1.0-1.noarch.rpm'

/** The second day of an upstream is refused with these words, both by a yard that knows the first day and by one that does not. */
async function refuses(spoil: (made: RpmMirrored) => void, ...words: (string | RegExp)[]): Promise<void> {
  const made = await rpmMirrored(world, { packages: less })
  await syncTo(made.yard, 'created')
  const before = await digestsOf(made.yard, 'base')
  made.repository.publish({ packages: few })
  spoil(made)
  const fresh = createTestYard({ base: rpmMirror(made.server.url, {}, { policy: 'immediate' }) })
  world.atEnd(fresh.remove)
  for (const [yard, snapshots] of [
    [made.yard, 1],
    [fresh, 0],
  ] as const) {
    failsWith(await yard.run('sync'), 1, ...words)
    await isWhole(yard, snapshots)
  }
  expect(await digestsOf(made.yard, 'base')).toEqual(before)
}

const repomd = (change: (text: string) => string) => (made: RpmMirrored) =>
  setRepomd(made.repository.files, change(repomdOf(made.repository.files)))
const primary =
  (change: (text: string) => string, edit: MetadataEdit = {}) =>
  (made: RpmMirrored) =>
    editMetadata(made.repository.files, 'primary', change, edit)

describe.concurrent('a repomd.xml is refused', () => {
  it.each([
    ['leaves the repository', '../../etc/passwd'],
    ['leaves it in the middle', 'repodata/../../x'],
    ['is absolute', '/etc/passwd'],
    ['leaves it for whoever decodes it', 'repodata/%2e%2e/%2e%2e/x'],
    ['leaves it for whoever takes it for a URL', 'repodata\\..\\x'],
  ])('that names a file which %s', (_, path) =>
    refuses(
      repomd(text => text.replace(/href="[^"]*-other[^"]*"/, () => `href="${path}"`)),
      'repodata/repomd.xml',
      'other',
    ),
  )
  it('with a checksum of an unknown kind', () =>
    refuses(
      repomd(text => text.replace('<checksum type="sha256">', '<checksum type="crc32">')),
      'repodata/repomd.xml',
      'crc32',
    ))
  it('with a file without a checksum', () =>
    refuses(
      repomd(text => text.replace(/<checksum .*<\/checksum>/, '')),
      /primary/,
      /checksum/,
    ))
  it('with one path of two contents', () =>
    refuses(
      repomd(text =>
        text.replace(
          '</repomd>',
          `<data type="x"><checksum type="sha256">${'0'.repeat(64)}</checksum><location href="${/href="([^"]*-other[^"]*)"/.exec(text)![1]}"/><size>5</size></data></repomd>`,
        ),
      ),
      /-other.*twice/,
    ))
  it('with a document type, which could be a bomb', () =>
    refuses(
      repomd(text =>
        text
          .replace('?>', '?><!DOCTYPE repomd [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>')
          .replace('<revision>', '<revision>&b;'),
      ),
      'repodata/repomd.xml',
    ))
  it('with an entity that is not known', () =>
    refuses(
      repomd(text => text.replace('<revision>', '<revision>&xxe;')),
      'repodata/repomd.xml',
      /xxe|entity|reference/,
    ))
  it('nested without end', () =>
    refuses(
      repomd(text =>
        text.replace('<revision>', `${'<x>'.repeat(100_000)}${'</x>'.repeat(100_000)}<revision>`),
      ),
      'repodata/repomd.xml',
      /deep|nest/,
    ))
  it('cut short', () =>
    refuses(
      repomd(text => text.slice(0, -20)),
      'repodata/repomd.xml',
    ))
  it('that is a web page', () =>
    refuses(
      repomd(() => '<html>Welcome to our Wi-Fi</html>'),
      'repodata/repomd.xml',
    ))
  it('of more files than anybody has', () =>
    refuses(
      repomd(text =>
        text.replace('</repomd>', `${'<data type="x"><location href="x"/></data>'.repeat(2000)}</repomd>`),
      ),
      'repodata/repomd.xml',
      /more than/,
    ))
})

describe.concurrent('a primary.xml is refused', () => {
  it.each([
    ['more', 5],
    ['fewer', 2],
  ])('that says it has %s packages than it has', (_, count) =>
    refuses(
      primary(text => text.replace(/packages="\d+"/, `packages="${count}"`)),
      /-primary\.xml\.gz/,
      `${count} packages`,
    ),
  )
  it('that lies about their number when only that changes', async () => {
    const made = await rpmMirrored(world, { packages: few })
    await syncTo(made.yard, 'created')
    primary(text => text.replace(/packages="\d+"/, 'packages="4"'))(made)
    failsWith(await made.yard.run('sync'), 1, /-primary\.xml\.gz/, /4 packages/)
    await isWhole(made.yard, 1)
  })
  const compressions: [string, (plain: Buffer) => Buffer][] = [
    ['is cut off', plain => gzipSync(plain).subarray(0, -30)],
    ['is none', plain => plain],
    ['has bytes behind it', plain => Buffer.concat([gzipSync(plain), Buffer.from('garbage')])],
  ]
  it.each(compressions)('whose gzip %s', (_, compress) =>
    refuses(
      primary(text => text, { compress }),
      /-primary\.xml\.gz/,
    ),
  )
  const lies: [string, (block: string) => string][] = [
    ['open checksum', block => block.replace(/(<open-checksum[^>]*>)[0-9a-f]{8}/, '$100000000')],
    ['open size', block => block.replace(/<open-size>\d+/, '<open-size>5')],
    ['greater open size', block => block.replace(/<open-size>/, '<open-size>9')],
  ]
  it.each(lies)('of another %s than repomd.xml says', (_, block) =>
    refuses(
      primary(text => text, { block }),
      /-primary\.xml\.gz/,
    ),
  )
  it('of another open checksum by SHA-512', () =>
    refuses(
      primary(text => text, { checksum: 'sha512', block: lies[0]![1] }),
      /-primary\.xml\.gz/,
      /decompress/,
    ))
  const wrong: [string, (block: string) => string][] = [
    ['size', block => block.replace(/<size>\d/, '<size>9')],
    ['checksum', block => block.replace(/(<checksum[^>]*>)[0-9a-f]{8}/, '$100000000')],
  ]
  it.each(wrong)('of another %s than repomd.xml says, in transit', (_, block) =>
    refuses(
      primary(text => text, { block }),
      /-primary\.xml\.gz/,
    ),
  )
  it('that is a bomb of compression', () =>
    refuses(
      primary(text => text, {
        compress: () => gzipSync(Buffer.alloc(80_000_000)),
        block: block => block.replace(/<open-.*>\n/g, ''),
      }),
      /-primary\.xml\.gz/,
    ))
  it('without its end', () =>
    refuses(
      primary(text => text.replace('</metadata>', '')),
      /primary\.xml/,
    ))
  it('with something behind its end', () =>
    refuses(
      primary(text => `${text}<package/>`),
      /primary\.xml/,
    ))
  it('with a document type', () =>
    refuses(
      primary(text => text.replace('?>', '?><!DOCTYPE metadata [<!ENTITY a "aaaa">]>')),
      /-primary\.xml\.gz/,
    ))
  it('with an entity that is not known', () =>
    refuses(
      primary(text => text.replace('<name>beta', '<name>&b;')),
      /primary\.xml/,
    ))
  it('nested without end', () =>
    refuses(
      primary(text =>
        text.replace('<name>beta', `${'<x>'.repeat(50_000)}${'</x>'.repeat(50_000)}<name>beta`),
      ),
      /primary\.xml/,
      /deep|nest/,
    ))
  it('with a package larger than any', () =>
    refuses(
      primary(text => text.replace('A package for tests.', () => 'x'.repeat(70_000_000))),
      /-primary\.xml\.gz/,
      /longer than/,
    ))
  it.each([
    ['leaves the repository', '../../etc/passwd.rpm'],
    ['is absolute', '/etc/passwd.rpm'],
    ['leaves it for whoever decodes it', '%2e%2e/x.rpm'],
  ])('with a location that %s', (_, path) =>
    refuses(
      primary(text => text.replace(beta, path)),
      /primary\.xml/,
      'beta',
      path,
    ),
  )
  it('with metadata as a package', () =>
    refuses(
      primary(text => text.replace(beta, 'repodata/repomd.xml')),
      'repodata/repomd.xml',
      /package/,
    ))
  it.each([
    [
      'a checksum of an unknown kind',
      (text: string) => text.replaceAll('type="sha256"', 'type="crc32"'),
      'crc32',
    ],
    [
      'a malformed checksum',
      (text: string) => text.replaceAll(/pkgid="YES">[0-9a-f]{4}/g, 'pkgid="YES">zzzz'),
      'sha256',
    ],
    ['a negative size', (text: string) => text.replace(/package="\d+"/g, 'package="-5"'), 'size'],
    [
      'a size beyond reason',
      (text: string) => text.replace(/package="\d+"/g, 'package="99999999999999999999"'),
      'size',
    ],
    ['a package without a name', (text: string) => text.replace('<name>beta</name>', ''), 'name'],
    ['a malformed epoch', (text: string) => text.replaceAll('epoch="0"', 'epoch="x"'), 'epoch'],
  ])('with %s', (_, change, word) => refuses(primary(change), /primary\.xml/, word))
})

describe.concurrent('a server that, for one package,', () => {
  const victim = (path: string) => path === beta
  const bytes = few.get(beta)!
  it.each([
    ['answers 404', misbehave.status(404, victim), /404/],
    ['answers 403', misbehave.status(403, victim), /403/],
    ['answers 500', misbehave.status(500, victim), /500/],
    ['redirects in a loop', misbehave.redirectLoop(victim), /redirect/],
    ['hangs up', misbehave.hangUp(victim), /hang up|closed|ECONNRESET/i],
    [
      'announces more than it sends',
      misbehave.bytes(path =>
        victim(path) ? { body: bytes.subarray(0, 500), length: bytes.length } : undefined,
      ),
      /beta/,
    ],
    [
      'sends less than it has',
      misbehave.bytes(path => (victim(path) ? { body: bytes.subarray(0, 500) } : undefined)),
      /500 bytes/,
    ],
    [
      'sends more than it has',
      misbehave.bytes(path => (victim(path) ? { body: Buffer.concat([bytes, bytes]) } : undefined)),
      /bytes/,
    ],
    [
      'sends other bytes',
      misbehave.bytes(path => (victim(path) ? { body: Buffer.alloc(bytes.length) } : undefined)),
      /SHA-256/,
    ],
  ])('%s: no snapshot, and no verified package is fetched again', async (_, hook, words) => {
    const { server, repository, yard } = await rpmMirrored(world, { packages: less })
    await syncTo(yard, 'created')
    repository.publish({ packages: few })
    server.onRequest = hook
    failsWith(await yard.run('sync'), 1, beta, words)
    await isWhole(yard, 1)
    server.onRequest = undefined
    server.drain()
    await syncTo(yard, 'created')
    expect(server.requests.map(({ path }) => path).filter(isRpm)).toEqual([beta])
    await isWhole(yard, 2)
  })
})

describe.concurrent('a package whose header lies is refused with verify: packages:', () => {
  const name = { tag: 1000, type: 6, values: ['x'] }
  const whole = (signature: Buffer, header: Buffer) => {
    const lead = Buffer.alloc(96)
    Buffer.from('edabeedb0300', 'hex').copy(lead)
    lead.writeUInt16BE(5, 78)
    return Buffer.concat([lead, signature, Buffer.alloc((8 - (signature.length % 8)) % 8), header])
  }
  const good = () => [writeHeader([], 62), writeHeader([name], 63)] as const
  const lying = (which: 0 | 1, at: number, value: number) => {
    const parts = good().map(part => Buffer.from(part))
    parts[which]!.writeUInt32BE(value, at)
    return whole(parts[0]!, parts[1]!)
  }
  it.each([
    ['about the number of its entries', lying(1, 8, 0x7fffffff)],
    ['about its length', lying(1, 12, 0x7fffffff)],
    ['about an offset', lying(1, 16 + 16 + 8, 0x7fffff00)],
    ['about a count', lying(1, 16 + 16 + 12, 0x7fffff00)],
    ['in its signature', lying(0, 8, 0x00ffffff)],
    ['by ending early', whole(...good()).subarray(0, 120)],
  ])('%s', async (_, rpm) => {
    const made = await rpmMirrored(world, { packages: few }, { verify: 'packages', keyring: world.keyring })
    const { files } = made.repository
    const old = few.get(beta)!
    files.set(beta, rpm)
    editMetadata(files, 'primary', text =>
      text
        .replace(hash('sha256', old), hash('sha256', rpm))
        .replace(/(<name>beta<.*?package=")\d+/s, `$1${rpm.length}`),
    )
    for (const path of [...few.keys()].filter(path => path !== beta)) {
      const fragment = new RegExp(
        `<package type="rpm">(?:(?!</package>).)*${path.slice(9, 14)}.*?</package>`,
        's',
      )
      editMetadata(files, 'primary', text => text.replace(fragment, ''))
    }
    editMetadata(files, 'primary', text => text.replace(/packages="\d+"/, 'packages="1"'))
    failsWith(await made.yard.run('sync'), 1, beta, /no valid RPM|cut|header/)
    await isWhole(made.yard, 0)
  })
})

const here = async (yard: TestYard, files: ReadonlyMap<string, Buffer>): Promise<string[]> => {
  const { blobs } = openFsStore(yard.directory)
  const found: string[] = []
  for (const [path, bytes] of files)
    if (isRpm(path) && (await blobs.size(hash('sha256', bytes) as Digest)) !== undefined) found.push(path)
  return found
}
const many = (round: string, n = 40) =>
  smallRpms(
    Array.from({ length: n }, (_, i) => `${round}p${i}`),
    20_000,
  )

describe('a yard', () => {
  it('on a full disk says so before anything is fetched, and completes when there is room', async () => {
    const tmpfs = mountTmpfs('size=6m')
    world.atEnd(tmpfs.remove)
    const made = await rpmMirrored(world, { packages: less })
    const settings = { base: rpmMirror(made.server.url, {}, { policy: 'immediate' }) }
    const yard = createTestYard(settings, { directory: tmpfs.directory })
    await syncTo(yard, 'created')
    made.repository.publish({ packages: smallRpms(['big', 'bigger', 'biggest'], 3_000_000) })
    made.server.drain()
    failsWith(await yard.run('sync'), 1, /base: 3 files/, /bytes are free/)
    expect(made.server.requests.filter(({ path }) => isRpm(path))).toEqual([])
    await isWhole(yard, 1)
    tmpfs.remount('size=64m')
    await syncTo(yard, 'created')
    await isWhole(yard, 2)
  })

  it('on a disk that packages without SHA-256 fill says so too, and keeps nothing that is half', async () => {
    const tmpfs = mountTmpfs('size=6m')
    world.atEnd(tmpfs.remove)
    const packages = smallRpms(['big', 'bigger', 'biggest'], 3_000_000)
    const made = await rpmMirrored(world, { packages, createrepo: ['--checksum', 'sha512'] })
    const settings = { base: rpmMirror(made.server.url, {}, { policy: 'immediate' }) }
    const yard = createTestYard(settings, { directory: tmpfs.directory })
    failsWith(await yard.run('sync'), 1, /space/)
    await isWhole(yard, 0)
    tmpfs.remount('size=64m')
    await syncTo(yard, 'created')
    await isWhole(yard, 1)
  })

  it('killed at 15 moments of a sync stays whole, and fetches nothing verified again', async () => {
    const made = await rpmMirrored(world, { packages: less })
    const { repository, server, yard } = made
    await syncTo(yard, 'created')
    const [record] = await yard.use(open => open.yard.snapshots())
    const reference = `base@${record!.record.timestamp}`
    const before = await digestsOf(yard, reference)
    let round = 0
    const publish = () => repository.publish({ packages: many(`r${round++}`) })
    publish()
    server.onRequest = misbehave.delay(15, isRpm)
    const moments = await momentsOf(() => yard.run('sync'))
    publish()
    const verified = new Set<string>()
    const again: string[] = []
    for (let killed = 0; killed < 15; ) {
      server.drain()
      const command = yard.start('sync')
      await moments.next()
      command.kill('SIGKILL')
      const { signal, status, stderr } = await command.done
      again.push(...server.requests.map(({ path }) => path).filter(path => verified.has(path)))
      for (const path of await here(yard, repository.files)) verified.add(path)
      if (signal === null) {
        expect(status, stderr).toBe(0)
        moments.tooLate()
        publish()
      } else killed++
      expect((await yard.use(open => open.yard.fsck())).findings, `after kill ${killed}`).toEqual([])
      expect(await digestsOf(yard, reference)).toEqual(before)
    }
    await yard.sync()
    expect(again).toEqual([])
    const held = await digestsOf(yard, 'base')
    for (const [path, bytes] of repository.files) expect(held[path]).toBe(hash('sha256', bytes))
  }, 180_000)

  it('in which two syncs begin at once makes one snapshot', async () => {
    const { server, yard } = await rpmMirrored(world, { packages: few })
    server.onRequest = misbehave.delay(100, isRpm)
    const runs: Run[] = await Promise.all([yard.run('sync'), yard.run('sync')])
    for (const run of runs) expect([0, 1], run.stderr).toContain(run.status)
    expect(runs.some(({ status }) => status === 0)).toBe(true)
    await isWhole(yard, 1)
    expect(server.requests.filter(({ path, status }) => isRpm(path) && status === 200)).toHaveLength(few.size)
  })
})

describe('fsck of a mirror of RPMs', () => {
  const digestOf = (made: RpmMirrored, path: string) => hash('sha256', made.repository.files.get(path)!)
  const signed = { packages: many('f', 60), signedBy: 'good' as const, metadata: { group: '<comps/>' } }
  const mirrored = async (content: Parameters<typeof rpmMirrored>[1] = signed) => {
    const upstream = content.signedBy ? { verify: 'metadata', keyring: world.keyring } : {}
    const made = await rpmMirrored(world, content, upstream)
    await syncTo(made.yard, 'created')
    return made
  }
  const fsck = (yard: TestYard, repair = false) => yard.use(open => open.yard.fsck({ repair }))

  it.each([
    ['a package', 'Packages/fp1-1.0-1.noarch.rpm'],
    ['repomd.xml', 'repodata/repomd.xml'],
    ['its signature', 'repodata/repomd.xml.asc'],
    ['primary.xml', 'primary'],
    ['filelists.xml', 'filelists'],
    ['comps', 'group'],
  ])('names and heals the bytes of %s', async (_, what) => {
    const made = await mirrored()
    const path = what.includes('/') ? what : pathOf(made.repository.files, what)
    const digest = digestOf(made, path)
    const before = await digestsOf(made.yard, 'base')
    for (const spoil of [flip, rmSync]) {
      spoil(fileOf(made.yard, 'blobs', digest))
      failsWith(await made.yard.run('fsck'), 1, digest, path)
      expect((await fsck(made.yard, true)).findings.filter(({ repaired }) => !repaired)).toEqual([])
      expect((await fsck(made.yard)).findings).toEqual([])
    }
    expect(await digestsOf(made.yard, 'base')).toEqual(before)
  })

  async function pagesIn(yard: TestYard, tree: TreeKind): Promise<Digest[]> {
    const { record } = await yard.use(open => open.yard.snapshot('base'))
    const read = async (digest: Digest) => zstdDecompressSync(readFileSync(fileOf(yard, 'pages', digest)))
    const pages: Digest[] = []
    for await (const { digest } of pagesOf({ read }, record[tree])) pages.push(digest)
    return pages
  }

  async function heals(made: RpmMirrored, pages: Iterable<Digest>): Promise<void> {
    const before = await digestsOf(made.yard, 'base')
    for (const page of new Set(pages)) rmSync(fileOf(made.yard, 'pages', page))
    const { findings } = await fsck(made.yard)
    expect(findings.filter(({ what }) => what === 'page').length).toBeGreaterThan(0)
    const repaired = await fsck(made.yard, true)
    expect(repaired.findings.filter(({ repaired }) => !repaired)).toEqual([])
    expect((await fsck(made.yard)).findings).toEqual([])
    expect(await digestsOf(made.yard, 'base')).toEqual(before)
  }

  const trees: TreeKind[][] = [['packages'], ['files'], ['packages', 'files']]
  it.each(trees.map(kinds => [kinds.join(' and '), kinds] as const))(
    'rebuilds every page of %s',
    async (_, kinds) => {
      const made = await mirrored()
      const pages = await Promise.all(kinds.map(kind => pagesIn(made.yard, kind)))
      expect(pages.flat().length).toBeGreaterThan(kinds.length)
      await heals(made, pages.flat())
    },
  )

  it('rebuilds each page of both trees alone', async () => {
    const made = await mirrored()
    for (const page of [...(await pagesIn(made.yard, 'packages')), ...(await pagesIn(made.yard, 'files'))])
      await heals(made, [page])
  })

  it('rebuilds pages of a repository without SHA-256 or signature, and of one with a package listed twice', async () => {
    const content = {
      packages: new Map([...few, ['again.rpm', few.get(beta)!]]),
      createrepo: ['--checksum', 'sha512'],
    }
    const made = await mirrored(content)
    const pages = await Promise.all((['packages', 'files'] as const).map(kind => pagesIn(made.yard, kind)))
    await heals(made, pages.flat())
  })

  it('rebuilds pages of an installation tree', async () => {
    const made = await rpmMirrored(world, signed, {
      verify: 'metadata',
      keyring: world.keyring,
      kickstart: true,
    })
    const { files } = made.repository
    files.set('images/boot.iso', Buffer.from('boots'))
    const sum = hash('sha256', files.get('images/boot.iso')!)
    const head = '[header]\ntype = productmd.treeinfo\nversion = 1.2\n[release]\nname = x\nversion = 1\n'
    const tree = '[tree]\narch = x86_64\nplatforms = x86_64\nvariants = Base\n'
    const variant = '[variant-Base]\nid = Base\nrepository = .\npackages = Packages\n'
    files.set(
      '.treeinfo',
      Buffer.from(`${head}${tree}[checksums]\nimages/boot.iso = sha256:${sum}\n${variant}`),
    )
    await syncTo(made.yard, 'created')
    expect(Object.keys(await digestsOf(made.yard, 'base'))).toContain('images/boot.iso')
    await heals(made, await pagesIn(made.yard, 'files'))
  })

  it('rebuilds pages with the primary.xml gone too, from upstream', async () => {
    const made = await mirrored()
    const digest = digestOf(made, pathOf(made.repository.files, 'primary'))
    expect(metadataOf(made.repository.files, 'primary').length).toBeGreaterThan(0)
    rmSync(fileOf(made.yard, 'blobs', digest))
    const before = made.repository.files.size
    const pages = await pagesIn(made.yard, 'packages')
    for (const page of pages) rmSync(fileOf(made.yard, 'pages', page))
    expect((await fsck(made.yard, true)).findings.filter(({ repaired }) => !repaired)).toEqual([])
    expect((await fsck(made.yard)).findings).toEqual([])
    expect(Object.keys(await digestsOf(made.yard, 'base'))).toHaveLength(before)
  })

  it('a primary.xml that was damaged in the store cannot spoil the next sync', async () => {
    const made = await mirrored({ packages: few })
    flip(fileOf(made.yard, 'blobs', digestOf(made, pathOf(made.repository.files, 'primary'))))
    made.repository.publish({ packages: less })
    await syncTo(made.yard, 'created')
    const held = Object.keys(await digestsOf(made.yard, 'base'))
    expect(held.filter(isRpm)).toEqual([...less.keys()])
  })
})
