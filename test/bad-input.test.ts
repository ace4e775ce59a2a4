import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Archive } from './world/apt/archive.ts'
import type { PackageSpec } from './world/apt/deb-package.ts'
import type { SuiteSpec } from './world/apt/suite-spec.ts'
import { hash } from './world/hash.ts'
import { add, createWorld, failsWith, isWhole, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

/** Replaces the bytes of an index and of its digests in Release, as a hostile but properly signed upstream would. */
function replaceIndex(archive: Archive, path: string, bytes: Buffer, more: Partial<SuiteSpec> = {}): void {
  const old = archive.files.get(`dists/stable/${path}`)!
  const release = archive.files
    .get('dists/stable/Release')!
    .toString('latin1')
    .replace(new RegExp(` ${hash('sha256', old)} +\\d+ `), ` ${hash('sha256', bytes)} ${bytes.length} `)
    .replace(new RegExp(` ${hash('md5', old)} +\\d+ `), ` ${hash('md5', bytes)} ${bytes.length} `)
  const text = Buffer.from(release, 'latin1')
  archive.files.set(`dists/stable/${path}`, bytes)
  const directory = path.slice(0, path.lastIndexOf('/') + 1)
  archive.files.set(`dists/stable/${directory}by-hash/SHA256/${hash('sha256', bytes)}`, bytes)
  archive.files.set('dists/stable/Release', text)
  archive.files.set('dists/stable/InRelease', world.signing.inline(text, more.key ?? 'good'))
}

const packages = 'main/binary-amd64/Packages.gz'

/** A properly signed upstream says something that no upstream should; the sync fails, naming it, and nothing is lost. */
async function refusesIndex(make: (text: string) => Buffer, ...words: (string | RegExp)[]): Promise<void> {
  const { archive, yard } = await world.mirrored({ compressions: ['gz'] })
  await syncTo(yard, 'created')
  add(archive, { name: 'two' })
  const { gunzipSync } = await import('node:zlib')
  const text = gunzipSync(archive.files.get(`dists/stable/${packages}`)!).toString('latin1')
  replaceIndex(archive, packages, make(text))
  failsWith(await yard.run('sync'), 1, 'binary-amd64/Packages.gz', ...words)
  await isWhole(yard, 1)
}

const packed = (text: string) => gzipSync(Buffer.from(text, 'latin1'))

describe.concurrent('a signed Packages file is refused', () => {
  it.each([
    ['leaves the archive', '../../etc/passwd'],
    ['is absolute', '/etc/passwd'],
    ['leaves it in the middle', 'pool/../../x.deb'],
    ['has an empty segment', 'pool//x.deb'],
  ])('whose Filename %s', (_, path) =>
    refusesIndex(text => packed(text.replace(/Filename: .*two.*/, `Filename: ${path}`)), /two 1\.0-1/, path),
  )

  it('whose Filename has a NUL', () =>
    refusesIndex(text => packed(text.replace(/Filename: .*two.*/, 'Filename: pool/\0x.deb')), /NUL/))

  it('whose gzip is cut off', () =>
    refusesIndex(text => packed(text).subarray(0, -20), /unexpected end|truncated|ends|cut/i))

  it('that is no gzip', () => refusesIndex(text => Buffer.from(text), /gzip|header|magic/i))

  it('whose gzip has bytes behind it', () =>
    refusesIndex(text => Buffer.concat([packed(text), Buffer.from('garbage')]), /gzip|after|behind|garbage/i))

  it('that is not deb822', () => refusesIndex(() => packed('this is no stanza\n\x01\x02\n'), /Packages\.gz/))

  it('whose package has no SHA-256', () =>
    refusesIndex(text => packed(text.replace(/SHA256: .*\n/g, '')), /SHA-?256/, /MD5/))

  it.each([
    ['negative', '-5'],
    ['no number', 'many'],
    ['beyond reason', '99999999999999999999'],
  ])('whose Size is %s', (_, size) =>
    refusesIndex(text => packed(text.replace(/Size: .*/g, `Size: ${size}`)), /Size/),
  )

  it('with a field given twice', () =>
    refusesIndex(text => packed(text.replace(/^Version: .*$/gm, '$&\n$&')), /Version/))

  it('that decompresses to more than Release says', async () => {
    const { archive, yard } = await world.mirrored({ compressions: ['none', 'gz'] })
    await syncTo(yard, 'created')
    add(archive, { name: 'two' })
    replaceIndex(archive, packages, gzipSync(Buffer.alloc(64 * 1024 * 1024)))
    failsWith(await yard.run('sync'), 1, 'binary-amd64/Packages.gz', /more than|larger|exceeds|too/i)
    await isWhole(yard, 1)
  })
})

describe.concurrent('a signed Release is refused', () => {
  const refusesRelease = async (change: (text: string) => string, ...words: (string | RegExp)[]) => {
    const { archive, yard } = await world.mirrored()
    await syncTo(yard, 'created')
    add(archive, { name: 'two' })
    const text = change(archive.files.get('dists/stable/Release')!.toString('latin1'))
    archive.files.set('dists/stable/InRelease', world.signing.inline(Buffer.from(text, 'latin1'), 'good'))
    const run = await yard.run('sync')
    expect([1, 2]).toContain(run.status)
    failsWith(run, run.status!, ...words)
    await isWhole(yard, 1)
  }
  it('that names a path outside of it', () =>
    refusesRelease(
      text => text.replace(/main\/binary-amd64\/Packages\.gz/g, '../../../etc/passwd'),
      /InRelease/,
      /etc\/passwd/,
    ))
  it('without a Date', () => refusesRelease(text => text.replace(/^Date: .*\n/m, ''), /InRelease/, /Date/))
  it('whose Date is none', () =>
    refusesRelease(text => text.replace(/^Date: .*$/m, 'Date: yesterday'), /InRelease/, /yesterday/))
  it('that names one path with two digests', () =>
    refusesRelease(
      text => `${text} ${'0'.repeat(64)} 5 main/binary-amd64/Packages.gz\n`,
      /twice/,
      /Packages\.gz/,
    ))
  it('without the component that we want', () =>
    refusesRelease(text => text.replaceAll('main/', 'other/'), /main/))
  it('of two stanzas', () => refusesRelease(text => `${text}\nOrigin: second\n`, /InRelease/, /stanza/))
})

describe.concurrent('packages that are at odds', () => {
  it('one path with two contents in one snapshot is refused, naming the path', async () => {
    const path = 'pool/main/t/twin.deb'
    const { archive, yard } = await world.mirrored()
    await syncTo(yard, 'created')
    const twins: PackageSpec[] = [
      { name: 'twin', version: '1', path },
      { name: 'twin', version: '2', path },
    ]
    add(archive, ...twins)
    failsWith(await yard.run('sync'), 1, path, /different bytes/)
    await isWhole(yard, 1)
  })

  it('a package whose size is not the stated one is refused, naming both', async () => {
    const { archive, yard } = await world.mirrored({ compressions: ['gz'] })
    await syncTo(yard, 'created')
    add(archive, { name: 'two' })
    const { gunzipSync } = await import('node:zlib')
    const text = gunzipSync(archive.files.get(`dists/stable/${packages}`)!).toString('latin1')
    replaceIndex(
      archive,
      packages,
      packed(text.replace(/(Package: two\n[\s\S]*?Size: )\d+/, (_, head) => `${head}10`)),
    )
    failsWith(await yard.run('sync'), 1, 'two_1.0-1_amd64.deb', /660 bytes.*10/)
    await isWhole(yard, 1)
  })
})

const good = `repositories:
  debian:
    upstream:
      format: apt
      url: http://127.0.0.1:1/debian
      suite: stable
      components: [main]
      architectures: [amd64]
      keyring: /tmp/none.gpg
  base:
    compose:
      from: [debian]
`

describe.concurrent('a mistake in switchyard.yaml', () => {
  it.each<[string, string, string, number, RegExp]>([
    ['an unknown key', 'components:', 'componnents:', 7, /componnents.*components/s],
    ['a wrong type', 'suite: stable', 'suite: [a, b]', 6, /suite/],
    ['a dangling name', 'from: [debian]', 'from: [debain]', 12, /debain.*debian/s],
    ['a key given twice', '      suite: stable\n', '      suite: stable\n      suite: testing\n', 7, /suite/],
    ['a bad URL', 'url: http://127.0.0.1:1/debian', 'url: mirror.example.org', 5, /mirror\.example\.org/],
    ['a password in a URL', 'http://127', 'http://me:s3kr3t@127', 5, /password|credential/i],
    ['a name that is none', '  base:', '  Base:', 10, /Base/],
    ['no architecture', '      architectures: [amd64]\n', '', 4, /architectures/],
    ['a composition of itself', 'from: [debian]', 'from: [base]', 12, /base/],
    ['a second document', 'repositories:', '---\na: b\n---\nrepositories:', 1, /document|yaml/i],
  ])('%s: exit status 2 with file and line', async (_, old, changed, line, words) => {
    const yard = world.yard()
    const file = join(yard.directory, 'switchyard.yaml')
    writeFileSync(file, good.replace(old, changed))
    for (const command of [['sync'], ['snapshots'], ['gc']]) {
      const run = await yard.run(...command)
      failsWith(run, 2, words)
      if (line > 1) expect(run.stderr).toContain(`${file}:${line}`)
      expect(run.stderr).not.toContain('s3kr3t')
    }
  })

  it('a repository that is not there: the nearest name', async () => {
    const yard = world.yard()
    writeFileSync(join(yard.directory, 'switchyard.yaml'), good)
    failsWith(await yard.run('sync', 'debain'), 1, /debain/, /did you mean debian/)
    failsWith(await yard.run('snapshots', 'debain'), 1, /debain/)
    failsWith(await yard.run('diff', 'debian', 'debian@20260101T000000Z'), 1, /no snapshot/i)
    failsWith(await yard.run('diff', 'debian@yesterday', 'debian'), 2, /yesterday/)
  })

  it('no yard, and no file: what to do', async () => {
    const yard = world.yard()
    failsWith(await world.yard({}, { directory: yard.directory }).run('sync', '--unknown'), 2, /unknown/)
    failsWith(await yard.run('no-such-command'), 2, /no-such-command/)
  })
})
