import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildRpms } from '../src/formats/rpm/build-rpms.fixture.ts'
import { serveArchive } from './world/archive-server.ts'
import { hash } from './world/hash.ts'
import { createDnf } from './world/rpm/client.ts'
import { createRpmRepository } from './world/rpm/repository.ts'
import { startServer } from './world/running-server.ts'
import { contentOf, createTestYard, type Settings } from './world/test-yard.ts'
import { createWorld, digestsOf, isWhole, syncTo, type World } from './world/world.ts'

let world: World

beforeAll(() => {
  world = createWorld()
})
afterAll(() => world.remove())

const images = { 'images/pxeboot/vmlinuz': 'kernel', 'images/pxeboot/initrd.img': 'initrd' }
const built = [...buildRpms([{ name: 'alpha' }, { name: 'extra', files: { '/usr/share/extra': 'x' } }])]
const packagesOf = (name: string) => new Map(built.filter(([file]) => file.startsWith(name)))

/** A repository with an installation tree, and a variant below it. */
async function kickstartTree(upstream: Settings = { kickstart: true }, policy = 'immediate') {
  const top = createRpmRepository(world.signing, { packages: packagesOf('alpha'), signedBy: 'good' })
  const variant = createRpmRepository(world.signing, { packages: packagesOf('extra'), signedBy: 'good' })
  const files = new Map(top.files)
  for (const [path, bytes] of variant.files) files.set(`Extras/${path}`, bytes)
  const publish = (contents: { [path: string]: string }) => {
    for (const [path, text] of Object.entries(contents)) files.set(path, Buffer.from(text))
    const checksums = Object.keys(contents).map(
      path => `${path} = sha256:${hash('sha256', files.get(path)!)}`,
    )
    const repomd = `repodata/repomd.xml = sha256:${hash('sha256', files.get('repodata/repomd.xml')!)}`
    files.set(
      '.treeinfo',
      Buffer.from(
        [
          '[header]',
          'type = productmd.treeinfo',
          'version = 1.2',
          '[release]',
          'name = Example',
          'version = 1',
        ]
          .concat(['[tree]', 'arch = x86_64', 'platforms = x86_64', 'variants = Base,Extras'])
          .concat(['[checksums]', ...checksums, repomd])
          .concat(['[images-x86_64]', ...Object.keys(contents).map((path, i) => `file${i} = ${path}`)])
          .concat(['[variant-Base]', 'id = Base', 'repository = .', 'packages = Packages'])
          .concat(['[variant-Extras]', 'id = Extras', 'repository = Extras', 'packages = Extras', ''])
          .join('\n'),
      ),
    )
  }
  publish(images)
  const server = await serveArchive({ files })
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
          attempts: 1,
          ...upstream,
        },
        policy,
      },
    },
    { more: { server: { listen: '127.0.0.1:0' } } },
  )
  world.atEnd(yard.remove)
  return { files, publish, server, yard, top }
}

const digests = (files: Iterable<[string, Buffer]>) =>
  Object.fromEntries([...files].map(([path, bytes]) => [path, hash('sha256', bytes)]))

it('an installation tree is mirrored with its images and the variants below it, byte for byte', async () => {
  const { files, yard } = await kickstartTree()
  await syncTo(yard, 'created')
  expect(await digestsOf(yard, 'base@latest')).toEqual(digests(files))
  await syncTo(yard, 'unchanged')
  await isWhole(yard, 1)
})

it('an on-demand mirror has the images too, and takes over those that did not change', async () => {
  const { files, server, yard, publish, top } = await kickstartTree({ kickstart: true }, 'on-demand')
  await syncTo(yard, 'created')
  server.drain()
  top.publish({ packages: packagesOf('extra'), signedBy: 'good' })
  for (const path of [...files.keys()]) if (/^(repodata\/|alpha)/.test(path)) files.delete(path)
  for (const [path, bytes] of top.files) files.set(path, bytes)
  files.delete('images/pxeboot/initrd.img')
  publish({ 'images/pxeboot/vmlinuz': 'kernel', 'images/boot.iso': 'iso' })
  await syncTo(yard, 'created')
  const asked = server.drain().map(({ path }) => path)
  expect(asked).toContain('images/boot.iso')
  expect(asked).not.toContain('images/pxeboot/vmlinuz')
  expect(digests(await yard.use(open => contentOf(open, 'base@latest')))).toEqual(digests(files))
})

it('a client sees the variant as the repository that it is', async () => {
  const { yard } = await kickstartTree()
  await syncTo(yard, 'created')
  const server = await startServer(yard)
  world.atEnd(() => server.stop())
  const dnf = createDnf()
  world.atEnd(dnf.remove)
  const section = (name: string, path: string) =>
    `[${name}]\nname=${name}\nbaseurl=${server.url}/content/base/latest/${path}\ngpgcheck=0\nrepo_gpgcheck=1\ngpgkey=${server.url}/setup/base/key.asc\n`
  dnf.setRepository(section('top', '') + section('extras', 'Extras/'))
  await dnf.ok('install', 'alpha', 'extra')
  expect(await dnf.installed()).toEqual(['alpha-1.0-1.noarch', 'extra-1.0-1.noarch'])
})

it('an image with other bytes than the treeinfo says makes no snapshot, and without the key there is no tree', async () => {
  const { files, yard } = await kickstartTree()
  files.set('images/pxeboot/vmlinuz', Buffer.from('forged'))
  const [report] = await yard.sync()
  expect(report).toMatchObject({
    outcome: 'failed',
    error: { message: expect.stringContaining('images/pxeboot/vmlinuz') },
  })
  const plain = await kickstartTree({})
  await syncTo(plain.yard, 'created')
  expect(Object.keys(await digestsOf(plain.yard, 'base@latest')).join(' ')).not.toMatch(
    /treeinfo|images|Extras/,
  )
})
