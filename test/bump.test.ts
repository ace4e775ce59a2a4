import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseRelease } from '../src/formats/index.ts'
import type { PackageSpec } from './world/apt/deb-package.ts'
import type { SuiteSpec } from './world/apt/suite-spec.ts'
import { fileOf, flip } from './world/damage.ts'
import { hash } from './world/hash.ts'
import { momentsOf } from './world/moments.ts'
import { aptOf, publish, served, timestampsOf } from './world/served.ts'
import { contentOf, mirrorOf, type Settings } from './world/test-yard.ts'
import { createWorld, digestsOf, failsWith, isWhole, syncTo, type World } from './world/world.ts'

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
  it('brings a client on the channel one source and what it forces, and nothing else', {
    timeout: 180_000,
  }, async () => {
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
      .poll(
        async () => {
          await apt.update()
          return (await apt.policy('tls')).candidate
        },
        { timeout: 30_000 },
      )
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

/** A train of an archive, at its first release in both channels. */
async function trainOf(
  suite: Partial<SuiteSpec> = { packages: { main: [{ name: 'one' }, { name: 'two' }] } },
  { upstream = {}, policy = 'on-demand', more = {}, repositories = ['debian'], train = {} }: Wishes = {},
) {
  const { archive, server, yard } = await world.mirrored(suite)
  const mirror = mirrorOf(server.url, world.keyring, upstream, { policy })
  const channels = { staging: {}, production: { after: 'staging' } }
  yard.configure(
    { debian: mirror, ...more },
    { trains: { web: { repositories, channels, complete: 'fetchable', ...train } } },
  )
  await syncTo(yard, 'created')
  const ok = async (...args: string[]) => {
    const run = await yard.run(...args)
    expect(run, run.stderr).toMatchObject({ status: 0 })
    return run
  }
  await ok('release', 'web')
  await ok('promote', 'web/staging')
  await ok('promote', 'web/production')
  const bump = async (...args: string[]) => {
    const run = await ok('bump', 'web', ...args, '--why', 'in haste')
    return { ...run, name: /^(web@\S+)/.exec(run.stdout)![1]! }
  }
  return { archive, server, yard, ok, bump }
}

interface Wishes {
  upstream?: Settings
  policy?: string
  more?: { [name: string]: Settings }
  repositories?: string[]
  train?: Settings
}

describe('what a bump writes', () => {
  const suite: Partial<SuiteSpec> = {
    packages: { main: [{ name: 'one' }], contrib: [{ name: 'two' }] },
    sources: { main: [{ name: 'one', version: '1.0-1' }] },
    patches: true,
    extras: true,
    fields: { Origin: 'Them', Label: 'Theirs', Suite: 'oldstable', Codename: 'stable', Version: '9.1' },
  }

  it('is what its Release names, without patches, and everything else is as it was', async () => {
    const { archive, yard, bump } = await trainOf(suite, {
      upstream: { components: ['main', 'contrib'], sources: true },
      policy: 'immediate',
    })
    archive.update(([suite]) => {
      suite!.packages!.main = [{ name: 'one', version: '2.0' }]
      suite!.packages!.contrib = [{ name: 'two', version: '2.0' }]
      suite!.sources!.main = [{ name: 'one', version: '2.0' }]
    })
    await syncTo(yard, 'created')
    await bump('one')
    const [first] = await timestampsOf(yard, 'debian')
    const before = await yard.use(open => contentOf(open, `debian@${first}`))
    const after = await yard.use(open => contentOf(open, 'web.debian'))
    const release = parseRelease(after.get('dists/stable/Release')!, 'Release')
    expect(release).toMatchObject({ origin: 'Them', label: 'Theirs', suite: 'oldstable', version: '9.1' })
    const named = new Map(release.files.map(file => [`dists/stable/${file.path}`, file]))
    const isIndex = (path: string) =>
      /^dists\/.*(Packages|Sources|Contents|Translation)/.test(path) && !/by-hash|\.diff\/T-/.test(path)
    for (const [path, bytes] of after)
      if (isIndex(path))
        expect(named.get(path), path).toMatchObject({ sha256: hash('sha256', bytes), size: bytes.length })
    const paths = [...after.keys()]
    expect([...before.keys()].filter(path => path.includes('main/binary-amd64/Packages.diff/'))).not.toEqual(
      [],
    )
    expect(paths.filter(path => path.includes('main/binary-amd64/Packages.diff/'))).toEqual([])
    const index = gunzipSync(after.get('dists/stable/main/binary-amd64/Packages.gz')!)
    expect(named.get('dists/stable/main/binary-amd64/Packages')!.sha256).toBe(hash('sha256', index))
    expect(index.toString()).toMatch(/^Package: one\nVersion: 2.0\n/)
    expect(gunzipSync(after.get('dists/stable/main/source/Sources.gz')!).toString()).toContain(
      'Version: 2.0\n',
    )
    const touched =
      /^dists\/stable\/((In)?Release(\.gpg)?$|main\/(binary-amd64|source)\/)|^pool\/main\/o\/one/
    for (const [path, bytes] of before) if (!touched.test(path)) expect(after.get(path), path).toEqual(bytes)
    expect(paths.filter(path => path.startsWith('pool/') && path.endsWith('.deb')).sort()).toEqual([
      'pool/contrib/t/two/two_1.0-1_amd64.deb',
      'pool/main/o/one/one_2.0_amd64.deb',
    ])
    await isWhole(yard, 3)
  })

  it('is the same from the same snapshots: fsck writes it again, and the same bump is not cut twice', async () => {
    const { archive, yard, bump } = await trainOf()
    publish(archive, 'one', '2.0')
    await syncTo(yard, 'created')
    const first = await bump('one')
    expect((await bump('one')).stdout).toContain(`${first.name}  is there already`)
    expect(await timestampsOf(yard, 'web.debian')).toHaveLength(1)
    const before = await digestsOf(yard, 'web.debian')
    const { record } = await yard.use(open => open.yard.snapshot('web.debian'))
    for (const digest of [record.packages, record.files]) flip(fileOf(yard, 'pages', digest))
    const { findings } = await yard.use(open => open.yard.fsck({ repair: true }))
    expect(findings.filter(finding => !finding.repaired)).toEqual([])
    expect(await digestsOf(yard, 'web.debian')).toEqual(before)
  })

  it('of a composition, whose train wants every file here, is fetched', async () => {
    const { archive, yard, ok, bump } = await trainOf(undefined, {
      more: { ours: { compose: { from: ['debian'], label: 'Ours', origin: 'Ours' }, policy: 'immediate' } },
      repositories: ['ours'],
      train: { complete: 'local' },
    })
    publish(archive, 'one', '2.0')
    publish(archive, 'two', '2.0')
    await syncTo(yard, 'created')
    const { name } = await bump('one')
    const { completeness } = await yard.use(open => open.yard.snapshot('web.ours'))
    expect(completeness.localEntries).toBe(completeness.totalEntries)
    await ok('promote', 'web/production', name)
    const removal = await yard.run('rm', 'web.ours')
    failsWith(removal, 3, `the release ${name} names web.ours@`)
    await isWhole(yard, 5)
  })
})

describe('a bump and the releases around it', () => {
  it('is carried on by the next bump, and expires into a regular release that has it', async () => {
    const { archive, yard, ok, bump } = await trainOf()
    publish(archive, 'one', '2.0')
    publish(archive, 'two', '2.0')
    await syncTo(yard, 'created')
    await ok('promote', 'web/production', (await bump('one')).name)
    const second = await bump('two')
    expect(second.stdout).not.toMatch(/^ {2}one/m)
    await ok('promote', 'web/production', second.name)
    const { packages } = await yard.use(open => open.yard.diff('web.debian', 'debian'))
    expect(packages).toEqual([])
    expect(await ok('release', 'web')).toMatchObject({ stderr: '' })
    await ok('promote', 'web/staging')
    expect((await ok('promote', 'web/production')).stdout).not.toContain('LOST')
    expect((await bump('one')).stdout).toContain('has nothing older than the newest snapshots')
  })

  it('is told of loudly when a release does not have what it brought', async () => {
    const { archive, yard, ok, bump } = await trainOf()
    publish(archive, 'two', '2.0')
    await syncTo(yard, 'created')
    await ok('release', 'web')
    await ok('promote', 'web/staging')
    publish(archive, 'one', '2.0')
    await syncTo(yard, 'created')
    await ok('promote', 'web/production', (await bump('one')).name)
    const older = await ok('promote', 'web/production')
    expect(older.stdout).toMatch(/LOST: one is 1.0-1 again, which the bump web@\S+ had brought to 2.0/)
    await ok('rollback', 'web/production')
    publish(archive, 'one', '1.5')
    await syncTo(yard, 'created')
    const cut = await ok('release', 'web')
    expect(cut.stderr).toMatch(/warning: one is 1.5 again, which the bump .* had brought to 2.0/)
  })

  it('of what is being tested goes the way of every release', async () => {
    const { archive, yard, ok } = await trainOf()
    publish(archive, 'one', '2.0')
    await syncTo(yard, 'created')
    await ok('release', 'web')
    await ok('promote', 'web/staging')
    publish(archive, 'one', '3.0')
    await syncTo(yard, 'created')
    const run = await ok('bump', 'web', 'one', '--channel', 'staging', '--why', 'x')
    const name = /^(web@\S+)/.exec(run.stdout)![1]!
    await ok('promote', 'web/staging', name)
    await ok('promote', 'web/production')
    expect(
      (await yard.use(open => open.yard.trains()))[0]!.channels.map(({ record }) => `web@${record!.release}`),
    ).toEqual([name, name])
  })
})

describe('a bump in a train of several repositories', () => {
  it('takes what it forces from whichever has it, and leaves the others as they are', {
    timeout: 180_000,
  }, async () => {
    const security = world.archive({
      name: 'stable-security',
      packages: {
        main: [{ name: 'tls', version: '1.0', fields: { Depends: 'libc (>= 1)' } }, { name: 'more' }],
      },
    })
    const mirror = (await world.serve(security)).url
    const { archive, yard, ok, bump } = await trainOf(
      { packages: { main: [{ name: 'libc', version: '1' }, { name: 'two' }] } },
      {
        more: {
          security: mirrorOf(mirror, world.keyring, { suite: 'stable-security' }, { policy: 'on-demand' }),
        },
        repositories: ['debian', 'security'],
      },
    )
    publish(security, 'tls', '2.0', { fields: { Depends: 'libc (>= 2)' } })
    publish(security, 'more', '2.0')
    publish(archive, 'libc', '2')
    publish(archive, 'two', '2.0')
    await syncTo(yard, 'created')
    const { name, stdout } = await bump('tls')
    expect(stdout).toMatch(/^ {2}tls +1.0 +-> {2}2.0$/m)
    expect(stdout).toMatch(/^ {2}libc +1 +-> {2}2 +for tls$/m)
    await ok('promote', 'web/production', name)
    const packages = async (reference: string) => {
      const { packages } = await yard.use(open => open.yard.diff(reference, `web.${reference.split('@')[0]}`))
      return packages.map(one => one.name)
    }
    expect(await packages(`debian@${(await timestampsOf(yard, 'debian'))[0]}`)).toEqual(['libc'])
    expect(await packages(`security@${(await timestampsOf(yard, 'security'))[0]}`)).toEqual(['tls'])
    // What only one repository has a newer version of leaves the other one's snapshot as it is.
    const second = await bump('more')
    const record = (await yard.use(open => open.yard.releases())).at(-1)!.record
    expect(`web@${record.timestamp}`).toBe(second.name)
    expect(await timestampsOf(yard, 'web.debian')).toHaveLength(1)
    expect(await timestampsOf(yard, 'web.security')).toHaveLength(2)
  })
})

describe('a bump is refused', () => {
  it.each<[string, string[], number, RegExp]>([
    [
      'of a package that nobody has',
      ['onne'],
      1,
      /no package or source package of web is called onne.*\n.*search/,
    ],
    ['of a channel that is not there', ['one', '--channel', 'prod'], 1, /no channel prod/],
  ])('%s', async (_, args, status, words) => {
    const { yard } = await trainOf()
    failsWith(await yard.run('bump', 'web', ...args, '--why', 'x'), status, words)
    failsWith(await yard.run('bump', 'web', 'one'), 2, /--why/)
    expect(await yard.use(open => open.yard.releases())).toHaveLength(1)
  })

  it('when the name of the line would be too long', async () => {
    const long = 'x'.repeat(60)
    const { archive, yard } = await trainOf(undefined, {
      more: { [long]: { compose: { from: ['debian'] }, policy: 'on-demand' } },
      repositories: [long],
    })
    publish(archive, 'one', '2.0')
    await syncTo(yard, 'created')
    failsWith(
      await yard.run('bump', 'web', 'one', '--why', 'x'),
      2,
      /longer than a name may be \(63\); nothing was made/,
    )
  })
})

describe('a bump that is killed', () => {
  it('leaves the channel as it was, and the next one is whole', { timeout: 180_000 }, async () => {
    const prepared = async () => {
      const made = await trainOf()
      publish(made.archive, 'one', '2.0')
      await syncTo(made.yard, 'created')
      return made
    }
    const undisturbed = await prepared()
    const { yard, ok, bump } = await prepared()
    const released = async () =>
      (await yard.use(open => open.yard.trains()))[0]!.channels.map(({ record }) => record!.release)
    const before = await released()
    const moments = await momentsOf(() => undisturbed.bump('one'))
    for (let killed = 0; killed < 5; ) {
      const running = yard.start('bump', 'web', 'one', '--why', 'x')
      await moments.next()
      running.kill('SIGKILL')
      if ((await running.done).signal === null) moments.tooLate()
      else killed++
      expect(await released()).toEqual(before)
    }
    await ok('promote', 'web/production', (await bump('one')).name)
    expect(await timestampsOf(yard, 'web.debian')).toHaveLength(1)
    await isWhole(yard, 3)
  })
})
