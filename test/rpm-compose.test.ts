import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildRpms, type RpmRecipe } from '../src/formats/rpm/build-rpms.fixture.ts'
import type { FrameTable } from '../src/repository/records.ts'
import { serveArchive } from './world/archive-server.ts'
import { hash } from './world/hash.ts'
import { createDnf, type Dnf } from './world/rpm/client.ts'
import { createRpmRepository, type RpmContent } from './world/rpm/repository.ts'
import { startServer } from './world/running-server.ts'
import { contentOf, type Settings, type TestYard } from './world/test-yard.ts'
import { createWorld, digestsOf, isWhole, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

/** Packages by where createrepo_c finds them. Each is built once, so that it has the same bytes in every pool. */
function pool(...recipes: RpmRecipe[]): Map<string, Buffer> {
  return new Map(
    recipes
      .flatMap(recipe => [...buildRpms([recipe])])
      .map(([file, bytes]) => [`Packages/${file[0]}/${file}`, bytes]),
  )
}

/** Two packages of the same name and version that hold different bytes. */
const twin = (summary: string): RpmRecipe => ({
  name: 'twin',
  summary,
  files: { [`/etc/${summary}`]: summary },
})

/** A mirror on demand (`base`), an immediate one (`updates`), and `ours`, which is composed of them. */
async function ofTwo(
  base: Partial<RpmContent>,
  updates: Partial<RpmContent>,
  compose: Settings = {},
  upstream: Settings = {},
) {
  const served = async (content: Partial<RpmContent>) => {
    const repository = createRpmRepository(world.signing, {
      packages: new Map(),
      ...(upstream.verify === undefined ? { signedBy: 'good' } : {}),
      ...content,
    })
    const server = await serveArchive(repository)
    world.atEnd(() => server.close())
    const settings = { format: 'dnf', url: server.url, proxy: 'none', attempts: 2, ...upstream }
    return {
      repository,
      server,
      upstream:
        upstream.verify === undefined
          ? { verify: 'metadata', keyring: world.keyring, ...settings }
          : settings,
    }
  }
  const [first, second] = [await served(base), await served(updates)]
  const yard = world.yard({}, { more: { server: { listen: '127.0.0.1:0' } } })
  const configure = (settings: Settings, more: Settings = {}) =>
    yard.configure({
      base: { upstream: first.upstream, policy: 'on-demand' },
      updates: { upstream: second.upstream, policy: 'immediate' },
      ours: { compose: { from: ['updates', 'base'], ...settings }, ...more },
    })
  configure(compose)
  return { base: first, updates: second, yard, configure }
}

/** The files of a snapshot, in a directory that is removed at the end. */
async function writtenOut(yard: TestYard, reference = 'ours'): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-tree-'))
  world.atEnd(() => rmSync(directory, { recursive: true, force: true }))
  for (const [path, bytes] of await yard.use(open => contentOf(open, reference))) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), bytes)
  }
  return directory
}

function client(): Dnf {
  const dnf = createDnf()
  world.atEnd(dnf.remove)
  return dnf
}

/** A dnf that reads a directory; it sees packages of module streams that are not enabled only where it is told to. */
function clientOf(directory: string, more = ''): Dnf {
  const dnf = client()
  dnf.setRepository(`[ours]\nname=ours\nbaseurl=file://${directory}\ngpgcheck=0\n${more}`)
  return dnf
}

/** What dnf says is there. */
async function offered(yard: TestYard): Promise<string[]> {
  const dnf = clientOf(await writtenOut(yard), 'module_hotfixes=1\n')
  const said = await dnf.ok('-q', 'repoquery', '--show-duplicates', '--nevra')
  return said
    .split('\n')
    .filter(line => /^\S+$/.test(line))
    .sort()
}

/** The uncompressed document of a type, found as a client finds it. */
function documentIn(files: ReadonlyMap<string, Buffer>, type: string): string {
  const repomd = files.get('repodata/repomd.xml')!.toString()
  const data = new RegExp(`<data type="${type}">.*?</data>`, 's').exec(repomd)![0]
  const path = /<location href="([^"]*)"/.exec(data)![1]!
  const open = /<open-checksum type="sha256">([0-9a-f]*)</.exec(data)![1]!
  const bytes = files.get(path)!
  const plain = path.endsWith('.zst') ? execFileSync('zstd', ['-dc'], { input: bytes }) : gunzipSync(bytes)
  expect(hash('sha256', plain)).toBe(open)
  return plain.toString('latin1')
}

const fragmentsIn = (document: string) => document.match(/<package .*?<\/package>/gs) ?? []

/** A key of its own that signs packages. */
function packageSigner() {
  const home = mkdtempSync(join(tmpdir(), 'switchyard-rpmsign-'))
  const gpg = (...args: string[]) =>
    execFileSync(
      'gpg',
      ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
  world.atEnd(() => {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent'])
    rmSync(home, { recursive: true, force: true })
  })
  gpg('--quick-generate-key', 'packages@example.org', 'rsa2048', 'sign', 'never')
  const keyring = join(home, 'packages.gpg')
  writeFileSync(keyring, gpg('--export', 'packages@example.org'))
  const macros = ['_gpg_name packages@example.org', `_gpg_path ${home}`, '__gpg /usr/bin/gpg']
  const defines = macros.flatMap(macro => ['--define', macro])
  const sign = (bytes: Buffer): Buffer => {
    const path = join(home, 'package.rpm')
    writeFileSync(path, bytes)
    execFileSync('rpmsign', ['--addsign', ...defines, path], {
      stdio: 'pipe',
      env: { ...process.env, GNUPGHOME: home },
    })
    return readFileSync(path)
  }
  return {
    keyring,
    signed: (packages: Map<string, Buffer>) =>
      new Map([...packages].map(([path, bytes]) => [path, sign(bytes)])),
  }
}

const tool: RpmRecipe = {
  name: 'tool',
  files: { '/usr/bin/tool': 'one' },
  preamble: ['Requires: library >= 2'],
}
const library = (version: string): RpmRecipe => ({
  name: 'library',
  version,
  files: { '/usr/share/library': version },
})

describe('a composition of RPM repositories', () => {
  it('is what a real dnf installs from and upgrades, with the metadata and every package verified', async () => {
    const signer = packageSigner()
    const { updates, yard } = await ofTwo(
      { packages: signer.signed(pool(tool, library('1'))) },
      { packages: signer.signed(pool(library('2'))) },
      {},
      { verify: 'packages', keyring: signer.keyring },
    )
    await syncTo(yard, 'created')
    const server = await startServer(yard)
    world.atEnd(() => server.stop())
    const dnf = client()
    const text = await server.setup('ours/dnf.repo')
    expect(text).toMatch(/^repo_gpgcheck=1$/m)
    expect(text).toMatch(/^gpgcheck=1$/m)
    dnf.setRepository(text)
    await dnf.ok('install', 'tool')
    expect(await dnf.installed()).toEqual(['library-2-1.noarch', 'tool-1.0-1.noarch'])
    updates.repository.publish({ packages: signer.signed(pool(library('3'))) })
    expect((await yard.sync()).map(({ outcome }) => outcome)).toEqual(['unchanged', 'created', 'created'])
    await dnf.ok('--refresh', 'upgrade')
    expect(await dnf.installed()).toEqual(['library-3-1.noarch', 'tool-1.0-1.noarch'])
    updates.repository.publish({ packages: pool(library('4')) })
    expect((await yard.sync('updates' as never))[0]!.outcome).toBe('failed')
  })

  it.each<[string, Settings, string[]]>([
    ['everything, the newest of each', {}, ['apple-2-1', 'berry-1:1-1', 'berry-devel-1:1-1', 'cherry-1.0-1']],
    ['a glob', { include: ['berry*'] }, ['berry-1:1-1', 'berry-devel-1:1-1']],
    ['a glob with a set', { include: ['[ac]*'], exclude: ['cherr?'] }, ['apple-2-1']],
    ['a NEVRA', { include: ['apple-1-1.noarch'] }, ['apple-1-1']],
    ['a NEVRA with an epoch', { include: ['berry-1:1-1.noarch'] }, ['berry-1:1-1']],
    ['a NEVRA without its epoch', { include: ['berry-1-1.noarch'] }, ['berry-1:1-1']],
    ['a NEVRA with an epoch of 0', { include: ['apple-0:2-1.noarch'] }, ['apple-2-1']],
    ['an excluded NEVRA', { include: ['apple'], exclude: ['apple-2-*'] }, ['apple-1-1']],
    [
      'versions: 2',
      { include: ['berry', 'apple'], versions: 2 },
      ['apple-1-1', 'apple-2-1', 'berry-1:1-1', 'berry-9-1'],
    ],
    ['prefer', { include: ['apple', 'berry'], prefer: ['base'] }, ['apple-1-1', 'berry-9-1']],
    ['a source', { include: [{ source: 'sour*' }], exclude: ['[ab]*'] }, ['cherry-1.0-1']],
    ['an excluded source', { include: ['*'], exclude: [{ source: 'source' }] }, []],
  ])('selects by %s', async (_, compose, expected) => {
    const { yard } = await ofTwo(
      {
        packages: pool({ name: 'apple', version: '1' }, { name: 'berry', version: '9' }, { name: 'cherry' }),
      },
      {
        packages: pool(
          { name: 'apple', version: '2' },
          { name: 'berry', version: '1', epoch: 1 },
          { name: 'berry-devel', version: '1', epoch: 1 },
        ),
      },
      compose,
    )
    await syncTo(yard, 'created')
    const names = (await offered(yard)).filter(name => name !== '')
    expect(names.map(name => name.replace(/-0:/, '-').replace(/\.noarch$/, '')).sort()).toEqual(expected)
    await isWhole(yard, 3)
  })

  it('counts a package that both have as the preferred one', async () => {
    const { yard } = await ofTwo(
      { packages: pool(library('1')) },
      { packages: pool(library('1'), library('2')) },
      { prefer: ['base'] },
    )
    await syncTo(yard, 'created')
    expect(await offered(yard)).toEqual(['library-0:1-1.noarch'])
  })

  it('says of every package what its input says, fragment for fragment', async () => {
    const content = {
      packages: pool(tool, library('1'), { name: 'odd', summary: 'a < b & "c"', description: 'x\ty' }),
      createrepo: ['--changelog-limit', '5', '--content', 'x'],
    }
    const { base, updates, yard } = await ofTwo(
      content,
      { packages: pool(library('2')) },
      { versions: 'all' },
    )
    await syncTo(yard, 'created')
    const files = await yard.use(open => contentOf(open, 'ours'))
    for (const type of ['primary', 'filelists', 'other']) {
      const inputs = [base, updates].flatMap(({ repository }) =>
        fragmentsIn(documentIn(repository.files, type)),
      )
      const ours = documentIn(files, type)
      expect(fragmentsIn(ours).sort()).toEqual(inputs.sort())
      expect(ours).toContain(` packages="4">`)
    }
  })

  it('is read by createrepo_c and mergerepo_c without complaint', async () => {
    const { yard } = await ofTwo({ packages: pool(tool, library('1')) }, { packages: pool(library('2')) })
    await syncTo(yard, 'created')
    const directory = await writtenOut(yard)
    const merged = mkdtempSync(join(tmpdir(), 'switchyard-merged-'))
    world.atEnd(() => rmSync(merged, { recursive: true, force: true }))
    execFileSync('mergerepo_c', ['--repo', directory, '--outputdir', merged], { stdio: 'pipe' })
    execFileSync('modifyrepo_c', ['--mdtype', 'note', '/etc/hostname', join(directory, 'repodata')], {
      stdio: 'pipe',
    })
    const said = execFileSync('createrepo_c', ['--update', '--verbose', directory], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    expect(said).not.toMatch(/warning|critical/i)
    for (const place of [merged, directory]) {
      const query = ['-q', 'repoquery', '--nevra']
      const names = (await clientOf(place).ok(...query)).trim().split('\n').sort()
      expect(names).toEqual(['library-0:2-1.noarch', 'tool-0:1.0-1.noarch'])
    }
  })

  it.each(['gz', 'zst'] as const)(
    'comes out byte for byte the same in two yards with the same keys, at once or by steps (%s)',
    async compression => {
      const first = await ofTwo(
        { packages: manyPackages() },
        { packages: pool(tool) },
        { compression: [compression] },
      )
      await first.yard.use(open => open.keys())
      const second = world.yard()
      for (const name of ['keys', 'switchyard.yaml'])
        cpSync(join(first.yard.directory, name), join(second.directory, name), { recursive: true })
      const now = Date.parse('2090-11-20T00:00:00Z')
      const syncAt = (yard: TestYard, at: number) =>
        yard.use(
          async open => {
            for (const report of await open.yard.sync([]))
              expect(report, JSON.stringify(report)).toHaveProperty('outcome', 'created')
          },
          () => at,
        )
      await syncAt(first.yard, now)
      first.base.repository.publish({
        packages: manyPackages(0, library('1')),
        signedBy: 'good',
        // Every package is described anew, though its bytes are the same.
        createrepo: ['--checksum', 'sha256', '--changelog-limit', '0'],
      })
      first.updates.repository.publish({ packages: pool(tool, library('2')), signedBy: 'good' })
      await syncAt(first.yard, now + 60_000)
      await syncAt(second, now + 60_000)
      expect(await digestsOf(second, 'ours')).toEqual(await digestsOf(first.yard, 'ours'))
    },
  )

  it.each(['gz', 'zst'] as const)('compresses only what changed (%s)', async compression => {
    const { base, yard } = await ofTwo({ packages: manyPackages() }, {}, { compression: [compression] })
    await syncTo(yard, 'created')
    const before = framesOf(yard)
    base.repository.publish({ packages: manyPackages(100), signedBy: 'good' })
    expect((await yard.sync()).map(({ outcome }) => outcome)).toEqual(['created', 'unchanged', 'created'])
    const after = framesOf(yard)
    let [all, reused] = [0, 0]
    for (const document of ['primary.xml', 'filelists.xml', 'other.xml']) {
      const [old, now] = [before.get(document)!, after.get(document)!]
      const kept = [...now].filter(([content, bytes]) => old.get(content)?.equals(bytes))
      expect(kept.length, document).toBeGreaterThan(0)
      all += now.size
      reused += kept.length
    }
    // Anew: each head, which counts the packages, and the pages around the one that left; where pages end follows from
    // the digests of the packages, which no two runs of rpmbuild share.
    expect(reused).toBeGreaterThan(all / 2)
    documentIn(await yard.use(open => contentOf(open, 'ours')), 'primary')
    expect((await offered(yard)).length).toBe(many.length - 1)
  })
})

/** The bytes of each frame of the newest snapshot's documents, by the digest of what is compressed in it. */
function framesOf(yard: TestYard): Map<string, Map<string, Buffer>> {
  const table = JSON.parse(
    readFileSync(join(yard.directory, 'refs/repositories/ours/frames.json'), 'utf8'),
  ) as FrameTable
  return new Map(
    Object.entries(table.indexes).map(([document, { blob, frames }]) => {
      const bytes = readFileSync(join(yard.directory, 'blobs', blob.slice(0, 2), blob.slice(2)))
      return [
        document,
        new Map(
          frames.map(({ content, offset, length }) => [content, bytes.subarray(offset, offset + length)]),
        ),
      ]
    }),
  )
}

const many = Array.from({ length: 150 }, (_, i): RpmRecipe => {
  const name = `many${i}`
  const files = Array.from(
    { length: 24 },
    (_, j) => `/usr/share/${name}/${hash('sha256', Buffer.from(`${i} ${j}`))}`,
  )
  return {
    name,
    description: `${name} `.repeat(60),
    files: Object.fromEntries(files.map(file => [file, name])),
    preamble: [`Requires: many${(i * 7) % 150}`],
  }
})

/** They come out of one run of rpmbuild. */
function manyPackages(without = -1, ...more: RpmRecipe[]): Map<string, Buffer> {
  const built = [...buildRpms(many)].filter(([file]) => !file.startsWith(`many${without}-`))
  return new Map([...built, ...pool(...more)])
}

describe('packages that get in each other’s way', () => {
  it('of one path with different bytes: the lesser moves, and both install', async () => {
    const bytesOf = (recipe: RpmRecipe) => [...buildRpms([recipe]).values()][0]!
    const { base, yard } = await ofTwo(
      { packages: new Map([['p/package.rpm', bytesOf(tool)]]) },
      { packages: new Map([['p/package.rpm', bytesOf(library('2'))]]) },
    )
    await syncTo(yard, 'created')
    const moved = hash('sha256', base.repository.files.get('p/package.rpm')!)
    const paths = Object.keys(await digestsOf(yard, 'ours')).filter(path => path.endsWith('.rpm'))
    expect(paths.sort()).toEqual([`p/by-digest/${moved}/package.rpm`, 'p/package.rpm'])
    const dnf = clientOf(await writtenOut(yard))
    await dnf.ok('install', 'tool', 'library')
    expect(await dnf.installed()).toEqual(['library-2-1.noarch', 'tool-1.0-1.noarch'])
    await isWhole(yard, 3)
  })

  it('of one NEVRA: the one of the earlier input wins, with `versions: all` both stay and can be fetched', async () => {
    const twins = await ofTwo({ packages: pool(twin('lesser')) }, { packages: pool(twin('better')) })
    await syncTo(twins.yard, 'created')
    const dnf = clientOf(await writtenOut(twins.yard))
    expect(await dnf.ok('-q', 'repoquery', '--qf', '%{summary}')).toBe('better\n')
    twins.configure({ versions: 'all' })
    await syncTo(twins.yard, 'created', 'ours')
    const both = clientOf(await writtenOut(twins.yard))
    const said = await both.ok('-q', 'repoquery', '--show-duplicates', '--qf', '%{summary} %{location}')
    expect(said.trim().split('\n').sort()).toEqual([
      'better Packages/t/twin-1.0-1.noarch.rpm',
      expect.stringMatching(/^lesser Packages\/t\/by-digest\/[0-9a-f]{64}\/twin-1\.0-1\.noarch\.rpm$/),
    ])
    await both.ok('install', 'twin')
    await isWhole(twins.yard, 4)
  })

  it('a package that lies elsewhere comes from here', async () => {
    const elsewhere = await serveArchive({ files: pool(tool) })
    world.atEnd(() => elsewhere.close())
    const { base, yard } = await ofTwo(
      { packages: pool(tool), createrepo: ['--baseurl', elsewhere.url] },
      { packages: pool(library('2')) },
    )
    for (const path of pool(tool).keys()) base.repository.files.delete(path)
    await syncTo(yard, 'created')
    const files = await yard.use(open => contentOf(open, 'ours'))
    const primary = documentIn(files, 'primary')
    expect(documentIn(base.repository.files, 'primary')).toContain('xml:base')
    expect(primary).not.toContain('xml:base')
    expect(primary).toContain('href="Packages/t/tool-1.0-1.noarch.rpm"')
    const dnf = clientOf(await writtenOut(yard))
    await dnf.ok('install', 'tool')
    expect(await dnf.installed()).toEqual(['library-2-1.noarch', 'tool-1.0-1.noarch'])
  })
})

describe('with dependencies', () => {
  const recipe = (name: string, preamble: string[] = [], more: Partial<RpmRecipe> = {}): RpmRecipe => ({
    name,
    preamble,
    ...more,
  })
  const offers = [
    recipe('app', [
      'Requires: library >= 2',
      'Requires: /usr/share/data/file',
      'Requires(pre): /usr/bin/script',
      'Requires: (extra if library else gone)',
      'Requires: (plugin-a or plugin-b)',
      'Requires: (engine(x) with engine(y))',
      'Recommends: nicety',
    ]),
    library('1'),
    library('2'),
    recipe('data', ['Requires: (late if extra)'], { files: { '/usr/share/data/file': 'd' } }),
    recipe('scripts', [], { files: { '/usr/bin/script': 's' } }),
    recipe('extra'),
    recipe('late'),
    recipe('plugin-a', ['Requires: common']),
    recipe('common'),
    recipe('engine', ['Provides: engine(x)', 'Provides: engine(y)']),
    recipe('half-engine', ['Provides: engine(x)']),
    recipe('nicety'),
    recipe('app-langpack', ['Supplements: (app and nicety)']),
    recipe('unrelated', ['Requires: common']),
  ]
  const needed = ['app', 'common', 'data', 'engine', 'extra', 'late', 'library', 'plugin-a', 'scripts']
  const half = Math.floor(offers.length / 2)
  const split = [
    { packages: pool(...offers.slice(0, half)) },
    { packages: pool(...offers.slice(half)) },
  ] as const
  const names = async (yard: TestYard) => (await offered(yard)).map(one => one.replace(/-\d+:.*/, ''))

  it('holds what dnf installs of the inputs, and dnf repoclosure finds nothing missing', async () => {
    const { yard } = await ofTwo(...split, { include: ['app'], 'with-dependencies': true })
    await syncTo(yard, 'created')
    expect(await names(yard)).toEqual(needed)
    const dnf = clientOf(await writtenOut(yard))
    expect(await dnf.run('-q', 'repoclosure')).toEqual({ status: 0, output: '' })
    await dnf.ok('install', 'app')
    const ofInputs = client()
    const sections = await Promise.all(
      ['base', 'updates'].map(
        async name => `[${name}]\nname=${name}\nbaseurl=file://${await writtenOut(yard, name)}\ngpgcheck=0\n`,
      ),
    )
    ofInputs.setRepository(sections.join('\n'))
    await ofInputs.ok('install', 'app')
    expect(await dnf.installed()).toEqual(await ofInputs.installed())
    expect((await dnf.installed()).length).toBe(needed.length)
    await isWhole(yard, 3)
  })

  it('holds what is recommended, and what supplements it, when asked', async () => {
    const { yard } = await ofTwo(...split, { include: ['app'], 'with-dependencies': true, recommends: true })
    await syncTo(yard, 'created')
    expect(await names(yard)).toEqual([...needed, 'app-langpack', 'nicety'].sort())
  })

  it('warns of what nothing satisfies, as dnf repoclosure does', async () => {
    const { yard } = await ofTwo(
      { packages: pool(recipe('app', ['Requires: gone >= 2', 'Requires: excluded']), recipe('excluded')) },
      {},
      { include: ['app'], exclude: ['excluded'], 'with-dependencies': true },
    )
    const run = await yard.run('sync')
    expect(run, run.stderr).toMatchObject({ status: 0 })
    expect(run.stderr).toMatch(
      /app (?:0:)?1\.0-1 needs (gone >= 2|excluded); app (?:0:)?1\.0-1 needs (gone >= 2|excluded)/,
    )
    const { output } = await clientOf(await writtenOut(yard)).run('-q', 'repoclosure')
    expect(output).toMatch(/excluded\s+gone >= 2/)
  })
})

describe('what is said of several packages', () => {
  const advisory = (id: string, names: string[], more: { [field: string]: string } = {}) => {
    const { type = 'security', severity = 'Important', issued = '2026-03-01 00:00:00', title = id } = more
    const listed = names.map(name => {
      const [, plain, version] = /^(.*)-([^-]+)-1$/.exec(name)!
      return `<package name="${plain}" version="${version}" release="1" epoch="0" arch="noarch" src="s.src.rpm"><filename>${name}.noarch.rpm</filename></package>`
    })
    return (
      `<update from="a@example.org" status="final" type="${type}" version="1"><id>${id}</id><title>${title}</title>` +
      `<issued date="${issued}"/><severity>${severity}</severity><description><![CDATA[<package name="no">]]></description>` +
      `<pkglist><collection short="c"><name>c</name>\n  ${listed.join('\n  ')}\n</collection></pkglist></update>`
    )
  }
  const updateinfo = (...advisories: string[]) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n${advisories.join('\n')}\n</updates>\n`
  const group = (id: string, packages: { [name: string]: string }) =>
    `<group><id>${id}</id><name>Group ${id}</name><description/><default>true</default><uservisible>true</uservisible><packagelist>\n${Object.entries(
      packages,
    )
      .map(([name, type]) => `  <packagereq type="${type}">${name}</packagereq>\n`)
      .join('')}</packagelist></group>`
  const environment = (id: string, ...groups: string[]) =>
    `<environment><id>${id}</id><name>Environment ${id}</name><description/><display_order>1</display_order><grouplist>${groups
      .map(one => `<groupid>${one}</groupid>`)
      .join('')}</grouplist></environment>`
  const comps = (...elements: string[]) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<comps>${elements.join('')}</comps>\n`
  const stream = (name: string, which: string, ...artifacts: string[]) => `---
document: modulemd
version: 2
data:
  name: ${name}
  stream: "${which}"
  version: 1
  context: c0ffee
  arch: noarch
  summary: module ${name}
  description: module ${name}
  license:
    module:
    - MIT
  profiles:
    common:
      rpms:
      - ${artifacts[0]!.replace(/-0:.*/, '')}
  artifacts:
    rpms:
${artifacts.map(one => `    - ${one}`).join('\n')}
...
`
  const defaults = (name: string, which: string) => `---
document: modulemd-defaults
version: 1
data:
  module: ${name}
  stream: "${which}"
  profiles:
    "${which}": [common]
...
`
  const one = (name: string, version = '1') => ({ name, version })
  const packages = pool(one('apple'), one('berry'), one('cherry'), one('damson'), one('elder'))
  const base = {
    packages,
    metadata: {
      updateinfo: updateinfo(
        advisory('A-1', ['apple-1-1', 'berry-1-1']),
        advisory('A-2', ['cherry-1-1'], { severity: 'Low', issued: '2026-01-01' }),
        advisory('A-3', ['damson-1-1'], { type: 'bugfix' }),
        advisory('A-4', ['elder-1-1'], { title: 'older' }),
      ),
      group: comps(
        group('fruit', { apple: 'mandatory', cherry: 'default', damson: 'optional' }),
        group('rest', { elder: 'mandatory' }),
        environment('all', 'fruit', 'rest'),
      ),
      modules:
        stream('stone', '1', 'cherry-0:1-1.noarch', 'damson-0:1-1.noarch') +
        stream('stone', '2', 'apple-0:1-1.noarch') +
        stream('wood', '1', 'elder-0:1-1.noarch') +
        defaults('stone', '1') +
        defaults('wood', '1'),
    },
  }
  const updates = {
    packages: pool(one('fig')),
    metadata: {
      updateinfo: updateinfo(advisory('A-4', ['elder-1-1'], { title: 'newer', issued: '2026-06-01' })),
      group: comps(group('rest', { fig: 'mandatory' })),
    },
  }
  const namesIn = async (yard: TestYard) => (await offered(yard)).map(nevra => nevra.replace(/-\d+:.*/, ''))

  it.each<[Settings[], string[]]>([
    [[{ group: 'fruit' }], ['apple', 'cherry']],
    [[{ group: 'all' }], ['apple', 'cherry', 'fig']],
    [[{ module: 'stone' }], ['cherry', 'damson']],
    [[{ module: 'stone:2' }], ['apple']],
    [[{ advisory: 'A-1' }], ['apple', 'berry']],
    [[{ advisory: { type: 'bugfix' } }], ['damson']],
    [
      [{ advisory: { severity: 'Low' } }, { module: 'wood' }],
      ['cherry', 'elder'],
    ],
    [[{ advisory: { type: 'security', since: '2026-02-01', until: '2026-05-01' } }], ['apple', 'berry']],
  ])('%j selects %j', async (include, expected) => {
    const { yard } = await ofTwo(base, updates, { include })
    await syncTo(yard, 'created')
    expect(await namesIn(yard)).toEqual(expected)
  })

  it('agrees with the packages that are left, and every other byte stays', async () => {
    const { yard } = await ofTwo(base, updates, { exclude: ['berry', 'cherry', 'fig'] })
    await syncTo(yard, 'created')
    const files = await yard.use(open => contentOf(open, 'ours'))
    expect(documentIn(files, 'updateinfo')).toBe(
      updateinfo(
        ...[
          advisory('A-1', ['apple-1-1']),
          advisory('A-3', ['damson-1-1'], { type: 'bugfix' }),
          advisory('A-4', ['elder-1-1'], { title: 'newer', issued: '2026-06-01' }),
        ],
      ),
    )
    const groups = documentIn(files, 'group')
    expect(groups).toContain(group('fruit', { apple: 'mandatory', damson: 'optional' }))
    expect(groups).toContain(environment('all', 'fruit'))
    expect(groups).not.toContain('<id>rest</id>')
    const modules = documentIn(files, 'modules')
    for (const document of [
      stream('stone', '1', 'damson-0:1-1.noarch').replace('- damson\n', '- cherry\n'),
      stream('wood', '1', 'elder-0:1-1.noarch'),
      defaults('stone', '1'),
    ])
      expect(modules).toContain(document)
    expect(modules).not.toContain('cherry-0:1')
    await isWhole(yard, 3)
  })

  it('is read by a real dnf', async () => {
    const { yard } = await ofTwo(base, updates, { exclude: ['berry', 'cherry', 'fig'] })
    await syncTo(yard, 'created')
    const dnf = clientOf(await writtenOut(yard))
    expect(await dnf.ok('-q', 'group', 'list', '--ids')).toMatch(/Group fruit \(fruit\)/)
    expect(await dnf.ok('-q', 'group', 'info', 'fruit')).toMatch(/apple\s+Optional Packages:\s+damson/)
    await dnf.ok('module', 'enable', 'stone:2')
    await dnf.ok('install', 'apple', 'elder')
    const advisories = await dnf.ok('-q', 'updateinfo', 'list', '--all')
    expect(advisories).toMatch(/A-1 +Important\/Sec\. +apple-1-1\.noarch/)
    expect(advisories).toMatch(/A-4 +Important\/Sec\. +elder-1-1\.noarch/)
    expect(advisories).not.toMatch(/A-2|berry/)
    const listed = await dnf.ok('-q', 'module', 'list')
    expect(listed).toMatch(/stone\s+1 \[d\]/)
    expect(listed).toMatch(/stone\s+2 /)
    expect(listed).toMatch(/wood\s+1 \[d\]/)
  })

  it('makes a snapshot when it alone has changed, and only then', async () => {
    const { base: mirror, yard } = await ofTwo(base, updates, { include: ['apple'] })
    await syncTo(yard, 'created')
    const changed = (...advisories: string[]) => ({
      ...base,
      signedBy: 'good' as const,
      metadata: { ...base.metadata, updateinfo: updateinfo(...advisories) },
    })
    mirror.repository.publish(
      changed(advisory('A-1', ['apple-1-1', 'berry-1-1']), advisory('B', ['berry-1-1'])),
    )
    expect((await yard.sync()).map(({ outcome }) => outcome)).toEqual(['created', 'unchanged', 'unchanged'])
    mirror.repository.publish(changed(advisory('A-1', ['apple-1-1'], { title: 'anew' })))
    expect((await yard.sync()).map(({ outcome }) => outcome)).toEqual(['created', 'unchanged', 'created'])
    expect(documentIn(await yard.use(open => contentOf(open, 'ours')), 'updateinfo')).toContain('anew')
    await isWhole(yard, 6)
  })
})
