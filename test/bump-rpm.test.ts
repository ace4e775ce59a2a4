import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildRpms, type RpmRecipe } from '../src/formats/rpm/build-rpms.fixture.ts'
import type { Yard } from '../src/yard/index.ts'
import { serveArchive } from './world/archive-server.ts'
import { createDnf } from './world/rpm/client.ts'
import { createRpmRepository, type RpmContent } from './world/rpm/repository.ts'
import { signRpm } from './world/rpm/sign-rpm.ts'
import { startServer } from './world/running-server.ts'
import { contentOf, readAll, type TestYard } from './world/test-yard.ts'
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

async function trainOf(compose: boolean, content: RpmContent = before, verify = 'metadata') {
  const repository = createRpmRepository(world.signing, content)
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
        verify,
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

/** A client of the channel, as its setup file has it. */
async function clientOf(yard: TestYard, name: string) {
  const server = await startServer(yard)
  world.atEnd(() => server.stop())
  const dnf = createDnf()
  world.atEnd(dnf.remove)
  const setup = await (await fetch(`${server.url}/channels/web/production/setup/${name}/dnf.repo`)).text()
  return { dnf, setup, server }
}

/** One version of a module's stream, as modules.yaml has it. */
const stream = (name: string, version: string, ...artifacts: string[]) =>
  `---\ndocument: modulemd\nversion: 2\ndata:\n  name: ${name}\n  stream: "1"\n  version: ${version}\n  context: c0ffee\n  arch: noarch\n` +
  '  summary: s\n  description: d\n  license:\n    module: [MIT]\n  artifacts:\n    rpms:\n' +
  `${artifacts.map(one => `    - ${one}-1.noarch\n`).join('')}...\n`

describe('a bump of an RPM repository', () => {
  it('moves a version of a module as a whole, and dnf sees it as one', { timeout: 180_000 }, async () => {
    const modular = (name: string, version: string, ...preamble: string[]) =>
      built(`${name}-${version}`, recipe(name, version, 'ModularityLabel: db:1:1:c0ffee', ...preamble))
    const content = (version: string, other: string): RpmContent => ({
      packages: new Map([
        ...modular('db', version),
        ...modular('db-tools', version),
        ...built('other', recipe('other', other)),
      ]),
      metadata: {
        modules: stream('db', version.replace('.', ''), `db-0:${version}`, `db-tools-0:${version}`),
      },
      signedBy: 'good',
    })
    const { repository, yard, ok, name } = await trainOf(false, content('1.0', '1.0'))
    await ok('release', 'web')
    await ok('promote', 'web/dev')
    await ok('promote', 'web/production')
    repository.publish(content('2.0', '2.0'))
    await syncTo(yard, 'created')
    const said = await ok('bump', 'web', 'db', '--why', 'x')
    expect(said).toMatch(/but for 2 packages/)
    await ok('promote', 'web/production', /^(web@\S+)/.exec(said)![1]!)
    const { dnf, setup, server } = await clientOf(yard, name)
    dnf.setRepository(setup.replace(/^gpgcheck=1$/m, 'gpgcheck=0'))
    await dnf.ok('module', 'enable', 'db:1')
    await dnf.ok('install', 'db', 'db-tools')
    expect(await dnf.installed()).toEqual(['db-2.0-1.noarch', 'db-tools-2.0-1.noarch'])
    expect(await dnf.ok('-q', 'repoquery', '--nevra', 'other')).toMatch(/^other-0:1.0-1.noarch\n(?!other)/)
    // What a server has fetched it counts at its end.
    await server.stop()
    await isWhole(yard, 3)
  })

  it('is held to the signatures of its packages, like the mirror that it comes from', {
    timeout: 180_000,
  }, async () => {
    const key = world.signing.key('good')
    const signed = (packages: [string, Buffer][]) =>
      packages.map(([path, bytes]): [string, Buffer] => [path, signRpm(bytes, key)])
    const content = (...packages: [string, Buffer][]): RpmContent => ({ packages: new Map(packages) })
    const { repository, yard, ok, name } = await trainOf(
      false,
      content(...signed(built('one', recipe('one', '1')))),
      'packages',
    )
    await ok('release', 'web')
    await ok('promote', 'web/dev')
    await ok('promote', 'web/production')
    const { dnf, setup, server } = await clientOf(yard, name)
    expect(setup).toMatch(/^gpgcheck=1$/m)
    dnf.setRepository(setup)
    await dnf.ok('install', 'one')
    repository.publish(
      content(...signed(built('one', recipe('one', '2'))), ...built('forged', recipe('forged', '1'))),
    )
    await syncTo(yard, 'created')
    const said = await ok('bump', 'web', 'one', 'forged', '--why', 'x')
    await ok('promote', 'web/production', /^(web@\S+)/.exec(said)![1]!)
    await expect
      .poll(async () => dnf.ok('-q', '--refresh', 'repoquery', '--nevra'), { timeout: 30_000 })
      .toContain('one-0:2-1.noarch')
    await dnf.ok('upgrade')
    expect(await dnf.installed()).toEqual(['one-2-1.noarch'])
    const forged = await server.get(`/channels/web/production/${name}/Packages/forged-1-1.noarch.rpm`)
    expect(forged.status).toBe(502)
  })

  const both = [
    ['a mirror', false],
    ['a composition', true],
  ] as const

  it.each(both)(
    'brings a client one source of %s and what it forces, and nothing else',
    { timeout: 180_000 },
    async (_, compose) => {
      const { repository, yard, ok, name } = await trainOf(compose)
      await ok('release', 'web')
      await ok('promote', 'web/dev')
      await ok('promote', 'web/production')
      const { dnf, setup } = await clientOf(yard, name)
      dnf.setRepository(setup.replace(/^gpgcheck=1$/m, 'gpgcheck=0'))
      await dnf.ok('install', 'tls', 'libtls-devel', 'plugin', 'other')

      repository.publish(after)
      await syncTo(yard, 'created')
      await ok('release', 'web')
      await ok('promote', 'web/dev')
      const said = await ok('bump', 'web', 'libtls', '--why', 'CVE-2026-1234')
      expect(said).toMatch(/but for 5 packages, 2 of them because dependencies ask for it/)
      expect(said).toContain('TLS-1')
      await ok('promote', 'web/production', /^(web@\S+)/.exec(said)![1]!)
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
    },
  )

  it.each(both)(
    'describes the packages of %s as createrepo_c would',
    { timeout: 180_000 },
    async (_, compose) => {
      const { repository, yard, ok, name } = await trainOf(compose)
      await ok('fetch', name)
      await ok('release', 'web')
      await ok('promote', 'web/dev')
      await ok('promote', 'web/production')
      repository.publish(after)
      await syncTo(yard, 'created')
      await ok('bump', 'web', 'libtls', '--why', 'x')
      const directory = await writtenOut(yard, `web.${name}`)
      const ours = repoquery(directory)
      expect(ours.filter(line => line !== '')).toHaveLength(6)
      rmSync(join(directory, 'repodata'), { recursive: true })
      execFileSync('createrepo_c', ['--quiet', '--no-database', directory])
      expect(ours).toEqual(repoquery(directory))
      await isWhole(yard, compose ? 5 : 3)
    },
  )
})

describe('a hold in an RPM repository', () => {
  it('keeps what was built together and leans on it, and says nothing of its mends', {
    timeout: 180_000,
  }, async () => {
    const { repository, yard, ok, name } = await trainOf(false)
    await ok('release', 'web')
    await ok('hold', 'web', 'tls', '--why', 'x', '--until', '2099-12-31')
    repository.publish(after)
    await syncTo(yard, 'created')
    await ok('release', 'web')
    await ok('promote', 'web/dev')
    await ok('promote', 'web/production')
    const { dnf, setup } = await clientOf(yard, name)
    dnf.setRepository(setup.replace(/^gpgcheck=1$/m, 'gpgcheck=0'))
    const offered = await dnf.ok('-q', 'repoquery', '--nevra')
    expect(offered.match(/^\S+\.noarch$/gm)!.sort()).toEqual([
      'libbase-0:2-1.noarch',
      'libtls-0:1.0-1.noarch',
      'libtls-devel-0:1.0-1.noarch',
      'newcomer-0:1.0-1.noarch',
      'other-0:2.0-1.noarch',
      'plugin-0:1.0-1.noarch',
      'tls-0:1.0-1.noarch',
    ])
    const updateinfo = await yard.use(({ yard }) => contentOfType(yard, name, 'updateinfo'))
    expect(updateinfo).toContain('<id>TLS-1</id>')
    expect(updateinfo).not.toMatch(/name="(lib)?tls"/)
  })
})

/** A document of the train's own snapshot, as text. */
async function contentOfType(yard: Yard, name: string, type: string): Promise<string> {
  const entries = await yard.list(`web.${name}`, 'repodata' as never)
  const file = entries.find(entry => entry.name.includes(type))!
  const bytes = await readAll(await yard.cat(`web.${name}`, `repodata/${file.name}`))
  return (
    file.name.endsWith('.zst')
      ? zstdDecompressSync(bytes)
      : file.name.endsWith('.gz')
        ? gunzipSync(bytes)
        : bytes
  ).toString()
}

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
