import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SnapshotDiff } from '../src/repository/index.ts'
import type { PackageSpec } from './world/apt/deb-package.ts'
import { mirrorOf, type TestYard } from './world/test-yard.ts'
import { createWorld, failsWith, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const entry = (version: string, text: string) =>
  `nginx (${version}) stable; urgency=medium\n\n  * ${text}\n\n -- Nobody <nobody@example.org>  Mon, 02 Nov 2026 10:00:00 +0000\n`

const dayOne: PackageSpec[] = [
  { name: 'same' },
  { name: 'gone' },
  { name: 'nginx', version: '1.22.0-1', changelog: entry('1.22.0-1', 'First.') },
  { name: 'down', version: '2:1.0-1' },
  { name: 'again', content: 'first' },
  { name: 'lib', version: '1-1', fields: { Source: 'nginx (1.22.0-1)' } },
]
const dayTwo: PackageSpec[] = [
  { name: 'same' },
  { name: 'come', weight: 10_000 },
  {
    name: 'nginx',
    version: '1.22.1-1',
    changelog: `${entry('1.22.1-1', 'Fix CVE-2026-0001.')}\n${entry('1.22.0-2', 'In between.')}\n${entry('1.22.0-1', 'First.')}`,
  },
  { name: 'down', version: '1.9-1' },
  { name: 'again', content: 'second' },
  { name: 'lib', version: '1-2', fields: { Source: 'nginx (1.22.1-1)' } },
]

/** A yard with the two days as snapshots, which are named. */
async function twoDays(policy: 'immediate' | 'on-demand' = 'immediate') {
  const { archive, server, yard } = await world.mirrored(
    { packages: { main: structuredClone(dayOne) } },
    {},
    { policy },
  )
  await syncTo(yard, 'created')
  archive.update(([suite]) => {
    suite!.packages!.main = structuredClone(dayTwo)
  })
  await syncTo(yard, 'created')
  const [first, second] = (await yard.use(open => open.yard.snapshots())).map(
    ({ record }) => `debian@${record.timestamp}`,
  )
  return { archive, server, yard, first: first!, second: second! }
}

async function diffOf(yard: TestYard, ...args: string[]): Promise<SnapshotDiff> {
  const run = await yard.run('diff', ...args, '--json')
  expect(run, run.stderr).toMatchObject({ status: 0 })
  return JSON.parse(run.stdout)
}

const kinds = (diff: SnapshotDiff) =>
  Object.fromEntries(
    diff.packages.map(({ name, kind, before, after }) => [name, [kind, before?.version, after?.version]]),
  )

describe('diff', () => {
  it('tells added, removed, upgraded, downgraded and rebuilt apart', async () => {
    const { first, yard } = await twoDays()
    const diff = await diffOf(yard, first, 'debian@latest')
    expect(kinds(diff)).toEqual({
      again: ['rebuilt', '1.0-1', '1.0-1'],
      come: ['added', undefined, '1.0-1'],
      down: ['downgraded', '2:1.0-1', '1.9-1'],
      gone: ['removed', '1.0-1', undefined],
      lib: ['upgraded', '1-1', '1-2'],
      nginx: ['upgraded', '1.22.0-1', '1.22.1-1'],
    })
    expect(diff.count).toEqual({ added: 1, removed: 1, upgraded: 2, downgraded: 1, rebuilt: 1 })
    expect(diff.packages.find(({ name }) => name === 'lib')!.source).toBe('nginx')
    expect(diff.packages.find(({ name }) => name === 'come')!.after!.size).toBeGreaterThan(10_000)
    expect(diff.addedBytes - diff.removedBytes).toBeGreaterThan(9_000)
  })

  it('the other way round says the opposite, and of one snapshot with itself nothing', async () => {
    const { first, second, yard } = await twoDays()
    expect(kinds(await diffOf(yard, second, first))).toMatchObject({
      come: ['removed', '1.0-1', undefined],
      nginx: ['downgraded', '1.22.1-1', '1.22.0-1'],
      down: ['upgraded', '1.9-1', '2:1.0-1'],
    })
    expect(await diffOf(yard, first, first)).toMatchObject({ packages: [], addedBytes: 0, removedBytes: 0 })
  })

  it('shows a person the changelog entries between two versions, newest first and no older ones', async () => {
    const { first, yard } = await twoDays()
    const { stdout } = await yard.run('diff', first, 'debian', '--changelogs')
    expect(stdout).toMatch(/> nginx +1\.22\.0-1 -> 1\.22\.1-1/)
    expect(stdout).toMatch(/Fix CVE-2026-0001\.[\s\S]*In between\./)
    expect(stdout).not.toContain('* First.')
    expect(stdout).toMatch(/1 added, 1 removed, 2 upgraded, 1 downgraded, 1 rebuilt/)
    const json = await diffOf(yard, first, 'debian', '--changelogs')
    const nginx = json.packages.find(({ name }) => name === 'nginx')!
    expect(nginx.changelog).toContain('Fix CVE-2026-0001.')
  })

  it('has no changelogs where the packages are not here, and fetches nothing for them', async () => {
    const { first, server, yard } = await twoDays('on-demand')
    server.drain()
    const json = await diffOf(yard, first, 'debian', '--changelogs')
    expect(json.packages.filter(({ changelog }) => changelog !== undefined)).toEqual([])
    expect(server.requests).toEqual([])
  })

  it('lists changed files when asked', async () => {
    const { first, yard } = await twoDays()
    const { stdout } = await yard.run('diff', first, 'debian', '--files')
    expect(stdout).toMatch(/^A pool\/main\/c\/come\/come_1\.0-1_amd64\.deb$/m)
    expect(stdout).toMatch(/^D pool\/main\/g\/gone\/gone_1\.0-1_amd64\.deb$/m)
    expect(stdout).toMatch(/^M dists\/stable\/InRelease$/m)
    expect(stdout).not.toContain('/same/')
  })

  it('of two repositories pairs packages whatever their suites are called', async () => {
    const one = await world.mirrored({ packages: { main: dayOne } }, {}, {})
    const two = await world.mirrored({ name: 'testing', packages: { main: dayTwo } }, {}, {})
    one.yard.configure({
      debian: mirrorOf(one.server.url, world.keyring),
      other: mirrorOf(two.server.url, world.keyring, { suite: 'testing' }),
      base: { compose: { from: ['debian'], exclude: ['gone'] } },
    })
    await syncTo(one.yard, 'created')
    expect((await diffOf(one.yard, 'debian', 'other')).count).toEqual({
      added: 1,
      removed: 1,
      upgraded: 2,
      downgraded: 1,
      rebuilt: 1,
    })
    expect(kinds(await diffOf(one.yard, 'debian', 'base'))).toEqual({ gone: ['removed', '1.0-1', undefined] })
  })

  it('of what is not there says what there is', async () => {
    const { first, yard } = await twoDays()
    failsWith(await yard.run('diff', first, 'debain'), 1, /debain/)
    failsWith(await yard.run('diff', first, 'debian@20200101T000000Z'), 1, /debian@20200101T000000Z/)
    failsWith(await yard.run('diff', first), 2, /to/)
  })
})

describe('search', () => {
  it('finds a package by name or glob, newest version first, with the snapshots that have it', async () => {
    const { first, second, yard } = await twoDays()
    const hits = JSON.parse((await yard.run('search', 'n*', '--json')).stdout) as {
      name: string
      version: string
      first: string
      last?: string
    }[]
    expect(hits.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'nginx 1.22.1-1',
      'nginx 1.22.0-1',
    ])
    expect(hits.map(hit => [`debian@${hit.first}`, hit.last])).toEqual([
      [second, undefined],
      [first, first.slice('debian@'.length)],
    ])
  })
})
