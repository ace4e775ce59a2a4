import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SaxesParser } from 'saxes'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildRpms, type RpmRecipe } from '../src/formats/rpm/build-rpms.fixture.ts'
import type { Comparison, SourcesComparison } from '../src/train/index.ts'
import type { PackageSpec } from './world/apt/deb-package.ts'
import { serveArchive } from './world/archive-server.ts'
import { rpmMirror } from './world/rpm/mirrored.ts'
import { createRpmRepository } from './world/rpm/repository.ts'
import { startServer } from './world/running-server.ts'
import { publish } from './world/served.ts'
import { mirrorOf, startCommand, type TestYard } from './world/test-yard.ts'
import { createWorld, failsWith, syncTo, type World } from './world/world.ts'

/** Snapshots, releases, channels and distributions compared and looked into, with the real command. */
let world: World
/** What the tests look at and never change. */
let two: Awaited<ReturnType<typeof twoReleases>>
beforeAll(async () => {
  world = createWorld()
  two = await twoReleases()
})
afterAll(() => world.remove())

const trains = {
  web: {
    repositories: ['debian', 'base'],
    channels: { staging: {}, production: { after: 'staging' } },
    complete: 'fetchable',
  },
}
const helloLog = (version: string, text: string) =>
  `hello (${version}) stable; urgency=medium\n\n  * ${text}\n\n -- Nobody <nobody@example.org>  Mon, 02 Nov 2026 10:00:00 +0000\n`

/** A train with two releases, the first in production, the second in staging; `hello` went from 1.0 to 2.0. */
async function twoReleases() {
  const first = { name: 'hello', version: '1.0', changelog: helloLog('1.0', 'First.') }
  const { archive, server, yard } = await world.mirrored({ packages: { main: [first, { name: 'other' }] } })
  yard.configure(
    {
      debian: mirrorOf(server.url, world.keyring, {}, { policy: 'immediate' }),
      base: { compose: { from: ['debian'], label: 'ours', origin: 'Ours' } },
    },
    { trains, server: { listen: '127.0.0.1:0' } },
  )
  await syncTo(yard, 'created')
  for (const args of [
    ['release', 'web'],
    ['promote', 'web/staging'],
    ['promote', 'web/production'],
  ])
    await done(yard, ...args)
  publish(archive, 'hello', '2.0', {
    changelog: `${helloLog('2.0', 'Fix CVE-2026-0001.')}\n${helloLog('1.0', 'First.')}`,
  })
  await syncTo(yard, 'created')
  for (const args of [
    ['release', 'web'],
    ['promote', 'web/staging'],
  ])
    await done(yard, ...args)
  const releases = (await yard.use(open => open.yard.releases())).map(
    ({ record }) => `web@${record.timestamp}`,
  )
  return { yard, first: releases[0]!, second: releases[1]! }
}

async function done(yard: TestYard, ...args: string[]): Promise<string> {
  const run = await yard.run(...args)
  expect(run, run.stderr).toMatchObject({ status: 0 })
  return run.stdout
}

const json = async <T>(yard: TestYard, ...args: string[]): Promise<T> =>
  JSON.parse(await done(yard, ...args, '--json'))

describe('two releases of a train', () => {
  it('are compared repository by repository and in sum, by their names and by channels', async () => {
    const { yard, first, second } = two
    const byName = await json<Comparison>(yard, 'diff', first, second, '--changelogs')
    expect(byName.repositories.map(({ repository, diff }) => [repository, diff.count.upgraded])).toEqual([
      ['base', 1],
      ['debian', 1],
    ])
    expect(byName.sum).toMatchObject({
      count: { added: 0, removed: 0, upgraded: 2, downgraded: 0, rebuilt: 0 },
      mended: { advisories: [], cves: [], changelogCves: ['CVE-2026-0001'] },
      lost: { changelogCves: [] },
    })
    const byChannel = await json<Comparison>(yard, 'diff', 'web/production', 'web/staging', '--changelogs')
    expect(byChannel.from).toEqual({ kind: 'release', name: first, channel: 'web/production' })
    expect({ ...byChannel, from: byName.from, to: byName.to }).toEqual(byName)

    const text = await done(yard, 'diff', 'web/production', 'web', '--changelogs')
    expect(text.split('\n')[0]).toBe(
      `${first} (web/production) -> ${second}: 2 upgraded; ${/2 upgraded; (.*)/.exec(text)![1]}`,
    )
    expect(text).toContain('mended: 1 CVE that only changelogs name')
    expect(text).toMatch(/^debian {2}debian@\S+ -> debian@\S+: 1 upgraded/m)
  })

  it('the other way round lose what was mended', async () => {
    const { yard, first, second } = two
    const { sum, repositories } = await json<Comparison>(yard, 'diff', second, first, '--changelogs')
    expect(sum).toMatchObject({
      count: { downgraded: 2 },
      mended: { changelogCves: [] },
      lost: { changelogCves: ['CVE-2026-0001'] },
    })
    expect(repositories[0]!.diff.packages[0]!.lostChangelog).toContain('Fix CVE-2026-0001.')
  })

  it('may be compared with a snapshot of one of their repositories', async () => {
    const { yard, first } = two
    const { repositories } = await json<Comparison>(yard, 'diff', first, 'debian@latest')
    expect(repositories.map(({ repository, diff }) => [repository, diff.count.upgraded])).toEqual([
      ['debian', 1],
    ])
  })

  it('are looked into: their repositories, and behind the name of one its files', async () => {
    const { yard, first } = two
    const listed = await done(yard, 'ls', first)
    expect(listed).toMatch(/^ *base@\S+ +base\/\n *debian@\S+ +debian\/\n$/)
    expect(await done(yard, 'ls', 'web/production', 'debian/dists/stable')).toMatch(/ InRelease$/m)
    expect(await done(yard, 'ls', 'web/production', 'debian/pool/main/h/hello')).toContain('hello_1.0_')
    expect(await done(yard, 'ls', 'web', 'debian/pool/main/h/hello')).toContain('hello_2.0_')
    expect(await done(yard, 'cat', 'web@latest', 'base/dists/stable/Release')).toContain('Label: ours')
    failsWith(
      await yard.run('ls', first, 'nope/dists'),
      1,
      /has no repository "nope"/,
      /base, debian|debian, base/,
    )
    failsWith(await yard.run('cat', first, 'debian/nope'), 1, /has no file nope/)
  })

  it('show in a search which channel has which version now', async () => {
    const { yard, first, second } = two
    const hits = await json<{ [key: string]: unknown }[]>(yard, 'search', 'hel*')
    const told = hits.map(({ repository, version, channels, releases }) => [
      repository,
      version,
      channels,
      releases,
    ])
    expect(told).toEqual([
      ['base', '2.0', ['web/staging'], [second]],
      ['debian', '2.0', ['web/staging'], [second]],
      ['base', '1.0', ['web/production'], [first]],
      ['debian', '1.0', ['web/production'], [first]],
    ])
    const [head, ...rows] = (await done(yard, 'search', 'other')).split('\n')
    expect(head).toMatch(/CHANNELS +RELEASES$/)
    expect(rows[0]).toMatch(new RegExp(`now +web/production, web/staging +${second} and 1 before$`))
  })

  it('make a page for a reviewer, in a file or on standard output', async () => {
    const { yard, first, second } = two
    const directory = mkdtempSync(join(tmpdir(), 'switchyard-page-'))
    world.atEnd(() => rmSync(directory, { recursive: true }))
    const file = join(directory, 'review.html')
    expect(await done(yard, 'diff', 'web/production', 'web/staging', '--html', file)).toBe('')
    const page = readFileSync(file, 'utf8')
    let text = ''
    const parser = new SaxesParser()
    parser.on('text', part => {
      text += part
    })
    parser.write(page).close()
    expect(text).toContain(`${first} (web/production) → ${second} (web/staging)`)
    expect(text).toMatch(/Fix CVE-2026-0001\./)
    expect(await done(yard, 'diff', 'web/production', 'web/staging', '--html')).toBe(page)
    const nowhere = join(directory, 'nope', 'review.html')
    failsWith(await yard.run('diff', first, second, '--html', nowhere), 1, /review\.html cannot be written/)
  })
})

describe('a server', () => {
  it('answers comparisons, listings, searches and overlays as the yard itself does', async () => {
    const { yard, first } = two
    const server = await startServer(yard)
    world.atEnd(() => server.stop())
    const asked = [
      ['diff', 'web/production', 'web/staging', '--changelogs'],
      ['diff', '--by-source', 'web/production', 'web/staging'],
      ['diff', 'web/production', 'web/staging', '--html'],
      ['ls', 'web/production'],
      ['ls', first, 'debian/dists'],
      ['cat', 'web/staging', 'base/dists/stable/Release'],
      ['search', 'hello'],
      ['overlay', 'web'],
    ]
    for (const args of asked) {
      const answer = await startCommand([...args, '--server', server.url]).done
      expect(answer, answer.stderr).toMatchObject({ status: 0 })
      expect(answer.stdout, args.join(' ')).toBe(await done(yard, ...args))
    }
  })
})

describe('a reference', () => {
  it('that names nothing is an error that says what there is', async () => {
    const { yard, first } = two
    failsWith(await yard.run('ls', 'wbe'), 1, /no repository and no train wbe/, /did you mean web\?/)
    failsWith(await yard.run('ls', 'web/stagin'), 1, /no channel stagin/, /staging/)
    failsWith(await yard.run('diff', first, 'web@20200101T000000Z'), 1, /no release web@20200101T000000Z/)
    failsWith(await yard.run('ls', 'web/staging/more'), 2, /not a channel/)
  })

  it('to a channel that never moved says so', async () => {
    const { yard } = await world.mirrored()
    yard.configure(
      { debian: mirrorOf('http://127.0.0.1:1', world.keyring) },
      { trains: { web: { ...trains.web, repositories: ['debian'] } } },
    )
    failsWith(
      await yard.run('ls', 'web/staging'),
      1,
      /web\/staging is at no release/,
      /switchyard promote web\/staging/,
    )
    failsWith(await yard.run('ls', 'web'), 1, /has no release yet/, /switchyard release web/)
  })
})

/** A yard with two mirrors of different archives. */
async function twoDistributions(one: PackageSpec[], two: PackageSpec[]) {
  const mirror = async (name: string, specs: PackageSpec[]) => {
    const server = await world.serve(world.archive({ name, packages: { main: specs } }))
    return mirrorOf(server.url, world.keyring, { suite: name })
  }
  const yard = world.yard({ bookworm: await mirror('bookworm', one), trixie: await mirror('trixie', two) })
  await syncTo(yard, 'created')
  return yard
}

describe('two distributions by source package', () => {
  it('tell what would go up, down, vanish and come, and whether any package would be downgraded', async () => {
    const yard = await twoDistributions(
      [
        { name: 'gcc', version: '4:12.2', fields: { Source: 'gcc-defaults (1.203)' } },
        { name: 'up', version: '1.0-1' },
        { name: 'libdown', version: '2:1.0-1', fields: { Source: 'down' } },
        { name: 'gone' },
        { name: 'rebuilt', version: '1.0-1+b2', fields: { Source: 'rebuilt (1.0-1)' } },
      ],
      [
        { name: 'gcc', version: '4:13.2', fields: { Source: 'gcc-defaults (1.208)' } },
        { name: 'up', version: '1.1-1' },
        { name: 'libdown', version: '1.5-1', fields: { Source: 'down' } },
        { name: 'come' },
        { name: 'rebuilt', version: '1.0-1+b1', fields: { Source: 'rebuilt (1.0-1)' } },
      ],
    )
    const compared = await json<SourcesComparison>(yard, 'diff', '--by-source', 'bookworm', 'trixie')
    expect(compared.sources.map(({ kind, name, before, after }) => [kind, name, before, after])).toEqual([
      ['downgraded', 'down', '2:1.0-1', '1.5-1'],
      ['removed', 'gone', '1.0-1', undefined],
      ['added', 'come', undefined, '1.0-1'],
      ['upgraded', 'gcc-defaults', '1.203', '1.208'],
      ['upgraded', 'up', '1.0-1', '1.1-1'],
    ])
    expect(compared.downgrades.map(({ name, byEpoch }) => [name, byEpoch ?? false])).toEqual([
      ['libdown', true],
      ['rebuilt', false],
    ])
    expect(await done(yard, 'diff', '--by-source', 'bookworm', 'trixie')).toContain(
      'Moving would DOWNGRADE 2 packages of 2 sources on amd64:',
    )
    expect(await done(yard, 'diff', '--by-source', 'trixie', 'trixie')).toContain(
      'Moving would downgrade no package on amd64.',
    )
  })

  it('of RPMs are compared in the order of rpm, epochs included; with one for apt there is nothing to compare', async () => {
    const repository = async (...recipes: RpmRecipe[]) => {
      const packages = new Map([...buildRpms(recipes)].map(([file, bytes]) => [`Packages/${file}`, bytes]))
      const server = await serveArchive(createRpmRepository(world.signing, { packages }))
      world.atEnd(() => server.close())
      return rpmMirror(server.url)
    }
    const { server } = await world.mirrored()
    const yard = world.yard({
      nine: await repository({ name: 'app', version: '1.0', epoch: 1 }, { name: 'lib', version: '1.0' }),
      ten: await repository({ name: 'app', version: '2.0' }, { name: 'lib', version: '1.0^git1' }),
      debian: mirrorOf(server.url, world.keyring),
    })
    await syncTo(yard, 'created')
    const compared = await json<SourcesComparison>(yard, 'diff', '--by-source', 'nine', 'ten')
    expect(compared.downgrades).toEqual([
      {
        ...{ family: 'rpm', name: 'app', source: 'source', before: '1:1.0-1', after: '2.0-1' },
        ...{ architectures: [], byEpoch: true },
      },
    ])
    failsWith(await yard.run('diff', '--by-source', 'nine', 'debian'), 2, /no format in common/)
    failsWith(await yard.run('diff', '--by-source', 'nine', 'ten', '--files'), 2, /--files/)
  })
})
