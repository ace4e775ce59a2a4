import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildRpms } from '../src/formats/rpm/build-rpms.fixture.ts'
import type { Verdict } from '../src/train/index.ts'
import { buildDeb, type PackageSpec } from './world/apt/deb-package.ts'
import { rpmMirror, rpmMirrored } from './world/rpm/mirrored.ts'
import { mirrorOf, type Settings, type TestYard } from './world/test-yard.ts'
import { createWorld, failsWith, syncTo, type World } from './world/world.ts'

/** The gate `closure` as an operator meets it, with the real command. */
let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const depends = (Depends: string) => ({ fields: { Depends } })

/** A yard with a train `web` of the mirror `debian`, and a repository `base` that does not travel. */
async function trained(
  main: PackageSpec[],
  base: PackageSpec[] = [{ name: 'base' }],
  upstream: Settings = {},
) {
  const suite = {
    packages: { main },
    ...(upstream.architectures ? { architectures: ['amd64', 'arm64'] } : {}),
  }
  const { archive, server, yard } = await world.mirrored(suite, upstream)
  const other = await world.serve(world.archive({ name: 'stable', packages: { main: base } }))
  const declare = (...gates: unknown[]) =>
    yard.configure(
      {
        debian: mirrorOf(server.url, world.keyring, upstream),
        base: mirrorOf(other.url, world.keyring),
      },
      {
        trains: {
          web: { repositories: ['debian'], channels: { staging: { gates } }, complete: 'fetchable' },
        },
      },
    )
  declare('closure')
  await cut(yard)
  return {
    yard,
    declare,
    /** Publishes these packages instead, and cuts a release. */
    async publish(main: PackageSpec[]) {
      archive.update(([suite]) => {
        suite!.packages = { main }
      })
      await cut(yard)
    },
  }
}

async function cut(yard: TestYard): Promise<void> {
  await yard.sync()
  expect(await yard.run('release', 'web')).toMatchObject({ status: 0 })
}

async function judged(yard: TestYard): Promise<Verdict['evidence']> {
  const run = await yard.run('gate', 'web@latest', '--json')
  expect(run.stderr).toBe('')
  const verdicts: Verdict[] = JSON.parse(run.stdout).flatMap(
    ({ verdicts }: { verdicts: Verdict[] }) => verdicts,
  )
  return verdicts.find(({ label }) => label === 'closure')!.evidence
}

describe('a release of Debian packages', () => {
  it('is refused for a package that cannot be installed, with the shortest reason', async () => {
    const { yard, publish } = await trained([
      { name: 'app', ...depends('lib (>= 2), tool') },
      { name: 'lib', version: '2.0' },
      { name: 'tool', fields: { Conflicts: 'lib (<< 2)' } },
    ])
    expect(await yard.run('promote', 'web/staging')).toMatchObject({ status: 0 })
    await publish([
      { name: 'app', ...depends('lib, tool') },
      { name: 'lib', version: '1.9' },
      { name: 'tool', fields: { Conflicts: 'lib (<< 2)' } },
    ])
    const refused = await yard.run('promote', 'web/staging')
    failsWith(refused, 3, /closure: of 3 packages 1 cannot be installed/)
    expect(refused.stderr).toMatch(/app 1\.0-1 -> (tool|lib) .* conflicts with .*excludes lib \(<< 2\)/)
  })

  it('is judged for each architecture by itself', async () => {
    const { yard } = await trained(
      [
        { name: 'app', architecture: 'all', ...depends('lib') },
        { name: 'lib' },
        { name: 'other', architecture: 'arm64' },
      ],
      undefined,
      { architectures: ['amd64', 'arm64'] },
    )
    expect(await judged(yard)).toMatchObject({
      passed: false,
      findings: ['arm64: app 1.0-1 -> lib: nothing provides it'],
    })
  })

  it('may have old problems where only new ones count, and those that are ignored', async () => {
    const old = { name: 'old', ...depends('gone') }
    const { yard, declare, publish } = await trained([old, { name: 'fine' }])
    declare({ closure: { ignore: ['o?d'] } })
    expect(await yard.run('promote', 'web/staging')).toMatchObject({ status: 0 })
    declare({ closure: { only: 'new' } })
    await publish([
      { ...old, version: '1.1' },
      { name: 'fine', version: '1.1' },
    ])
    expect(await judged(yard)).toMatchObject({
      passed: true,
      summary: expect.stringContaining('1 are known'),
    })
    await publish([
      { ...old, version: '1.1' },
      { name: 'fine', version: '1.2', ...depends('lost') },
    ])
    expect(await judged(yard)).toMatchObject({
      passed: false,
      findings: ['amd64: fine 1.2 -> lost: nothing provides it'],
    })
  })

  it('may lean on a repository that hosts have beside the train, whose own problems do not count', async () => {
    const base = [{ name: 'base' }, { name: 'broken', ...depends('gone') }]
    const { yard, declare } = await trained([{ name: 'app', ...depends('base') }], base)
    failsWith(await yard.run('promote', 'web/staging'), 3, /app 1\.0-1 -> base: nothing provides it/)
    declare({ closure: { with: ['base'] } })
    expect(await yard.run('promote', 'web/staging')).toMatchObject({ status: 0 })
    declare({ closure: { with: ['bases'] } })
    expect(await judged(yard)).toMatchObject({ passed: false, summary: expect.stringContaining('bases') })
  })

  it('is judged in composed, uploaded and flat repositories, alone and together', async () => {
    const main = [
      { name: 'app', ...depends('lib') },
      { name: 'lib', ...depends('ours') },
    ]
    const { server, yard } = await world.mirrored({ packages: { main } })
    const flat = await world.serve(
      world.archive({
        name: './',
        packages: { '': [{ name: 'more', ...depends('app, gone') }] },
      }),
    )
    const declare = (...repositories: string[]) =>
      yard.configure(
        {
          debian: mirrorOf(server.url, world.keyring),
          flat: mirrorOf(flat.url, world.keyring, { suite: './' }),
          slice: { compose: { from: ['debian'], include: ['app'] } },
          ours: { uploads: 'deb' },
        },
        {
          trains: {
            web: { repositories, channels: { staging: { gates: ['closure'] } }, complete: 'fetchable' },
          },
        },
      )
    const file = join(yard.directory, 'ours.deb')
    writeFileSync(file, buildDeb({ name: 'ours' }))
    const findingsOf = async (...repositories: string[]) => {
      declare(...repositories)
      await cut(yard)
      return (await judged(yard)).findings
    }
    declare('slice')
    expect(await yard.run('upload', 'ours', file)).toMatchObject({ status: 0 })
    expect(await findingsOf('slice')).toEqual(['amd64: app 1.0-1 -> lib: nothing provides it'])
    expect(await findingsOf('slice', 'debian')).toEqual([
      'amd64: app 1.0-1 -> lib 1.0-1 -> ours: nothing provides it',
      'amd64: lib 1.0-1 -> ours: nothing provides it',
    ])
    expect(await findingsOf('ours', 'debian')).toEqual([])
    expect(await findingsOf('flat', 'slice', 'debian', 'ours')).toEqual([
      'amd64: more 1.0-1 -> gone: nothing provides it',
    ])
  })

  it('is judged the same with what was remembered, without it, and where that is damaged', async () => {
    const { yard, publish } = await trained([
      { name: 'app', ...depends('lib') },
      { name: 'lib' },
      { name: 'bad', ...depends('gone') },
    ])
    const ref = join(yard.directory, 'refs/trains/web/closure.json')
    const blobOf = () => Object.values<string>(JSON.parse(readFileSync(ref, 'utf8')).blobs)[0]!
    const blobFile = () =>
      readdirSync(join(yard.directory, 'blobs'), { recursive: true, encoding: 'utf8' })
        .filter(path => path.replaceAll('/', '').endsWith(blobOf()))
        .map(path => join(yard.directory, 'blobs', path))[0]!
    const first = (await judged(yard)).findings
    expect(first).toEqual(['amd64: bad 1.0-1 -> gone: nothing provides it'])
    await publish([
      { name: 'app', ...depends('lib') },
      { name: 'bad', ...depends('gone') },
    ])
    expect(await yard.run('gc')).toMatchObject({ status: 0 })
    expect(existsSync(blobFile())).toBe(true)
    const second = (await judged(yard)).findings
    expect(second).toEqual(['amd64: app 1.0-1 -> lib: nothing provides it', ...first])
    writeFileSync(blobFile(), 'damaged')
    await publish([
      { name: 'app', version: '2', ...depends('lib') },
      { name: 'bad', ...depends('gone') },
    ])
    expect((await judged(yard)).findings).toEqual(['amd64: app 2 -> lib: nothing provides it', ...first])
    writeFileSync(ref, '{')
    await publish([
      { name: 'app', version: '3', ...depends('lib') },
      { name: 'bad', ...depends('gone') },
    ])
    expect((await judged(yard)).findings).toEqual(['amd64: app 3 -> lib: nothing provides it', ...first])
  })
})

describe('a release of RPM packages', () => {
  it('is refused for a requirement that nothing provides; files that primary.xml does not list count', async () => {
    const recipes = [
      { name: 'app', preamble: ['Requires: lib >= 2', 'Requires: /usr/share/data/one'] },
      { name: 'lib', version: '1.5' },
      { name: 'data', files: { '/usr/share/data/one': 'x' } },
      { name: 'lost', preamble: ['Requires: /usr/share/data/two'] },
    ]
    const packages = new Map([...buildRpms(recipes)].map(([file, bytes]) => [`Packages/${file}`, bytes]))
    const { yard, server } = await rpmMirrored(world, { packages })
    yard.configure(
      { base: rpmMirror(server.url, {}, { policy: 'immediate' }) },
      { trains: { web: { repositories: ['base'], channels: { staging: { gates: ['closure'] } } } } },
    )
    await syncTo(yard, 'created')
    expect(await yard.run('release', 'web')).toMatchObject({ status: 0 })
    const verdict = await judged(yard)
    expect(verdict).toMatchObject({ passed: false })
    expect(verdict.findings.sort()).toEqual([
      'noarch: app 1.0-1 -> lib >= 2: nothing provides it',
      'noarch: lost 1.0-1 -> /usr/share/data/two: nothing provides it',
    ])
  })
})
