import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPackage as dpkgDeb } from '../src/formats/deb/package.fixture.ts'
import { buildRpm, buildRpms, type RpmRecipe } from '../src/formats/rpm/build-rpms.fixture.ts'
import type { UploadReport } from '../src/yard/index.ts'
import { buildDeb, type PackageSpec } from './world/apt/deb-package.ts'
import { hash } from './world/hash.ts'
import { createDnf } from './world/rpm/client.ts'
import { signRpm } from './world/rpm/sign-rpm.ts'
import { startServer } from './world/running-server.ts'
import { aptOf, cleanUpdate } from './world/served.ts'
import { contentOf, type Settings, type TestYard } from './world/test-yard.ts'
import { createWorld, failsWith, isWhole, type World } from './world/world.ts'

let world: World
let directory: string
beforeAll(() => {
  world = createWorld()
  directory = mkdtempSync(join(tmpdir(), 'switchyard-offered-'))
  world.atEnd(() => rmSync(directory, { recursive: true, force: true }))
})
afterAll(() => world.remove())

const listening = { more: { server: { listen: '127.0.0.1:0' } } }
const ours = (uploads: unknown, more: { [name: string]: Settings } = {}): TestYard =>
  world.yard({ ours: { uploads }, ...more }, listening)

/** Files in a folder of their own, by name; their paths. */
function put(files: { [name: string]: Buffer | string }): string[] {
  const folder = mkdtempSync(join(directory, 'files-'))
  return Object.entries(files).map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  })
}

const debs = (...specs: PackageSpec[]) =>
  put(Object.fromEntries(specs.map((spec, i) => [`${i}-${spec.name}.deb`, buildDeb(spec)])))
const rpms = (...recipes: RpmRecipe[]) => put(Object.fromEntries(buildRpms(recipes)))

const upload = (yard: TestYard, ...files: string[]): Promise<UploadReport> =>
  yard.use(open => open.yard.upload('ours' as never, files))

async function uploaded(yard: TestYard, ...files: string[]) {
  const report = await upload(yard, ...files)
  expect(report).toMatchObject({ outcome: 'created' })
  return report as UploadReport & { outcome: 'created' }
}

/** The reasons for which an upload is refused; nothing has changed then. */
async function refusals(yard: TestYard, ...files: string[]): Promise<{ [file: string]: string }> {
  const before = await yard.use(open => open.yard.snapshots())
  const report = await upload(yard, ...files)
  if (report.outcome !== 'refused') throw new Error(`nothing was refused: ${JSON.stringify(report)}`)
  expect(await yard.use(open => open.yard.snapshots())).toEqual(before)
  return Object.fromEntries(report.refused.map(({ name, code, message }) => [name, `${code}: ${message}`]))
}

const filesOf = (yard: TestYard, reference = 'ours') => yard.use(open => contentOf(open, reference))
const recipe = (name: string, more: Partial<RpmRecipe> = {}): RpmRecipe => ({
  name,
  files: { [`/usr/share/${name}`]: name },
  ...more,
})

describe('an uploaded package', () => {
  it('is installed and upgraded by a real apt, out of what dpkg-deb built', async () => {
    const control = (version: string) =>
      `Package: tool\nVersion: ${version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: a tool\n`
    const built = (version: string, ...options: string[]) =>
      dpkgDeb({ files: { 'DEBIAN/control': control(version), 'usr/share/tool': version }, options })
    const yard = ours({ format: 'deb', architectures: ['amd64', 'arm64'] })
    await uploaded(yard, ...put({ 'a.deb': built('1:1.0-1', '-Zxz') }))
    const server = await startServer(yard)
    world.atEnd(() => server.stop())
    const apt = await aptOf(world, server, 'ours/apt.sources')
    await cleanUpdate(apt)
    await apt.install('tool')
    expect(await apt.installed()).toEqual(new Map([['tool', '1:1.0-1']]))
    await uploaded(yard, ...put({ 'b.deb': built('1:1.1~rc1-1', '-Zgzip') }))
    await cleanUpdate(apt)
    await apt.install('tool')
    expect(await apt.installed()).toEqual(new Map([['tool', '1:1.1~rc1-1']]))
    expect([...(await filesOf(yard)).keys()].filter(path => path.startsWith('pool'))).toEqual([
      'pool/main/t/tool/tool_1.0-1_all.deb',
      'pool/main/t/tool/tool_1.1~rc1-1_all.deb',
    ])
  })

  it('is installed and upgraded by a real dnf, which verifies metadata and packages', async () => {
    const key = world.signing.key('good')
    const all = buildRpms([recipe('tool', { preamble: ['Requires: lib'] }), recipe('lib', { epoch: 1 })])
    const newer = buildRpms([recipe('tool', { version: '1.1^git1', preamble: ['Requires: lib'] })])
    const signed = (built: Map<string, Buffer>) =>
      put(Object.fromEntries([...built].map(([name, bytes]) => [name, signRpm(bytes, key)])))
    const yard = ours({ format: 'rpm', keyring: key.keyring })
    await uploaded(yard, ...signed(all))
    const server = await startServer(yard)
    world.atEnd(() => server.stop())
    const dnf = createDnf()
    world.atEnd(dnf.remove)
    const setup = await server.setup('ours/dnf.repo')
    expect(setup).toMatch(/^gpgcheck=1\nrepo_gpgcheck=1$/m)
    dnf.setRepository(setup)
    await dnf.ok('install', 'tool')
    expect(await dnf.installed()).toEqual(['lib-1:1.0-1.noarch', 'tool-1.0-1.noarch'])
    await uploaded(yard, ...signed(newer))
    await dnf.ok('--refresh', 'upgrade')
    expect(await dnf.installed()).toEqual(['lib-1:1.0-1.noarch', 'tool-1.1^git1-1.noarch'])
  })

  it('is told by diff, and its snapshots are whole', async () => {
    const yard = ours('rpm')
    const first = await uploaded(yard, ...rpms(recipe('one'), recipe('two')))
    await uploaded(yard, ...rpms(recipe('one', { version: '2' }), recipe('three')))
    const diff = await yard.use(open =>
      open.yard.diff(`ours@${first.snapshot.record.timestamp}`, 'ours@latest'),
    )
    expect(diff.packages.map(({ kind, name }) => [kind, name])).toEqual([
      ['added', 'one'],
      ['added', 'three'],
    ])
    await isWhole(yard, 2)
  })

  it.each(['deb', 'rpm'])('that is there already makes no snapshot (%s)', async format => {
    const yard = ours(format)
    const files =
      format === 'deb' ? debs({ name: 'one' }, { name: 'two' }) : rpms(recipe('one'), recipe('two'))
    await uploaded(yard, files[0]!)
    expect(await upload(yard, files[0]!, files[0]!)).toMatchObject({ outcome: 'unchanged' })
    const report = await uploaded(yard, ...files, files[1]!)
    expect(report.files.map(({ state }) => state)).toEqual(['there', 'added', 'there'])
    expect(report.change).toMatchObject({ added: 1 })
    await isWhole(yard, 2)
  })

  it('gives the same tree whatever its file was called and whenever it was copied', async () => {
    const built = [...buildRpms([recipe('one'), recipe('two')]).values()]
    const roots: string[] = []
    for (const names of [
      ['x.rpm', 'y.rpm'],
      ['b.rpm', 'a.rpm'],
    ] as const) {
      const yard = ours('rpm')
      const files = put({ [names[0]]: built[0]!, [names[1]]: built[1]! })
      const { record } = (await uploaded(yard, ...files.reverse())).snapshot
      roots.push(record.packages)
    }
    expect(roots[1]).toBe(roots[0])
  })

  it('comes in company: 100 at once are one snapshot', async () => {
    const yard = ours('rpm')
    const recipes = Array.from({ length: 100 }, (_, i) => recipe(`p${i}`))
    const report = await uploaded(yard, ...rpms(...recipes))
    expect(report).toMatchObject({ change: { added: 100 }, snapshot: { record: { packageCount: 100 } } })
    await isWhole(yard, 1)
  })
})

describe('a file is refused', () => {
  const good = buildRpm(recipe('good'))
  const flipped = (bytes: Buffer, at: number) => {
    const copy = Buffer.from(bytes)
    copy[at < 0 ? copy.length + at : at]! ^= 1
    return copy
  }

  it('when it is no whole RPM package; every one is named with its reason, and none comes in', async () => {
    const yard = ours('rpm')
    const files = put({
      'good.rpm': good,
      'corrupt.rpm': flipped(good, -10),
      'header.rpm': flipped(good, good.indexOf('package good') + 1),
      'truncated.rpm': good.subarray(0, good.length - 30),
      'half.rpm': good.subarray(0, 200),
      'text.rpm': 'hello',
      'empty.rpm': '',
      'other.deb': buildDeb({ name: 'other' }),
    })
    const missing = join(directory, 'missing.rpm')
    const folder = join(directory, 'folder.rpm')
    mkdirSync(folder)
    const [circle, unreadable] = [join(directory, 'circle.rpm'), join(directory, 'unreadable.rpm')]
    symlinkSync(circle, circle)
    symlinkSync('/proc/self/mem', unreadable)
    const reasons = await refusals(yard, ...files, missing, folder, circle, unreadable)
    const [, corrupt, header, truncated, half, text, empty, deb] = files as [string, ...string[]]
    expect(reasons).toEqual({
      [corrupt!]: expect.stringMatching(/^invalid: .*payload's sha256 is/),
      [header!]: expect.stringMatching(/^invalid: .*header's/),
      [truncated!]: expect.stringMatching(/^invalid: .*payload's sha256 is/),
      [half!]: expect.stringMatching(/^invalid: .*it ends at byte/),
      [text!]: expect.stringMatching(/^invalid: .*does not begin as one/),
      [empty!]: expect.stringMatching(/^invalid: .*does not begin as one/),
      [deb!]: expect.stringMatching(/^refused: .*takes files called \*\.rpm/),
      [missing]: `not-found: ${missing} cannot be read: there is no such file`,
      [circle]: `invalid: ${circle} cannot be read: ELOOP`,
      [unreadable]: `invalid: ${unreadable} cannot be read: EIO`,
      [folder]: `invalid: ${folder} is a directory`,
    })
    const kept = await yard.use(open => open.yard.fsck())
    expect(kept.checkedBlobs).toBe(1)
  })

  it('when it is no whole Debian package, or one for somebody else', async () => {
    const yard = ours({ format: 'deb', architectures: ['amd64'] })
    const deb = buildDeb({ name: 'good', weight: 5_000 })
    const files = put({
      'good.deb': deb,
      'truncated.deb': deb.subarray(0, deb.length - 4_000),
      'corrupt.deb': flipped(buildDeb({ name: 'x' }), -20),
      'text.deb': 'hello',
      'arm.deb': buildDeb({ name: 'arm', architecture: 'arm64' }),
      'version.deb': buildDeb({ name: 'version', version: '1:' }),
      'name.deb': buildDeb({ name: '../name' }),
      'field.deb': buildDeb({ name: 'field', fields: { Filename: 'x' } }),
      'installer.udeb': deb,
      'source.dsc': 'Format: 3.0\n',
      'good.changes': 'Format: 1.8\n',
      'good.rpm': good,
    })
    const reasons = Object.values(await refusals(yard, ...files))
    expect(reasons).toEqual([
      expect.stringMatching(/^invalid: .*truncated.deb.*cut short/),
      expect.stringMatching(/^invalid: .*corrupt.deb/),
      expect.stringMatching(/^invalid: .*does not begin with !<arch>/),
      expect.stringMatching(/^refused: .*its architecture is arm64, and ours takes amd64, all/),
      expect.stringMatching(/^invalid: .*version/),
      expect.stringMatching(/^invalid: .*"..\/name" is no valid Package/),
      expect.stringMatching(/^invalid: .*filename, which only an index has/),
      expect.stringMatching(/^refused: .*installer/),
      expect.stringMatching(/^refused: .*a source package/),
      expect.stringMatching(/^refused: .*a list of what was built/),
      expect.stringMatching(/^refused: .*takes files called \*\.deb/),
    ])
  })

  it('when its architecture is not one of the repository', async () => {
    const yard = ours({ format: 'rpm', architectures: ['aarch64'] })
    const files = rpms(recipe('native', { arch: 'native' }), recipe('neutral'))
    expect(Object.values(await refusals(yard, ...files))).toEqual([
      expect.stringMatching(/native.*its architecture is x86_64, and ours takes aarch64, noarch/),
    ])
    await uploaded(yard, files.find(file => file.includes('neutral'))!)
  })

  it('when keys are named and none of them has signed it', async () => {
    const yard = ours({ format: 'rpm', keyring: world.keyring })
    const files = put({
      'signed.rpm': signRpm(good, world.signing.key('good')),
      'unsigned.rpm': good,
      'other.rpm': signRpm(good, world.signing.key('other')),
    })
    expect(Object.values(await refusals(yard, ...files))).toEqual([
      expect.stringMatching(/^refused: .*unsigned.rpm is refused: its header is not signed/),
      expect.stringMatching(/^refused: .*other.rpm is refused: .*key/),
    ])
    await uploaded(yard, files[0]!)
  })

  it('when its name and version have other bytes already, there or in the same upload', async () => {
    const yard = ours('rpm')
    const again = { ...recipe('one'), summary: 'built anew' }
    const [first, ...others] = [...rpms(recipe('one')), ...rpms(again), ...rpms(recipe('one', { epoch: 1 }))]
    const within = await refusals(yard, first!, ...others)
    expect(Object.values(within)).toEqual([
      expect.stringMatching(/^refused: .*one 1.0-1 \(noarch\)/),
      expect.stringMatching(
        /^refused: .*one 1:1.0-1 \(noarch\), or for its path Packages\/o\/one-1.0-1.noarch.rpm/,
      ),
    ])
    await uploaded(yard, first!)
    expect(Object.values(await refusals(yard, ...others))).toHaveLength(2)
    const forApt = ours('deb')
    const [one, other] = debs({ name: 'one' }, { name: 'one', fields: { Source: 'elsewhere' } })
    await uploaded(forApt, one!)
    expect(Object.values(await refusals(forApt, other!))).toEqual([
      expect.stringMatching(/^refused: .*ours has other bytes for one 1.0-1 \(amd64\)/),
    ])
  })
})

describe('the command', () => {
  it('says what it did, and --json says it to programs', async () => {
    const yard = ours('deb')
    const [one, two] = debs({ name: 'one' }, { name: 'two', version: '1:2-1' })
    const first = await yard.run('upload', 'ours', one!)
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect(first.stdout).toMatch(/^ours@\d{8}T\d{6}Z {2}1 added; 1 package, /)
    const { status, stdout } = await yard.run('upload', 'ours', one!, two!, '--json')
    const report = JSON.parse(stdout)
    expect(status).toBe(0)
    expect(report).toMatchObject({ repository: 'ours', outcome: 'created', change: { added: 1 } })
    expect(report.files[1]).toEqual({
      file: two,
      name: 'two',
      version: '1:2-1',
      architecture: 'amd64',
      path: 'pool/main/t/two/two_2-1_amd64.deb',
      sha256: hash('sha256', buildDeb({ name: 'two', version: '1:2-1' })),
      size: expect.any(Number),
      state: 'added',
    })
    expect((await yard.run('upload', 'ours', one!)).stdout).toMatch(
      /nothing new since .*; 1 file already there/,
    )
  })

  it('ends with 3 for what the repository does not take, 1 for a bad file or both, and names each', async () => {
    const yard = ours('deb')
    const [arm, text] = put({
      'arm.deb': buildDeb({ name: 'arm', architecture: 'arm64' }),
      'text.deb': 'hello',
    })
    failsWith(
      await yard.run('upload', 'ours', arm!),
      3,
      'arm.deb is refused',
      '1 of 1 file',
      'nothing was changed',
    )
    failsWith(await yard.run('upload', 'ours', text!), 1, 'text.deb')
    failsWith(await yard.run('upload', 'ours', arm!, text!), 1, 'arm.deb', 'text.deb', '2 of 2 files')
    const json = await yard.run('upload', 'ours', arm!, text!, '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({
      outcome: 'refused',
      refused: [
        { name: arm, code: 'refused' },
        { name: text, code: 'invalid' },
      ],
    })
  })

  it('knows which repositories take uploads', async () => {
    const yard = ours('deb', { base: { compose: { from: ['ours'] } } })
    const [file] = debs({ name: 'one' })
    failsWith(await yard.run('upload', 'our', file!), 1, 'there is no repository our', 'did you mean ours?')
    failsWith(
      await yard.run('upload', 'base', file!),
      1,
      'composed from other repositories',
      'there are: ours',
    )
  })
})
