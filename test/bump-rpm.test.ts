import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildRpms, type RpmRecipe } from '../src/formats/rpm/build-rpms.fixture.ts'
import { serveArchive } from './world/archive-server.ts'
import { createDnf } from './world/rpm/client.ts'
import { createRpmRepository, type RpmContent } from './world/rpm/repository.ts'
import { startServer } from './world/running-server.ts'
import { contentOf, type TestYard } from './world/test-yard.ts'
import { createWorld, isWhole, syncTo, type World } from './world/world.ts'

/** The zero-day bump as an operator and a real dnf see it. */
let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

/** Packages built from one source package. */
function built(source: string, ...recipes: RpmRecipe[]): [string, Buffer][] {
  return [...buildRpms(recipes, { source: `${source}-source` })].map(([file, bytes]) => [
    `Packages/${file}`,
    bytes,
  ])
}

const recipe = (name: string, version: string, ...preamble: string[]): RpmRecipe => ({
  name,
  version,
  preamble,
  files: { [`/usr/share/${name}`]: version },
})

/** Three binaries of one source that ask for each other in exactly their version, as openssl's do. */
const tls = (version: string, base: string) =>
  built(
    'tls',
    recipe('libtls', version, `Requires: libbase >= ${base}`),
    recipe('tls', version, `Requires: libtls = ${version}`),
    recipe('libtls-devel', version, `Requires: libtls = ${version}`),
  )

const advisory = (id: string, ...packages: [name: string, version: string][]) =>
  `<update from="x@example.org" status="final" type="security" version="1"><id>${id}</id><title>${id}</title>` +
  `<issued date="2026-11-20 00:00:00"/><severity>Critical</severity><pkglist><collection short="c"><name>c</name>${packages
    .map(
      ([name, version]) =>
        `<package name="${name}" version="${version}" release="1" epoch="0" arch="noarch"><filename>${name}-${version}-1.noarch.rpm</filename></package>`,
    )
    .join('')}</collection></pkglist></update>`
const updateinfo = (...advisories: string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n${advisories.join('\n')}\n</updates>\n`

const before: RpmContent = {
  packages: new Map([
    ...tls('1.0', '1'),
    ...built('base', recipe('libbase', '1')),
    ...built('plugin', recipe('plugin', '1.0', 'Requires: libtls = 1.0')),
    ...built('other', recipe('other', '1.0')),
  ]),
  metadata: { updateinfo: updateinfo(advisory('OLD-1', ['other', '1.0'])) },
  signedBy: 'good',
}

const after: RpmContent = {
  packages: new Map([
    ...tls('1.1', '2'),
    ...built('base', recipe('libbase', '2')),
    ...built('plugin', recipe('plugin', '1.1', 'Requires: libtls = 1.1')),
    ...built('other', recipe('other', '2.0')),
    ...built('newcomer', recipe('newcomer', '1.0')),
  ]),
  metadata: {
    updateinfo: updateinfo(
      advisory('OLD-1', ['other', '1.0']),
      advisory('TLS-1', ['libtls', '1.1'], ['tls', '1.1'], ['other', '2.0']),
      advisory('OTHER-2', ['other', '2.0']),
    ),
  },
  signedBy: 'good',
}

async function trainOf(compose: boolean) {
  const repository = createRpmRepository(world.signing, before)
  const upstream = await serveArchive(repository)
  world.atEnd(() => upstream.close())
  const name = compose ? 'ours' : 'base'
  const yard = world.yard(
    {},
    {
      more: {
        server: { listen: '127.0.0.1:0' },
        trains: {
          web: {
            repositories: [name],
            channels: { dev: {}, production: { after: 'dev' } },
            complete: 'fetchable',
          },
        },
      },
    },
  )
  yard.configure({
    base: {
      upstream: {
        format: 'dnf',
        url: upstream.url,
        verify: 'metadata',
        keyring: world.keyring,
        proxy: 'none',
        attempts: 2,
      },
      policy: 'on-demand',
    },
    ...(compose ? { ours: { compose: { from: ['base'] }, policy: 'on-demand' } } : {}),
  })
  await syncTo(yard, 'created')
  const ok = async (...args: string[]) => {
    const run = await yard.run(...args)
    expect(run, run.stderr).toMatchObject({ status: 0 })
    return run.stdout
  }
  return { repository, yard, ok, name }
}

/** The files of a snapshot, in a directory that is removed at the end. */
async function writtenOut(yard: TestYard, reference: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-tree-'))
  world.atEnd(() => rmSync(directory, { recursive: true, force: true }))
  for (const [path, bytes] of await yard.use(open => contentOf(open, reference))) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), bytes)
  }
  return directory
}

describe('a bump of an RPM repository', () => {
  it.each([
    ['a mirror', false],
    ['a composition', true],
  ])('brings a client one source of %s and what it forces, and nothing else', async (_, compose) => {
    const { repository, yard, ok, name } = await trainOf(compose)
    await ok('release', 'web')
    await ok('promote', 'web/dev')
    await ok('promote', 'web/production')
    const server = await startServer(yard)
    world.atEnd(() => server.stop())
    const dnf = createDnf()
    world.atEnd(dnf.remove)
    const setup = await fetch(`${server.url}/channels/web/production/setup/${name}/dnf.repo`)
    dnf.setRepository((await setup.text()).replace(/^gpgcheck=1$/m, 'gpgcheck=0'))
    await dnf.ok('install', 'tls', 'libtls-devel', 'plugin', 'other')

    repository.publish(after)
    await syncTo(yard, 'created')
    await ok('release', 'web')
    await ok('promote', 'web/dev')
    const said = await ok('bump', 'web', 'libtls', '--why', 'CVE-2026-1234')
    expect(said).toMatch(/but for 5 packages, 2 of them because dependencies ask for it/)
    expect(said).toContain('TLS-1')
    const release = /^(web@\S+)/.exec(said)![1]!
    await ok('promote', 'web/production', release)
    await expect
      .poll(async () => dnf.ok('-q', '--refresh', 'repoquery', '--nevra'), { timeout: 30_000 })
      .toContain('tls-0:1.1-1.noarch')
    await dnf.ok('--refresh', 'upgrade')
    expect(await dnf.installed()).toEqual([
      'libbase-2-1.noarch',
      'libtls-1.1-1.noarch',
      'libtls-devel-1.1-1.noarch',
      'other-1.0-1.noarch',
      'plugin-1.1-1.noarch',
      'tls-1.1-1.noarch',
    ])
    expect(await dnf.ok('-q', 'repoquery', '--nevra', 'newcomer')).toBe('')
    const advisories = await dnf.ok('-q', 'updateinfo', 'list', '--all')
    expect(advisories).toContain('TLS-1')
    expect(advisories).not.toMatch(/OTHER-2|other-2.0/)

    // What createrepo_c would write about the same packages says the same.
    const directory = await writtenOut(yard, `web.${name}`)
    const said1 = repoquery(directory)
    rmSync(join(directory, 'repodata'), { recursive: true })
    execFileSync('createrepo_c', ['--quiet', '--no-database', directory])
    expect(said1).toEqual(repoquery(directory))
    expect(said1.length).toBeGreaterThan(6)
    await isWhole(yard, compose ? 5 : 3)
  })
})

function repoquery(directory: string): string[] {
  const dnf = createDnf()
  world.atEnd(dnf.remove)
  dnf.setRepository(`[x]\nname=x\nbaseurl=file://${directory}\ngpgcheck=0\n`)
  const all = [
    '-y',
    '-c',
    join(dnf.directory, 'dnf.conf'),
    `--installroot=${dnf.directory}/root`,
    '--releasever=1',
    '-q',
  ]
  const format = '%{name} %{evr} %{arch} %{location} %{requires} %{provides} %{files}'
  return execFileSync('dnf', [...all, 'repoquery', '--show-duplicates', '--qf', format], {
    env: { ...process.env, HOME: join(dnf.directory, 'home') },
  })
    .toString()
    .split('\n')
    .sort()
}
