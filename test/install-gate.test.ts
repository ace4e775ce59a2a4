import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildRpms, type RpmRecipe } from '../src/formats/rpm/build-rpms.fixture.ts'
import type { Archive } from './world/apt/archive.ts'
import type { PackageSpec } from './world/apt/deb-package.ts'
import { tinyBase } from './world/apt/tiny-base.ts'
import { rpmMirror, rpmMirrored } from './world/rpm/mirrored.ts'
import { mirrorOf, type Settings, type TestYard } from './world/test-yard.ts'
import { createWorld, syncTo, type World } from './world/world.ts'

/** Real apt, dpkg and dnf in clean roots, asked by the real command. */
let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
  tinyBase()
})
afterAll(() => world.remove())

afterEach(() => {
  expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain('switchyard-sandbox')
})

/** A train `web` of one repository, whose channel `staging` has the gate with these options. */
function trainOf(repository: string, install: Settings): Settings {
  return {
    trains: { web: { repositories: [repository], channels: { staging: { gates: [{ install }] } } } },
  }
}

/** Cuts a release and promotes it: how that ended, and what the gate found, without the names of releases. */
async function promote(yard: TestYard): Promise<{ status: number | null; said: string; findings: string[] }> {
  const cut = await yard.run('release', 'web')
  expect(cut, cut.stderr).toMatchObject({ status: 0 })
  const { status, stdout, stderr } = await yard.run('promote', 'web/staging')
  return yard.use(async ({ yard }) => {
    const releases = (await yard.releases()).map(({ record }) => `web@${record.timestamp}`)
    const evidence = await yard.evidence('web', {})
    const found = evidence.flatMap(kept => ('evidence' in kept ? kept.evidence.findings : []))
    const findings = found.map(line =>
      releases.reduce((text, name, i) => text.replaceAll(name, `release ${i + 1}`), line),
    )
    return { status, said: `${stdout}${stderr}`, findings }
  })
}

async function log(yard: TestYard): Promise<string> {
  return (await yard.run('gate', 'web', '--channel', 'staging', '--show', 'install')).stdout
}

/** In the first release everything is well; in the second one each set fails in a way of its own, but for `good` and `new`. */
const first: PackageSpec[] = [
  { name: 'good', version: '1.0' },
  { name: 'broken', version: '1.0' },
  { name: 'giver', version: '1.0', files: { '/usr/share/shared': 'one' } },
  { name: 'taker', version: '1.0' },
  { name: 'oneway', version: '1.0', scripts: { preinst: '#!/bin/sh\n[ "$1" = install ]\n' } },
  { name: 'choosy', version: '1.0' },
]
const second: PackageSpec[] = [
  { name: 'good', version: '2.0', fields: { Depends: 'helper' } },
  { name: 'helper', version: '1.0' },
  { name: 'broken', version: '2.0', scripts: { postinst: '#!/bin/sh\necho cannot start >&2\nexit 3\n' } },
  { name: 'giver', version: '2.0', fields: { Depends: 'taker (= 2.0)' } },
  { name: 'taker', version: '2.0', files: { '/usr/share/shared': 'two' } },
  { name: 'oneway', version: '2.0' },
  { name: 'asks', scripts: { postinst: '#!/bin/sh\nread answer\n' } },
  { name: 'choosy', version: '2.0', fields: { Conflicts: 'good' } },
]

/** An archive with what a root is made of, mirrored as `debian`. */
async function mirrored(packages: PackageSpec[]): Promise<{ archive: Archive; debian: Settings }> {
  const archive = world.archive({ name: 'stable', packages: { main: packages } })
  const { url } = await world.serve(archive)
  return { archive, debian: mirrorOf(url, world.keyring, {}, { policy: 'immediate' }) }
}

describe('the gate `install` for apt', () => {
  it('passes what installs, upgrades and goes back, and says of the rest what failed, at which step and why', async () => {
    const { archive, debian } = await mirrored([tinyBase(), ...first])
    const yard = world.yard({ debian }, { more: trainOf('debian', { packages: ['good'] }) })
    await syncTo(yard, 'created')
    expect(await promote(yard)).toMatchObject({ status: 0 })

    archive.update(([suite]) => {
      suite!.packages!.main = [tinyBase(), ...second]
    })
    await syncTo(yard, 'created')
    const sets = { good: ['good'], new: ['helper'], broken: ['broken'], takes: ['giver', 'taker'] }
    const packages = { ...sets, oneway: ['oneway'], apart: ['good', 'choosy'], asks: ['asks'] }
    yard.configure({ debian }, trainOf('debian', { packages }))
    const refused = await promote(yard)
    const postinst =
      'dpkg: error processing package broken (--configure): installed broken package post-installation script subprocess returned error exit status 3'
    const apart =
      'choosy : Conflicts: good but 2.0 is to be installed; E: Unable to correct problems, you have held broken packages.'
    expect(refused.findings).toEqual([
      `broken: install from release 2: ${postinst}`,
      `broken: upgrade to release 2: ${postinst}`,
      "takes: upgrade to release 2: dpkg: error processing archive /var/cache/apt/archives/taker_2.0_amd64.deb (--unpack): trying to overwrite '/usr/share/shared', which is also in package giver 1.0",
      'oneway: downgrade to release 1: dpkg: error processing archive /var/cache/apt/archives/oneway_1.0_amd64.deb (--unpack): new oneway package pre-installation script subprocess returned error exit status 1',
      `apart: install from release 2: ${apart}`,
      `apart: upgrade to release 2: ${apart}`,
      'asks: install from release 2: dpkg: error processing package asks (--configure): installed asks package post-installation script subprocess returned error exit status 1',
    ])
    expect(refused).toMatchObject({ status: 3 })
    expect(await log(yard)).toContain('cannot start')

    yard.configure({ debian }, trainOf('debian', { packages: ['good'] }))
    expect(await promote(yard)).toMatchObject({ status: 0 })
    const [before] = (await yard.use(open => open.yard.releases())).map(({ record }) => record.timestamp)
    const { channels } = await yard.use(open => open.yard.status())
    expect(channels[0]!.told!.fallbacks, 'to which a machine went back').toEqual([before])
  }, 240_000)

  it('makes the root of a slice out of what the slice was made from', async () => {
    const { debian } = await mirrored([tinyBase(), { name: 'good' }, { name: 'left-out' }])
    const slice = { compose: { from: ['debian'], include: ['good'] } }
    const yard = world.yard({ debian, slice }, { more: trainOf('slice', { packages: ['good'] }) })
    await syncTo(yard, 'created')
    expect(await promote(yard)).toMatchObject({ status: 0 })
    yard.configure({ debian, slice }, trainOf('slice', { packages: ['left-out'] }))
    const { findings } = await promote(yard)
    expect(findings).toEqual(['left-out: install from release 2: E: Unable to locate package left-out'])
  }, 120_000)

  it('makes it out of the base that is named, and says when there is nothing to make it of', async () => {
    const { debian } = await mirrored([tinyBase()])
    const ours = await mirrored([{ name: 'ours' }])
    const repositories = { debian, ours: ours.debian }
    const yard = world.yard(repositories, { more: trainOf('ours', { packages: ['ours'] }) })
    await syncTo(yard, 'created')
    const without = await promote(yard)
    expect(without.findings).toEqual([
      'ours: no clean root of release 1: neither apt nor anything Essential is in it; `base` may name a repository that has them',
    ])
    yard.configure(repositories, trainOf('ours', { packages: ['ours'], base: 'debian' }))
    expect(await promote(yard)).toMatchObject({ status: 0 })
  }, 120_000)

  it('ends what never ends', async () => {
    const { debian } = await mirrored([
      tinyBase(),
      { name: 'sleeps', scripts: { postinst: '#!/bin/sh\nsleep 1000\n' } },
    ])
    const install = { packages: ['sleeps'], timeout: '8s' }
    const yard = world.yard({ debian }, { more: trainOf('debian', install) })
    await syncTo(yard, 'created')
    const { findings } = await promote(yard)
    expect(findings).toEqual([
      expect.stringContaining("it had not ended when the gate's 8 s (`timeout`) were over"),
    ])
  }, 120_000)
})

describe('the gate `install` for dnf', () => {
  it('passes what installs, upgrades and goes back, and says of the rest what failed, at which step and why', async () => {
    const contentOf = (recipes: RpmRecipe[]) => ({
      packages: new Map([...buildRpms(recipes)].map(([file, bytes]) => [`Packages/${file}`, bytes])),
      signedBy: 'good' as const,
    })
    const before = contentOf([
      { name: 'good' },
      { name: 'broken' },
      {
        name: 'oneway',
        sections: { '%pre -p <lua>': 'if tonumber(arg[2]) > 1 then error("no way back") end' },
      },
      { name: 'apart' },
    ])
    const upstream = { verify: 'metadata', keyring: world.keyring }
    const { repository, server, yard } = await rpmMirrored(world, before, upstream)
    const base = rpmMirror(server.url, upstream, { policy: 'immediate' })
    yard.configure({ base }, trainOf('base', { packages: ['good'] }))
    await syncTo(yard, 'created')
    expect(await promote(yard)).toMatchObject({ status: 0 })

    const version = '2.0'
    repository.publish(
      contentOf([
        { name: 'good', version, preamble: ['Requires: helper'] },
        { name: 'helper' },
        { name: 'broken', version, sections: { '%post -p <lua>': 'error("cannot start")' } },
        { name: 'oneway', version },
        { name: 'apart', version, preamble: ['Conflicts: good'] },
      ]),
    )
    await syncTo(yard, 'created')
    const sets = { good: ['good'], broken: ['broken'], oneway: ['oneway'] }
    const packages = { ...sets, apart: ['good', 'apart'] }
    yard.configure({ base }, trainOf('base', { packages }))
    const refused = await promote(yard)
    const lua = (script: string, name: string, version: string, says: string) =>
      `Error in ${script}IN scriptlet in rpm package ${name}; error: lua script failed: [string "%${script.toLowerCase()}${script === 'PRE' ? 'in' : ''}(${name}-${version}-1.noarch)"]:1: ${says}`
    const conflict = 'package apart-2.0-1.noarch conflicts with good provided by good-2.0-1.noarch'
    expect(refused.findings).toEqual([
      `broken: install from release 2: ${lua('POST', 'broken', '2.0', 'cannot start')}`,
      `broken: upgrade to release 2: ${lua('POST', 'broken', '2.0', 'cannot start')}`,
      `oneway: downgrade to release 1: ${lua('PRE', 'oneway', '1.0', 'no way back')}`,
      expect.stringContaining(`apart: install from release 2: Problem: ${conflict}`),
      expect.stringContaining(`apart: upgrade to release 2: Problem 1: ${conflict}`),
    ])
    expect(refused).toMatchObject({ status: 3 })
  }, 240_000)
})
