import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildRpms, type RpmRecipe } from '../src/formats/rpm/build-rpms.fixture.ts'
import { serveArchive } from './world/archive-server.ts'
import { hash } from './world/hash.ts'
import { createDnf } from './world/rpm/client.ts'
import { createRpmRepository, type RpmContent } from './world/rpm/repository.ts'
import { startServer } from './world/running-server.ts'
import { contentOf, createTestYard, type Settings } from './world/test-yard.ts'
import { createWorld, isWhole, syncTo, type World } from './world/world.ts'

let world: World

beforeAll(() => {
  world = createWorld()
})
afterAll(() => world.remove())

/** All in one run of rpmbuild, so that a package has the same bytes today and tomorrow. */
const everything: RpmRecipe[] = [
  { name: 'alpha', files: { '/usr/bin/alpha': 'one' }, preamble: ['Requires: libbeta >= 1'] },
  { name: 'libbeta', version: '1.5', release: '2', epoch: 1, files: { '/usr/lib/libbeta': 'b' } },
  { name: 'gamma', version: '1.0~rc1', files: { '/etc/gamma': 'g' } },
  { name: 'delta', files: { '/usr/share/delta': 'd' } },
]
const newer: RpmRecipe[] = [{ ...everything[0]!, version: '1.1' }]

function contentOfNames(...names: string[]): RpmContent {
  const built = [...buildRpms(everything), ...buildRpms(newer)]
  const packages = new Map(
    built
      .filter(([file]) => names.some(name => file.startsWith(name)))
      .map(([file, bytes]) => [`Packages/${file[0]}/${file}`, bytes]),
  )
  return { packages, signedBy: 'good' }
}
const today = contentOfNames('alpha-1.0', 'libbeta', 'gamma')
const tomorrow = contentOfNames('alpha-1.1', 'libbeta', 'delta')

async function mirrored(content: RpmContent, upstream: Settings = {}, more: Settings = {}) {
  const repository = createRpmRepository(world.signing, content)
  const server = await serveArchive(repository)
  world.atEnd(() => server.close())
  const yard = createTestYard(
    {
      base: {
        upstream: {
          format: 'dnf',
          url: server.url,
          verify: 'metadata',
          keyring: world.keyring,
          proxy: 'none',
          attempts: 2,
          ...upstream,
        },
        ...more,
      },
    },
    { more: { server: { listen: '127.0.0.1:0' } } },
  )
  world.atEnd(yard.remove)
  return { repository, server, yard }
}

describe('a mirror of an RPM repository', () => {
  it('holds every file of upstream byte for byte, and makes a snapshot only when something changed', async () => {
    const { repository, server, yard } = await mirrored(today, {}, { policy: 'immediate' })
    await syncTo(yard, 'created')
    const held = await yard.use(open => contentOf(open, 'base@latest'))
    const digests = (files: Iterable<[string, Buffer]>) =>
      Object.fromEntries([...files].map(([path, bytes]) => [path, hash('sha256', bytes)]).sort())
    expect(digests(held)).toEqual(digests(repository.files))
    server.drain()
    await syncTo(yard, 'unchanged')
    expect(server.drain().map(({ path, status }) => [path, status])).toEqual([['repodata/repomd.xml', 304]])
    repository.publish(tomorrow)
    const [report] = await syncTo(yard, 'created')
    expect(report).toMatchObject({ change: { added: 1, removed: 1, upgraded: 1, downgraded: 0, rebuilt: 0 } })
    expect(digests(await yard.use(open => contentOf(open, 'base@latest')))).toEqual(digests(repository.files))
    await isWhole(yard, 2)
  })

  it('is what a real dnf installs from, upgrades and goes back to, with signatures on', async () => {
    const { repository, yard } = await mirrored(today)
    await syncTo(yard, 'created')
    const server = await startServer(yard)
    world.atEnd(() => server.stop())
    const dnf = createDnf()
    world.atEnd(dnf.remove)
    dnf.setRepository(await (await fetch(`${server.url}/setup/base/dnf.repo`)).text())
    await dnf.ok('install', 'alpha')
    expect(await dnf.installed()).toEqual(['alpha-1.0-1.noarch', 'libbeta-1:1.5-2.noarch'])
    repository.publish(tomorrow)
    await syncTo(yard, 'created')
    await dnf.ok('--refresh', 'upgrade')
    expect(await dnf.installed()).toEqual(['alpha-1.1-1.noarch', 'libbeta-1:1.5-2.noarch'])
    const [first] = await yard.use(open => open.yard.snapshots())
    dnf.setRepository(
      await (await fetch(`${server.url}/setup/base/${first!.record.timestamp}/dnf.repo`)).text(),
    )
    await dnf.ok('--refresh', 'distro-sync')
    expect(await dnf.installed()).toEqual(['alpha-1.0-1.noarch', 'libbeta-1:1.5-2.noarch'])
  })
})
