import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildRpms, type RpmRecipe } from '../src/formats/rpm/build-rpms.fixture.ts'
import type { UploadReport } from '../src/yard/index.ts'
import { buildDeb, type PackageSpec } from './world/apt/deb-package.ts'
import { fileOf, flip } from './world/damage.ts'
import { hash } from './world/hash.ts'
import { momentsOf } from './world/moments.ts'
import { mirrorOf, readAll, type Settings, type TestYard } from './world/test-yard.ts'
import { createWorld, digestsOf, failsWith, isWhole, syncTo, type World } from './world/world.ts'

let world: World
let directory: string
beforeAll(() => {
  world = createWorld()
  directory = mkdtempSync(join(tmpdir(), 'switchyard-offered-'))
  world.atEnd(() => rmSync(directory, { recursive: true, force: true }))
})
afterAll(() => world.remove())

const ours = (uploads: unknown, more: { [name: string]: Settings } = {}): TestYard =>
  world.yard({ ours: { uploads }, ...more })

function put(files: Map<string, Buffer>): string[] {
  const folder = mkdtempSync(join(directory, 'files-'))
  return [...files].map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  })
}

const debs = (...specs: PackageSpec[]) =>
  put(new Map(specs.map((spec, i) => [`${i}-${spec.name}.deb`, buildDeb(spec)])))
const rpms = (...names: string[]) => put(buildRpms(names.map(name => recipe(name))))
const recipe = (name: string, more: Partial<RpmRecipe> = {}): RpmRecipe => ({
  name,
  files: { [`/usr/share/${name}`]: name },
  ...more,
})

async function upload(yard: TestYard, ...files: string[]): Promise<UploadReport> {
  const report = await yard.use(open => open.yard.upload('ours' as never, files))
  expect(report).toMatchObject({ outcome: 'created' })
  return report
}

/** The one file of a directory whose name has this part. */
const read = (yard: TestYard, reference: string, folder: string, part: string): Promise<Buffer> =>
  yard.use(async open => {
    const [entry] = (await open.yard.list(reference, folder)).filter(({ name }) => name.includes(part))
    return readAll(await open.yard.cat(reference, `${folder}/${entry!.name}`))
  })

describe('the metadata of uploaded RPM packages', () => {
  it('are what createrepo_c writes of the same files, each fragment byte for byte', async () => {
    const built = buildRpms(
      [
        recipe('plain', { sections: { '%post -p /bin/sh': 'true' } }),
        recipe('Deps', {
          epoch: 3,
          version: '2.0~rc1^git2',
          preamble: [
            'Requires: plain >= 1.0, (a if b else c)',
            'Provides: virtual(x) = 1:2-3',
            'Conflicts: old < 1',
            'Obsoletes: old <= 1',
            'Recommends: nice',
            'Suggests: maybe',
            'Supplements: plain',
            'Enhances: other',
          ],
        }),
        recipe('native', { arch: 'native', files: { '/usr/bin/native': 'x', '/etc/native&.conf': 'y' } }),
        recipe('text', { summary: 'a <b> & "c"', description: 'line\n\nline with \xc3\xa4' }),
      ],
      {
        withSource: true,
        sources: { 'source.tar': 'x' },
        changelog: '* Wed Nov 18 2026 A <a@example.org> - 1\n- first\n\n* Tue Nov 17 2026 B\n- zeroth',
      },
    )
    const yard = ours('rpm')
    const report = await upload(yard, ...put(built))
    const tree = mkdtempSync(join(directory, 'tree-'))
    if (report.outcome !== 'created') throw new Error('created')
    for (const { path, file } of report.files) {
      mkdirSync(dirname(join(tree, path)), { recursive: true })
      execFileSync('cp', [file, join(tree, path)])
      const query = ['-qp', '--qf', '%{BUILDTIME}', file]
      const buildTime = Number(execFileSync('rpm', query, { stdio: ['ignore', 'pipe', 'ignore'] }))
      utimesSync(join(tree, path), buildTime, buildTime)
    }
    execFileSync('createrepo_c', ['--quiet', '--no-database', tree])
    const theirs = (name: string) => {
      const [file] = readdirSync(join(tree, 'repodata')).filter(entry => entry.includes(name))
      return gunzipSync(execFileSync('cat', [join(tree, 'repodata', file!)])).toString('latin1')
    }
    const fragments = (text: string) => text.match(/<package .*?<\/package>/gs)!.sort()
    for (const name of ['primary', 'filelists', 'other']) {
      const document = gunzipSync(await read(yard, 'ours', 'repodata', name)).toString('latin1')
      expect(fragments(document)).toEqual(fragments(theirs(name)))
      expect(fragments(document)).toHaveLength(5)
    }
    await isWhole(yard, 1)
  })
})

describe('a repository of uploads', () => {
  it('has an empty first snapshot after a sync, so that a composition can name it', async () => {
    const base = { compose: { from: ['debian', 'ours'], prefer: ['ours'] } }
    const { server, yard } = await world.mirrored({ packages: { main: [{ name: 'one' }, { name: 'two' }] } })
    const debian = mirrorOf(server.url, world.keyring, {}, { policy: 'immediate' })
    yard.configure({ debian, ours: { uploads: 'deb' }, base })
    await syncTo(yard, 'created')
    await syncTo(yard, 'unchanged')
    await upload(yard, ...debs({ name: 'one', version: '0.9' }, { name: 'three' }))
    const reports = await yard.sync()
    expect(reports.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'created'])
    const packages = gunzipSync(await read(yard, 'base', 'dists/stable/main/binary-amd64', 'Packages.gz'))
    expect(packages.toString().match(/^(?:Package|Version): .*$/gm)).toEqual([
      'Package: one',
      'Version: 0.9',
      'Package: three',
      'Version: 1.0-1',
      'Package: two',
      'Version: 1.0-1',
    ])
    await isWhole(yard, 5)
  })

  it('for dnf is an input as well', async () => {
    const yard = ours('rpm', { base: { compose: { from: ['ours'], exclude: ['two'] } } })
    await upload(yard, ...rpms('one', 'two'))
    await yard.sync()
    const primary = gunzipSync(await read(yard, 'base', 'repodata', 'primary')).toString()
    expect(primary.match(/<name>.*<\/name>/g)).toEqual(['<name>one</name>'])
    const other = gunzipSync(await read(yard, 'base', 'repodata', 'other')).toString()
    expect(other.match(/name="\w+"/g)).toEqual(['name="one"'])
    await isWhole(yard, 2)
  })

  it('is published anew, with the same packages, when its settings change', async () => {
    const yard = ours({ format: 'deb', architectures: ['amd64'] })
    await upload(yard, ...debs({ name: 'one' }, { name: 'all', architecture: 'all' }))
    const settings = {
      format: 'deb',
      architectures: ['amd64', 'arm64'],
      components: ['extra'],
      compression: ['xz'],
    }
    yard.configure({ ours: { uploads: settings } })
    await syncTo(yard, 'created')
    await syncTo(yard, 'unchanged')
    const { record } = await yard.use(open => open.yard.snapshot('ours'))
    expect(record).toMatchObject({ packageCount: 3, suites: [{ components: ['extra'] }] })
    await upload(yard, ...debs({ name: 'two', architecture: 'arm64' }))
    yard.configure({ ours: { uploads: { ...settings, architectures: ['arm64'] } } })
    failsWith(await yard.run('sync'), 3, /it has packages of amd64 \(one 1.0-1\)/)
    yard.configure({ ours: { uploads: { ...settings, label: 'other' } } })
    failsWith(await yard.run('sync'), 3, 'label would change')
    failsWith(await yard.run('upload', 'ours', debs({ name: 'three' })[0]!), 3, 'label would change')
    expect(await yard.run('sync', '--allow-identity-change')).toMatchObject({ status: 0 })
    await isWhole(yard, 4)
    const forDnf = ours('rpm')
    await upload(forDnf, ...rpms('one'))
    forDnf.configure({ ours: { uploads: { format: 'rpm', compression: ['zst'] } } })
    await syncTo(forDnf, 'created')
    expect([...Object.keys(await digestsOf(forDnf, 'ours'))].filter(path => /xml.gz$/.test(path))).toEqual([])
    await isWhole(forDnf, 2)
  })

  it('goes back when its newest snapshot is removed, and gc leaves what others name', async () => {
    const yard = ours('rpm')
    await upload(yard, ...rpms('one'))
    const report = await upload(yard, ...rpms('wrong'))
    const before = await digestsOf(yard, 'ours')
    if (report.outcome !== 'created') throw new Error('created')
    const { timestamp } = report.snapshot.record
    expect(await yard.run('rm', `ours@${timestamp}`)).toMatchObject({ status: 0 })
    expect(await yard.run('gc')).toMatchObject({ status: 0 })
    await upload(yard, ...rpms('right'))
    const names = Object.keys(await digestsOf(yard, 'ours')).filter(path => path.endsWith('.rpm'))
    expect(names).toEqual(['Packages/o/one-1.0-1.noarch.rpm', 'Packages/r/right-1.0-1.noarch.rpm'])
    expect(Object.keys(before)).toContain('Packages/w/wrong-1.0-1.noarch.rpm')
    await isWhole(yard, 2)
  })

  it.each(['deb', 'rpm'])(
    'is healed by fsck: metadata and pages; a package by uploading it again (%s)',
    async format => {
      const yard = ours(format)
      const files = format === 'deb' ? debs({ name: 'one' }, { name: 'two' }) : rpms('one', 'two')
      const report = await upload(yard, ...files)
      if (report.outcome !== 'created') throw new Error('created')
      const before = await digestsOf(yard, 'ours')
      const metadata = Object.entries(before).filter(([path]) => /^(?:dists|repodata)\//.test(path))
      for (const [, digest] of metadata) flip(fileOf(yard, 'blobs', digest))
      const { record } = report.snapshot
      const repair = await yard.run('fsck', '--repair')
      expect(repair, repair.stderr).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('all repaired'),
      })
      for (const tree of [record.packages, record.files]) {
        rmSync(`${fileOf(yard, 'pages', tree)}`)
        const again = await yard.run('fsck', '--repair')
        expect(again, again.stderr).toMatchObject({
          status: 0,
          stdout: expect.stringContaining('all repaired'),
        })
      }
      expect(await digestsOf(yard, 'ours')).toEqual(before)
      const lost = report.files[0]!
      rmSync(fileOf(yard, 'blobs', lost.sha256))
      failsWith(await yard.run('fsck', '--repair'), 1, lost.path, /missing/)
      expect(await yard.run('upload', 'ours', lost.file)).toMatchObject({ status: 0 })
      expect(await digestsOf(yard, 'ours')).toEqual(before)
      await isWhole(yard, 1)
    },
  )
})

describe('uploads side by side', () => {
  it('end both, or one is told that the other runs', async () => {
    const yard = ours('rpm')
    const runs = await Promise.all(
      [rpms('one'), rpms('two')].map(files => yard.run('upload', 'ours', ...files)),
    )
    for (const run of runs) if (run.status !== 0) failsWith(run, 1, 'another job is running')
    const done = runs.filter(({ status }) => status === 0).length
    expect(done).toBeGreaterThan(0)
    await isWhole(yard, done)
  })

  it('killed with -9 at 16 moments leave the old snapshot whole, and the next one brings everything', async () => {
    const yard = ours('deb')
    const moments = await momentsOf(() => upload(yard, ...debs({ name: 'first' })))
    const names: string[] = ['first']
    let killed = 0
    for (let i = 0; killed < 16; i++) {
      const before = await digestsOf(yard, 'ours')
      const specs = Array.from({ length: 40 }, (_, j) => ({ name: `r${i}p${j}`, weight: 100_000 }))
      const files = debs(...specs)
      const command = yard.start('upload', 'ours', ...files)
      await moments.next()
      command.kill('SIGKILL')
      const { signal, status } = await command.done
      expect((await yard.use(open => open.yard.fsck())).findings).toEqual([])
      const after = Object.keys(await digestsOf(yard, 'ours')).filter(path => path.startsWith('pool'))
      const isIn = after.length > names.length
      if (signal === null) {
        expect([status, isIn]).toEqual([0, true])
        moments.tooLate()
      } else killed++
      if (isIn) names.push(...specs.map(({ name }) => name))
      else expect(await digestsOf(yard, 'ours')).toEqual(before)
      expect(after).toHaveLength(names.length)
    }
    await upload(yard, ...debs({ name: 'last' }))
    expect(hash('sha256', buildDeb({ name: 'last' }))).toBe(
      (await digestsOf(yard, 'ours'))['pool/main/l/last/last_1.0-1_amd64.deb'],
    )
  }, 120_000)
})
