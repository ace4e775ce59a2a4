import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildRpms, type RpmRecipe } from '../src/formats/rpm/build-rpms.fixture.ts'
import type { OverlayReport } from '../src/train/index.ts'
import { buildDeb, type PackageSpec } from './world/apt/deb-package.ts'
import { serveArchive } from './world/archive-server.ts'
import { rpmMirror } from './world/rpm/mirrored.ts'
import { createRpmRepository } from './world/rpm/repository.ts'
import { publish, timestampsOf } from './world/served.ts'
import { mirrorOf, type Settings, type TestYard } from './world/test-yard.ts'
import { createWorld, syncTo, type World } from './world/world.ts'

/** Packages of ours over an upstream, with the real command. */
let world: World
let directory: string
beforeAll(() => {
  world = createWorld()
  directory = mkdtempSync(join(tmpdir(), 'switchyard-ours-'))
  world.atEnd(() => rmSync(directory, { recursive: true }))
})
afterAll(() => world.remove())

async function done(yard: TestYard, ...args: string[]): Promise<string> {
  const run = await yard.run(...args)
  expect(run, run.stderr).toMatchObject({ status: 0 })
  return run.stdout
}

async function upload(yard: TestYard, files: [name: string, bytes: Buffer][]): Promise<void> {
  const paths = files.map(([name, bytes]) => {
    const path = join(directory, name)
    writeFileSync(path, bytes)
    return path
  })
  await done(yard, 'upload', 'ours', ...paths)
}

const reportOf = async (yard: TestYard, reference = 'web'): Promise<OverlayReport> =>
  JSON.parse(await done(yard, 'overlay', reference, '--json'))

const told = ({ shadows }: OverlayReport) =>
  shadows.map(({ state, name, ours, upstream }) => [state, name, ours.version, upstream.version])

const train = (...repositories: string[]) => ({
  trains: { web: { repositories, channels: { dev: {} }, complete: 'fetchable' } },
})

/** A mirror, uploads, and a composition of both. */
async function overDebian(upstream: PackageSpec[], own: PackageSpec[], compose: Settings = {}) {
  const { archive, server, yard } = await world.mirrored({ packages: { main: upstream } })
  const configure = (more: Settings, repositories = ['base']) =>
    yard.configure(
      {
        debian: mirrorOf(server.url, world.keyring),
        ours: { uploads: 'deb' },
        base: { compose: { from: ['debian', 'ours'], ...more }, policy: 'on-demand' },
      },
      train(...repositories),
    )
  configure(compose)
  await yard.sync('debian', 'ours')
  await upload(
    yard,
    own.map(spec => [`${spec.name}_${spec.version}.deb`, buildDeb(spec)]),
  )
  await yard.sync('base')
  await done(yard, 'release', 'web')
  /** What upstream does on the next day, with a release of it. */
  const nextDay = async (name: string, version: string) => {
    publish(archive, name, version)
    await yard.sync('debian')
    await yard.sync('base')
    await done(yard, 'release', 'web')
  }
  return { yard, configure, nextDay }
}

describe('the overlay of a train', () => {
  it('tells packages of ours that are newer than upstream’s, and those that shadow nothing', async () => {
    const { yard } = await overDebian(
      [{ name: 'nginx', version: '1.22-1' }, { name: 'other' }],
      [
        { name: 'nginx', version: '1.22-1+ours1' },
        { name: 'tool', version: '1.0' },
      ],
    )
    const report = await reportOf(yard)
    expect(told(report)).toEqual([['ahead', 'nginx', '1.22-1+ours1', '1.22-1']])
    expect(report.alone.map(({ name, ours }) => [name, ours.version])).toEqual([['tool', '1.0']])
    expect(report.count).toEqual({ outdated: 0, passed: 0, 'caught-up': 0, ahead: 1, alone: 1 })
    expect(await yard.run('overlay', 'web', '--check')).toMatchObject({ status: 0 })
    expect(await done(yard, 'overlay', 'web')).toMatch(
      /^web@\S+: 2 packages of ours: 1 newer than upstream's, 1 shadow nothing$/m,
    )
  })

  it('tells since when upstream has passed one of ours, which clients then do not get any more', async () => {
    const { yard, nextDay } = await overDebian(
      [{ name: 'nginx', version: '1.22-1' }],
      [{ name: 'nginx', version: '1.22-1+ours1' }],
    )
    await nextDay('nginx', '1.22-2')
    await nextDay('nginx', '1.22-3')
    const report = await reportOf(yard)
    expect(told(report)).toEqual([['passed', 'nginx', '1.22-1+ours1', '1.22-3']])
    const [, second, third] = await timestampsOf(yard, 'debian')
    expect(report.shadows[0]).toMatchObject({ caughtUp: second, upstream: { since: third } })
    const check = await yard.run('overlay', 'web', '--check')
    expect(check).toMatchObject({ status: 3, stdout: expect.stringContaining('upstream has passed ours') })
    const releases = (await yard.use(open => open.yard.releases())).map(({ record }) => record.timestamp)
    expect(told(await reportOf(yard, `web@${releases[0]}`))).toEqual([
      ['ahead', 'nginx', '1.22-1+ours1', '1.22-1'],
    ])
  })

  it('is loud where `prefer` makes ours win though upstream is newer', async () => {
    const { yard, nextDay } = await overDebian(
      [{ name: 'nginx', version: '1.22-1' }],
      [{ name: 'nginx', version: '1.22-1+ours1' }],
      { prefer: ['ours'] },
    )
    await nextDay('nginx', '1.22-2')
    expect(told(await reportOf(yard))).toEqual([['outdated', 'nginx', '1.22-1+ours1', '1.22-2']])
    const { stdout, status } = await yard.run('overlay', 'web', '--check')
    expect(status).toBe(3)
    expect(stdout).toMatch(/^UPSTREAM IS NEWER, yet `prefer` lets ours win/m)
  })

  it('tells that upstream has the very same version now', async () => {
    const { yard, nextDay } = await overDebian(
      [{ name: 'nginx', version: '1.22-1' }],
      [{ name: 'nginx', version: '1.22-2', content: 'ours' }],
    )
    await nextDay('nginx', '1.22-2')
    expect(told(await reportOf(yard))).toEqual([['caught-up', 'nginx', '1.22-2', '1.22-2']])
  })

  it('leaves out what the release does not have, neither ours nor upstream’s', async () => {
    const { yard } = await overDebian(
      [
        { name: 'nginx', version: '1.22-1' },
        { name: 'unused', version: '1' },
      ],
      [
        { name: 'nginx', version: '1.22-1+ours1' },
        { name: 'unused', version: '2' },
      ],
      { include: ['nginx'] },
    )
    expect(told(await reportOf(yard))).toEqual([['ahead', 'nginx', '1.22-1+ours1', '1.22-1']])
  })

  it('of uploads that travel beside their upstream lets the higher version win, as clients do', async () => {
    const { yard, configure, nextDay } = await overDebian(
      [{ name: 'nginx', version: '1.22-1' }],
      [{ name: 'nginx', version: '1.22-1+ours1' }],
    )
    configure({}, ['debian', 'ours'])
    await nextDay('nginx', '1.22-2')
    expect(told(await reportOf(yard))).toEqual([['passed', 'nginx', '1.22-1+ours1', '1.22-2']])
  })

  it('knows what a hold or a bump made of upstream, in lines of the train’s own', async () => {
    const { yard, configure, nextDay } = await overDebian(
      [{ name: 'nginx', version: '1.22-1' }, { name: 'other' }],
      [{ name: 'nginx', version: '1.22-1+ours1' }],
    )
    configure({}, ['debian', 'ours'])
    await done(yard, 'release', 'web')
    await done(yard, 'hold', 'web', 'nginx', '--why', 'not now', '--until', '2099-12-31')
    await nextDay('nginx', '1.22-2')
    expect(told(await reportOf(yard))).toEqual([['ahead', 'nginx', '1.22-1+ours1', '1.22-1']])
    const { shadows } = await reportOf(yard)
    expect(shadows[0]!.upstream.repository).toBe('debian')
    expect(shadows[0]!.caughtUp).toBe((await timestampsOf(yard, 'debian')).at(-1))
  })

  it('counts an upstream that a composition prefers as ours', async () => {
    const backports = await world.serve(
      world.archive({ name: 'backports', packages: { main: [{ name: 'nginx', version: '1.22-1~bpo1' }] } }),
    )
    const { server, yard } = await world.mirrored({
      packages: { main: [{ name: 'nginx', version: '1.22-1' }] },
    })
    yard.configure(
      {
        debian: mirrorOf(server.url, world.keyring),
        backports: mirrorOf(backports.url, world.keyring, { suite: 'backports' }),
        base: { compose: { from: ['debian', 'backports'], prefer: ['backports'] }, policy: 'on-demand' },
      },
      train('base'),
    )
    await syncTo(yard, 'created')
    await done(yard, 'release', 'web')
    const { shadows } = await reportOf(yard)
    expect(shadows).toMatchObject([{ state: 'outdated', ours: { repository: 'backports' } }])
  })

  it('works for RPMs, in the order of rpm', async () => {
    const files = (...recipes: RpmRecipe[]) =>
      new Map(
        recipes.flatMap(recipe =>
          [...buildRpms([recipe])].map(([file, bytes]): [string, Buffer] => [`Packages/${file}`, bytes]),
        ),
      )
    const upstream = createRpmRepository(world.signing, {
      packages: files({ name: 'app', version: '1.0' }, { name: 'lib', version: '1.0' }),
    })
    const server = await serveArchive(upstream)
    world.atEnd(() => server.close())
    const yard = world.yard()
    yard.configure(
      {
        upstream: rpmMirror(server.url),
        ours: { uploads: 'rpm' },
        base: { compose: { from: ['upstream', 'ours'] }, policy: 'on-demand' },
      },
      train('base'),
    )
    await yard.sync('upstream', 'ours')
    const own = files({ name: 'app', version: '1.0^ours1' }, { name: 'lib', version: '1.0^ours1' })
    await upload(
      yard,
      [...own].map(([path, bytes]) => [path.slice('Packages/'.length), bytes]),
    )
    upstream.publish({ packages: files({ name: 'app', version: '1.0' }, { name: 'lib', version: '1.1' }) })
    await yard.sync('upstream')
    await yard.sync('base')
    await done(yard, 'release', 'web')
    expect(told(await reportOf(yard))).toEqual([
      ['passed', 'lib', '1.0^ours1-1', '1.1-1'],
      ['ahead', 'app', '1.0^ours1-1', '1.0-1'],
    ])
  })
})
