import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PackageSpec } from './world/apt/deb-package.ts'
import { aptOf, served } from './world/served.ts'
import { createWorld, syncTo, type World } from './world/world.ts'

/** The zero-day bump as an operator and a real apt see it. */
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

/** Three binaries of one source that ask for each other in exactly their version, as openssl's do. */
function tls(version: string): PackageSpec[] {
  const built = (name: string, depends?: string): PackageSpec => ({
    name,
    version,
    fields: { Source: 'tls', ...(depends === undefined ? {} : { Depends: depends }) },
  })
  return [
    built('libtls', 'libbase (>= 1)'),
    built('tls', `libtls (= ${version})`),
    built('libtls-dev', `libtls (= ${version})`),
  ]
}

describe('a bump', () => {
  it('brings a client on the channel one source and what it forces, and nothing else', async () => {
    const before: PackageSpec[] = [
      ...tls('1.0'),
      { name: 'libbase', version: '1' },
      { name: 'plugin', version: '1.0', fields: { Depends: 'libtls (= 1.0)' } },
      { name: 'other', version: '1.0' },
    ]
    const { archive, yard, server } = await served(
      world,
      { packages: { main: before }, patches: true, extras: true },
      { trains },
    )
    const release = async (...args: string[]) => {
      const run = await yard.run(...args)
      expect(run, run.stderr).toMatchObject({ status: 0 })
      return run
    }
    await release('release', 'web')
    await release('promote', 'web/staging')
    await release('promote', 'web/production')
    const apt = await aptOf(world, server)
    await apt.setSources(
      await (await fetch(`${server.url}/channels/web/production/setup/debian/apt.sources`)).text(),
    )
    await apt.update()
    await apt.install('tls', 'libtls-dev', 'plugin', 'other')

    archive.update(([suite]) => {
      suite!.packages!.main = [
        ...tls('1.1').map(one => ({
          ...one,
          ...(one.name === 'libtls' ? { fields: { ...one.fields, Depends: 'libbase (>= 2)' } } : {}),
        })),
        { name: 'libbase', version: '2' },
        { name: 'plugin', version: '1.1', fields: { Depends: 'libtls (= 1.1)' } },
        { name: 'other', version: '2.0' },
        { name: 'newcomer', version: '1.0' },
      ]
    })
    await syncTo(yard, 'created')
    await release('release', 'web')
    await release('promote', 'web/staging')

    const bump = await release('bump', 'web', 'tls', '--why', 'CVE-2026-1234')
    expect(bump.stdout).toMatch(/web@\S+ {2}web@\S+ of web\/production but for 5 packages, 2 of them/)
    expect(bump.stdout).toContain('libtls-dev')
    expect(bump.stdout).not.toContain('other')
    expect(bump.stdout).not.toContain('newcomer')
    const name = /^(web@\S+)/.exec(bump.stdout)![1]!
    await release('promote', 'web/production', name)
    await expect
      .poll(async () => {
        await apt.update()
        return (await apt.policy('tls')).candidate
      })
      .toBe('1.1')
    expect((await apt.policy('other')).candidate).toBe('1.0')
    expect((await apt.policy('newcomer')).candidate).toBeUndefined()
    await apt.get(['dist-upgrade'])
    expect(Object.fromEntries(await apt.installed())).toEqual({
      libbase: '2',
      libtls: '1.1',
      'libtls-dev': '1.1',
      other: '1.0',
      plugin: '1.1',
      tls: '1.1',
    })
  })
})
