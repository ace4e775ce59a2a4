import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildRpms, type RpmRecipe } from '../src/formats/rpm/build-rpms.fixture.ts'
import { byteStringOfText } from '../src/model/index.ts'
import type { SnapshotDiff } from '../src/repository/index.ts'
import { serveArchive } from './world/archive-server.ts'
import { createRpmRepository, type RpmContent } from './world/rpm/repository.ts'
import { startServer } from './world/running-server.ts'
import { mirrorOf, type TestYard } from './world/test-yard.ts'
import { createWorld, failsWith, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const entry = (day: string, version: string, text: string) =>
  byteStringOfText(`* ${day} Zoë Nobody <zoe@example.org> - ${version}\n- ${text}\n`)
const first = entry('Mon Nov 02 2026', '1.0-1', 'First.')
const between = entry('Tue Nov 03 2026', '1.0-2', 'In between.')
const newest = entry('Wed Nov 04 2026', '1.1-1', 'Fix CVE-2026-0001, größer.')

const named = (version: string, ...names: string[]): RpmRecipe[] =>
  names.map(name => ({ name, version, files: { [`/usr/share/${name}`]: `${name} ${version}` } }))

const dayOne = buildRpms(named('1.0', 'kernel-core', 'openssl-libs', 'app', 'app-doc', 'gone'), {
  changelog: first,
})
const dayTwo = buildRpms(named('1.1', 'kernel-core', 'openssl-libs', 'app', 'app-doc', 'come'), {
  changelog: `${newest}\n${between}\n${first}`,
})
const both = buildRpms(named('1.0', 'same'), { changelog: first })

const pool = (...sets: Map<string, Buffer>[]) =>
  new Map(sets.flatMap(set => [...set]).map(([file, bytes]) => [`Packages/${file}`, bytes]))

interface AdvisorySpec {
  id: string
  type?: string
  severity?: string
  updated?: string
  references?: string
  packages?: [name: string, version: string, inside?: string][]
}
const advisory = ({
  id,
  type = 'security',
  severity = '',
  updated,
  references,
  packages = [],
}: AdvisorySpec) =>
  `<update from="updates@example.org" status="final" type="${type}" version="1"><id>${id}</id>` +
  `<title>${id}: größer</title><severity>${severity}</severity><issued date="2026-11-04 06:45:00"/>` +
  `<updated date="${updated ?? '2026-11-04 06:45:00'}"/><description>Text.</description>` +
  `<references>${references ?? ''}</references><pkglist><collection short="ex">${packages
    .map(
      ([name, version, inside = '']) =>
        `<package name="${name}" version="${version}" release="1" epoch="0" arch="noarch" src="source-1.0-1.src.rpm">` +
        `<filename>${name}-${version}-1.noarch.rpm</filename>${inside}</package>`,
    )
    .join('')}</collection></pkglist></update>`
const updateinfo = (...advisories: AdvisorySpec[]) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<updates>${advisories.map(advisory).join('\n')}</updates>\n`

const moduleOf = (stream: string, version: string) =>
  `---\ndocument: modulemd\nversion: 2\ndata:\n  name: app\n  stream: "${stream}"\n  version: 1\n` +
  `  context: ab12\n  arch: noarch\n  summary: app\n  description: app\n  license: {module: [MIT]}\n` +
  `  artifacts: {rpms: ["app-0:${version}-1.noarch"]}\n...\n`
const defaultOf = (stream: string) =>
  `---\ndocument: modulemd-defaults\nversion: 1\ndata: {module: app, stream: "${stream}"}\n...\n`

const old: AdvisorySpec = { id: 'EX-2026-0001', severity: 'Low', packages: [['same', '1.0']] }
const today: RpmContent = {
  packages: pool(dayOne, both),
  metadata: { updateinfo: updateinfo(old), modules: moduleOf('1.0', '1.0') + defaultOf('1.0') },
  signedBy: 'good',
}
const tomorrow: RpmContent = {
  packages: pool(dayTwo, both),
  metadata: {
    updateinfo: updateinfo(
      old,
      { id: 'EX-2026-0002', type: 'bugfix', packages: [['come', '1.1']] },
      {
        id: 'EX-2026-0003',
        severity: 'Important',
        references:
          '<reference type="cve" id="CVE-2026-0002"/><reference type="cve" id="CVE-2026-0001"/><reference type="bugzilla" id="7"/>',
        packages: [
          ['app', '1.1', '<reboot_suggested>True</reboot_suggested>'],
          ['openssl-libs', '1.1'],
          ['elsewhere', '1.1'],
        ],
      },
      { id: 'EX-2026-0004', severity: 'Critical', packages: [['kernel-core', '1.1']] },
    ),
    modules: moduleOf('1.0', '1.0') + moduleOf('1.1', '1.1') + defaultOf('1.1'),
  },
  signedBy: 'good',
}

/** A yard with a mirror (`base`) of two days, and `ours`, which is composed of it; the first snapshots are named. */
async function twoDays(one: RpmContent = today, two: RpmContent = tomorrow) {
  const repository = createRpmRepository(world.signing, one)
  const server = await serveArchive(repository)
  world.atEnd(() => server.close())
  const upstream = {
    format: 'dnf',
    url: server.url,
    verify: 'metadata',
    keyring: world.keyring,
    proxy: 'none',
  }
  const yard = world.yard(
    {
      base: { upstream: { ...upstream, attempts: 2 } },
      ours: { compose: { from: ['base'] }, policy: 'on-demand' },
    },
    { more: { server: { listen: '127.0.0.1:0' } } },
  )
  await syncTo(yard, 'created')
  repository.publish(two)
  await syncTo(yard, 'created', 'base')
  await yard.sync('ours')
  const snapshots = await yard.use(open => open.yard.snapshots())
  const firstOf = (name: string) =>
    `${name}@${snapshots.find(({ record }) => record.repository === name)!.record.timestamp}`
  return { repository, server, yard, base: firstOf('base'), ours: firstOf('ours') }
}

async function diffOf(yard: TestYard, ...args: string[]): Promise<SnapshotDiff> {
  const run = await yard.run('diff', ...args, '--json')
  expect(run, run.stderr).toMatchObject({ status: 0 })
  return JSON.parse(run.stdout)
}

const kinds = (diff: SnapshotDiff) =>
  Object.fromEntries(diff.packages.map(({ name, kind, needs }) => [name, needs ? [kind, needs] : [kind]]))

/** The entries of a package's changelog that are newer than its version 1.0-1, as the real rpm prints them. */
function newestAsRpmPrints(bytes: Buffer): string {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-rpm-diff-'))
  try {
    writeFileSync(join(directory, 'package.rpm'), bytes)
    const text = execFileSync('rpm', ['-qp', '--changelog', join(directory, 'package.rpm')], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH!, HOME: directory, LC_ALL: 'C.UTF-8' },
    })
    return text.slice(0, text.indexOf('* Mon Nov 02')).trim()
  } finally {
    rmSync(directory, { recursive: true })
  }
}

describe('diff of RPM repositories', () => {
  it('tells packages as for apt, and what hosts must do, by name and by advisory', async () => {
    const { yard, base } = await twoDays()
    const diff = await diffOf(yard, base, 'base')
    expect(kinds(diff)).toEqual({
      app: ['upgraded', 'reboot'],
      'app-doc': ['upgraded'],
      come: ['added'],
      gone: ['removed'],
      'kernel-core': ['upgraded', 'reboot'],
      'openssl-libs': ['upgraded', 'restart'],
    })
    expect(diff).toMatchObject({ count: { added: 1, removed: 1, upgraded: 4 }, notes: [] })
  })

  it('tells the advisories that come in, the worst first, with their CVEs and packages', async () => {
    const { yard, base } = await twoDays()
    const { advisories, packages } = await diffOf(yard, base, 'base')
    const versionOf = (wanted: string) => packages.find(({ name }) => name === wanted)!.after!.version
    expect(advisories.map(({ id }) => id)).toEqual(['EX-2026-0004', 'EX-2026-0003', 'EX-2026-0002'])
    expect(advisories[1]).toEqual({
      kind: 'new',
      id: 'EX-2026-0003',
      type: 'security',
      severity: 'Important',
      title: 'EX-2026-0003: größer',
      cves: ['CVE-2026-0001', 'CVE-2026-0002'],
      bugs: 1,
      issued: '20261104T064500Z',
      updated: '20261104T064500Z',
      needs: 'reboot',
      packages: [
        { name: 'app', architecture: 'noarch', version: versionOf('app'), needs: 'reboot' },
        { name: 'openssl-libs', architecture: 'noarch', version: versionOf('openssl-libs') },
      ],
    })
  })

  it('tells an advisory that was updated, and says nothing where only its words changed', async () => {
    const metadata = (...advisories: AdvisorySpec[]) => ({
      ...today,
      metadata: { updateinfo: updateinfo(...advisories) },
    })
    const { yard, base } = await twoDays(
      metadata(old, { id: 'EX-2026-0009' }),
      metadata({ ...old, updated: '2026-11-05' }, { id: 'EX-2026-0009', severity: 'Moderate' }),
    )
    const diff = await diffOf(yard, base, 'base')
    expect(diff.packages).toEqual([])
    expect(diff.advisories.map(({ id, kind }) => [id, kind])).toEqual([['EX-2026-0001', 'updated']])
  })

  it('the other way round tells what is lost: not of a package that goes away, nor of one that has no older version', async () => {
    const { yard, base } = await twoDays()
    const { advisories, lostAdvisories, packages } = await diffOf(yard, 'base', base, '--changelogs')
    expect(advisories).toEqual([])
    expect(lostAdvisories.map(({ id, packages }) => [id, packages.map(({ name }) => name)])).toEqual([
      ['EX-2026-0004', ['kernel-core']],
      ['EX-2026-0003', ['app', 'openssl-libs']],
    ])
    expect(packages.find(({ name }) => name === 'app')!.lostChangelog).toContain('Fix CVE-2026-0001')
    const { lostAdvisories: none } = await diffOf(yard, base, 'base')
    expect(none).toEqual([])
    const { stdout } = await yard.run('diff', 'base', base)
    expect(stdout).toMatch(/^LOST: what 2 advisories asked for\n {2}EX-2026-0004 +Critical/m)
  })

  it('tells modules whose default stream or content changed', async () => {
    const { yard, base } = await twoDays()
    const { modules } = await diffOf(yard, base, 'base')
    expect(modules).toEqual([
      {
        name: 'app',
        defaultStream: { before: '1.0', after: '1.1' },
        streams: [
          { stream: '1.1', kind: 'added', addedPackages: ['app-0:1.1-1.noarch'], removedPackages: [] },
        ],
      },
    ])
  })

  it('tells changelog entries as rpm prints them, of a mirror whose packages are not here and of a composition', async () => {
    const { server, yard, base, ours } = await twoDays()
    const expected = newestAsRpmPrints(dayTwo.get('app-1.1-1.noarch.rpm')!)
    expect(expected).toMatch(/Fix CVE-2026-0001, größer\.[\s\S]*In between\./)
    server.drain()
    for (const reference of [base, ours]) {
      const { packages, notes } = await diffOf(yard, reference, reference.split('@')[0]!, '--changelogs')
      const told = packages.filter(({ changelog }) => changelog !== undefined)
      expect(told.map(({ name }) => name)).toEqual(['app', 'app-doc', 'kernel-core', 'openssl-libs'])
      expect(new Set(told.map(({ changelog }) => changelog!.trim()))).toEqual(new Set([expected]))
      expect(notes).toEqual([])
    }
    expect(server.requests).toEqual([])
  })

  it('shows a tired person the counts first, what is mended, what to do, and each changelog once', async () => {
    const { yard, base } = await twoDays()
    const { stdout } = await yard.run('diff', base, 'base', '--changelogs')
    const lines = stdout.split('\n')
    const at = (pattern: RegExp) => lines.findIndex(line => pattern.test(line))
    const order = [
      at(/^base@.* -> base@.*: 1 added, 1 removed, 4 upgraded; .* come, .* go$/),
      at(/^advisories: 2 security, 1 bugfix$/),
      at(/^ {2}EX-2026-0004 +Critical +1 package +EX-2026-0004: größer$/),
      at(/^ {2}EX-2026-0003 +Important +2 packages/),
      at(/^ {6}CVE-2026-0001 CVE-2026-0002$/),
      at(/^needs reboot: app, kernel-core$/),
      at(/^needs restart: openssl-libs$/),
      at(/^module app: default stream 1\.0 -> 1\.1$/),
      at(/^> app +\S*1\.0-1 -> \S*1\.1-1 +noarch/),
    ]
    expect(order[0]).toBe(0)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(stdout.match(/In between\./g)).toHaveLength(1)
    expect(stdout).not.toContain('First.')
  })

  it('of metadata that cannot be read says so, and tells the packages all the same', async () => {
    const broken = {
      ...tomorrow,
      metadata: { updateinfo: '<updates><update>', modules: '---\n{ never: [\n' },
    }
    const { yard, base } = await twoDays(today, broken)
    const diff = await diffOf(yard, base, 'base')
    expect(diff.count).toMatchObject({ added: 1, removed: 1, upgraded: 4 })
    expect(diff).toMatchObject({ advisories: [], modules: [] })
    expect(diff.notes).toEqual([
      expect.stringMatching(/^advisories cannot be told: .*updateinfo/),
      expect.stringMatching(/^modules cannot be told: .*modules/),
    ])
    const { stdout, status } = await yard.run('diff', base, 'base')
    expect(status).toBe(0)
    expect(stdout).toMatch(/\nnote: advisories cannot be told: /)
  })

  it('is answered by the API as text', async () => {
    const { yard, base } = await twoDays()
    const server = await startServer(yard)
    world.atEnd(() => server.stop())
    const answer = await fetch(`${server.url}/api/v1/diff?from=${base}&to=base&changelogs=true`)
    expect(answer.status).toBe(200)
    const { advisories, modules, packages } = (await answer.json()) as SnapshotDiff
    expect(advisories[0]!.title).toBe('EX-2026-0004: größer')
    expect(modules).toHaveLength(1)
    expect(packages.find(({ name }) => name === 'app')!.changelog).toContain('Zoë')
  })

  it('of an apt repository and an RPM one is refused, and says why', async () => {
    const { yard } = await twoDays()
    const { server } = await world.mirrored()
    yard.configure({ debian: mirrorOf(server.url, world.keyring) })
    await syncTo(yard, 'created', 'debian')
    const run = await yard.run('diff', 'debian', 'base')
    failsWith(run, 2, /debian@.* holds packages for apt and base@.* holds RPM packages/, /one format/)
  })
})
