import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PackageSpec } from './world/apt/deb-package.ts'
import { aptOf, publish, served } from './world/served.ts'
import { createWorld, failsWith, syncTo, type World } from './world/world.ts'

/** Holds as an operator and a real apt see them. */
let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const trains = {
  web: {
    repositories: ['debian'],
    channels: { staging: {}, production: { after: 'staging' } },
    complete: 'fetchable',
  },
}

const packages: PackageSpec[] = [
  { name: 'nginx', version: '1.0' },
  { name: 'nginx-module', version: '1.0', fields: { Source: 'nginx', Depends: 'nginx (= 1.0)' } },
  { name: 'other', version: '1.0' },
]

async function heldTrain() {
  const { archive, yard, server } = await served(world, { packages: { main: packages } }, { trains })
  const ok = async (...args: string[]) => {
    const run = await yard.run(...args)
    expect(run, run.stderr).toMatchObject({ status: 0 })
    return run
  }
  await ok('release', 'web')
  await ok('promote', 'web/staging')
  await ok('promote', 'web/production')
  const upgrade = async () => {
    publish(archive, 'nginx', '2.0')
    publish(archive, 'nginx-module', '2.0', { fields: { Source: 'nginx', Depends: 'nginx (= 2.0)' } })
    publish(archive, 'other', '2.0')
    await syncTo(yard, 'created')
  }
  const versions = async (channel: string) => {
    const apt = await aptOf(world, server)
    const setup = await fetch(`${server.url}/channels/web/${channel}/setup/debian/apt.sources`)
    await apt.setSources(await setup.text())
    await apt.update()
    const candidate = async (name: string) => (await apt.policy(name)).candidate
    return [await candidate('nginx'), await candidate('nginx-module'), await candidate('other')]
  }
  return { yard, ok, upgrade, versions }
}

describe('a hold', () => {
  it('keeps a source package in new releases while everything else goes on, until it is taken back', {
    timeout: 180_000,
  }, async () => {
    const { yard, ok, upgrade, versions } = await heldTrain()
    await ok('hold', 'web', 'nginx', '--why', 'our module', '--until', '2099-12-31')
    expect((await ok('holds')).stdout).toMatch(
      /^web {2}nginx {2}until 20991231T235959Z {2}\S+ {2}our module\n$/,
    )
    await upgrade()
    await ok('release', 'web')
    const record = async () => (await yard.use(open => open.yard.releases())).at(-1)!.record
    const held = (await record()).held!
    expect(held.map(one => [one.repository, one.package, one.version, one.hold])).toEqual([
      ['debian', 'nginx', '1.0', 'nginx'],
      ['debian', 'nginx-module', '1.0', 'nginx'],
    ])
    const first = (await record()).timestamp
    expect((await ok('release', 'web')).stdout).toContain('nothing new')
    expect((await record()).timestamp).toBe(first)
    await ok('promote', 'web/staging')
    await expect.poll(() => versions('staging'), { timeout: 20_000 }).toEqual(['1.0', '1.0', '2.0'])

    const bump = await yard.run('bump', 'web', 'nginx', '--why', 'in haste')
    failsWith(bump, 3, /nginx is held in web until 20991231T235959Z by .* \(our module\); nothing was cut/)

    await ok('unhold', 'web', 'nginx', '--why', 'mended')
    await ok('release', 'web')
    expect((await record()).held).toBeUndefined()
    await ok('promote', 'web/staging')
    await expect.poll(() => versions('staging'), { timeout: 20_000 }).toEqual(['2.0', '2.0', '2.0'])
    const log = await yard.use(async open => open.yard.log())
    expect(log.map(({ verb, why }) => [verb, why])).toEqual(
      expect.arrayContaining([
        ['hold', 'our module'],
        ['unhold', 'mended'],
      ]),
    )
  })

  it('of a channel keeps out a release that would change the package there', {
    timeout: 180_000,
  }, async () => {
    const { yard, ok, upgrade, versions } = await heldTrain()
    await ok('hold', 'web/production', 'ngin?', '--why', 'Christmas', '--until', '2099-12-31')
    await upgrade()
    await ok('release', 'web')
    await ok('promote', 'web/staging')
    const refused = await yard.run('promote', 'web/production')
    failsWith(refused, 3, /changes nginx, nginx-module of debian.*held in web\/production.*Christmas/)
    expect(refused.stderr).toContain('switchyard release web --keep production')
    await ok('release', 'web', '--keep', 'production')
    await ok('promote', 'web/staging')
    await ok('promote', 'web/production')
    await expect.poll(() => versions('production'), { timeout: 20_000 }).toEqual(['1.0', '1.0', '2.0'])
    await ok('unhold', 'web/production', 'ngin?')
    await ok('release', 'web')
    await ok('promote', 'web/staging')
    await ok('promote', 'web/production')
    await expect.poll(() => versions('production'), { timeout: 20_000 }).toEqual(['2.0', '2.0', '2.0'])
  })

  it('that has expired says so, and holds no more', async () => {
    const { yard, upgrade } = await heldTrain()
    await yard.use(({ yard }) =>
      yard.hold({ train: 'web' as never }, 'nginx', { why: 'a while', until: '20300101T000000Z' as never }),
    )
    await upgrade()
    const later = () => Date.UTC(2035, 0, 1)
    const report = await yard.use(({ yard }) => yard.release('web' as never), later)
    expect(report.notes).toEqual([
      expect.stringContaining('hold of nginx in web expired at 20300101T000000Z'),
    ])
    expect(report.release.held).toBeUndefined()
    const [hold] = await yard.use(({ yard }) => yard.holds(), later)
    expect(hold).toMatchObject({ package: 'nginx', expired: true })
  })

  it.each<[string, string[], number, RegExp]>([
    ['a train that is not there', ['hold', 'wed', 'nginx'], 1, /there is no train wed/],
    ['a channel that is not there', ['hold', 'web/prod', 'nginx'], 1, /no channel prod/],
    ['a day that is past', ['hold', 'web', 'nginx', '--until', '2020-01-01'], 2, /is past/],
    ['no day', ['hold', 'web', 'nginx', '--until', 'soon'], 2, /not a day/],
    ['no package', ['hold', 'web', '../x'], 2, /not a package/],
    ['what is not held', ['unhold', 'web', 'nginx'], 1, /nginx is not held in web.*\n.*nothing is held/],
  ])('of %s is refused', async (_, args, status, words) => {
    const yard = world.yard({}, { more: { trains: { web: { ...trains.web, repositories: ['debian'] } } } })
    yard.configure({ debian: { uploads: 'deb' } })
    const more =
      args[0] === 'hold' ? ['--why', 'x', ...(args.includes('--until') ? [] : ['--until', '2099-01-01'])] : []
    failsWith(await yard.run(...args, ...more), status, words)
    expect(await yard.use(open => open.yard.holds())).toEqual([])
  })

  it('of a package that nobody has is kept, with a warning', async () => {
    const { ok } = await heldTrain()
    const run = await ok('hold', 'web', 'ngnix', '--why', 'x', '--until', '2099-12-31')
    expect(run.stderr).toMatch(/no package of web is called ngnix/)
    expect((await ok('holds', 'web')).stdout).toContain('ngnix')
  })
})
