import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildRpms } from '../src/formats/rpm/build-rpms.fixture.ts'
import type { Name } from '../src/model/index.ts'
import type { Verdict } from '../src/train/index.ts'
import type { OpenYard } from '../src/yard/index.ts'
import { rpmMirrored } from './world/rpm/mirrored.ts'
import { publish } from './world/served.ts'
import { mirrorOf, type Settings, type TestYard } from './world/test-yard.ts'
import { createWorld, syncTo, type World } from './world/world.ts'

/** What gates say of the packages of real repositories, of people, and of time. */
let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const day = 86_400_000
const web = 'web' as Name
const staging = { train: web, channel: 'staging' as Name }
const production = { train: web, channel: 'production' as Name }

function trainOf(repositories: string[], channels: Settings, more: Settings = {}): Settings {
  return { trains: { web: { repositories, channels, complete: 'fetchable', ...more } } }
}

/** One gate's verdict on the newest release for staging. */
async function verdictOf(
  open: OpenYard,
  gate: string,
  channel = staging.channel,
): Promise<Verdict['evidence']> {
  const [judged] = await open.yard.gate('web', { channel })
  return judged!.verdicts.find(({ label }) => label === gate)!.evidence
}

async function release(open: OpenYard): Promise<string> {
  const { release } = await open.yard.release(web)
  return `web@${release.timestamp}`
}

function approvalsIn(yard: TestYard, release: string): string {
  return join(yard.directory, 'refs/trains/web/approvals', release.replace('web@', ''))
}

function readAll(directory: string): string[] {
  return readdirSync(directory).map(name => readFileSync(join(directory, name), 'utf8'))
}

function write(directory: string, name: string, text: string): void {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, name), text)
}

describe('packages that change', () => {
  const many = { main: [{ name: 'hello', version: '2.0' }, { name: 'other' }, { name: 'third' }] }

  it('go down, or more of them than may, and are named', async () => {
    const { archive, server, yard } = await world.mirrored({ packages: many })
    const gates = ['no-downgrade', { 'max-change': { packages: 1, removed: '0%' } }]
    yard.configure(
      { debian: mirrorOf(server.url, world.keyring) },
      trainOf(['debian'], { staging: { gates } }),
    )
    await syncTo(yard, 'created')
    await yard.use(async open => {
      await release(open)
      expect(await verdictOf(open, 'no-downgrade')).toMatchObject({ passed: true })
      await open.yard.promote(staging)
    })
    publish(archive, 'hello', '1.9~rc1')
    archive.update(([suite]) => void suite!.packages!.main!.splice(0, 1))
    await syncTo(yard, 'created')
    await yard.use(async open => {
      await release(open)
      expect(await verdictOf(open, 'no-downgrade')).toMatchObject({
        passed: false,
        findings: ['hello (amd64) goes from 2.0 down to 1.9~rc1'],
      })
      expect(await verdictOf(open, 'max-change')).toMatchObject({
        passed: false,
        summary: 'of 3 packages 2 changed, at most 1 may be; 1 gone, at most 0 may be',
      })
      await expect(open.yard.promote(staging)).rejects.toMatchObject({ code: 'refused' })
    })
  })

  it('move from one repository of the train to another, which is no downgrade', async () => {
    const old = await world.mirrored({
      packages: { main: [{ name: 'hello', version: '2.0' }, { name: 'a' }] },
    })
    const other = await world.mirrored({ packages: { main: [{ name: 'hello', version: '1.0' }] } })
    const { yard } = old
    const repositories = {
      old: mirrorOf(old.server.url, world.keyring),
      other: mirrorOf(other.server.url, world.keyring),
    }
    const gates = [{ 'no-downgrade': { vanish: 'refuse' } }]
    yard.configure(repositories, trainOf(['old', 'other'], { staging: { gates } }))
    await syncTo(yard, 'created')
    await yard.use(async open => {
      await release(open)
      await open.yard.promote(staging)
    })
    old.archive.update(([suite]) => void suite!.packages!.main!.splice(0, 1))
    publish(other.archive, 'hello', '2.1')
    await syncTo(yard, 'created')
    await yard.use(async open => {
      await release(open)
      expect(await verdictOf(open, 'no-downgrade')).toMatchObject({ passed: true })
    })
    publish(other.archive, 'hello', '1.5')
    await syncTo(yard, 'created', 'other')
    await yard.use(async open => {
      await release(open)
      expect(await verdictOf(open, 'no-downgrade')).toMatchObject({
        passed: false,
        findings: ['hello (amd64) goes from 2.0 down to 1.5'],
      })
    })
  })
})

describe('packages that are new', () => {
  it('must have been public for a while, as the mirror that a composition is made from knows', async () => {
    const date = Date.now() - 5 * day
    const { archive, server, yard } = await world.mirrored({
      packages: { main: [{ name: 'hello', version: '1.0' }, { name: 'other' }] },
      date,
    })
    const repositories = {
      debian: mirrorOf(server.url, world.keyring),
      base: { compose: { from: ['debian'], include: ['hello'] } },
    }
    const gates = [{ cooldown: '3d' }]
    yard.configure(repositories, trainOf(['base'], { staging: { gates } }))
    await syncTo(yard, 'created')
    await yard.use(async open => {
      await release(open)
      // Mirrored a moment ago, but out of metadata that are five days old.
      expect(await verdictOf(open, 'cooldown')).toMatchObject({ passed: true })
      await open.yard.promote(staging)
    })
    archive.suites[0]!.date = Date.now() - day
    publish(archive, 'hello', '1.1')
    await syncTo(yard, 'created')
    await yard.use(async open => {
      await release(open)
      expect(await verdictOf(open, 'cooldown')).toMatchObject({
        passed: false,
        summary: 'too young, public for less than 3 d: 1 of 1 new package',
        findings: [expect.stringMatching(/^hello 1.1 \(amd64\) of base: since \d+T\d+Z, for 1 d/)],
        remedy: expect.stringMatching(/^wait another (2 d|1 d 23 h)/),
      })
    })
    await yard.use(
      async open => expect(await verdictOf(open, 'cooldown')).toMatchObject({ passed: true }),
      () => Date.now() + 2 * day + 60_000,
    )
    const security = [{ cooldown: { for: '3d', suites: ['stable'] } }]
    yard.configure(repositories, trainOf(['base'], { staging: { gates: security } }))
    await yard.use(async open => expect(await verdictOf(open, 'cooldown')).toMatchObject({ passed: true }))
  })
})

describe('RPM advisories', () => {
  const advisory = (id: string, severity: string, issued: string, name: string, version: string) =>
    `<update from="updates@example.org" status="final" type="security" version="1"><id>${id}</id>` +
    `<title>${id}</title><severity>${severity}</severity><issued date="${issued}"/><pkglist><collection short="x">` +
    `<package name="${name}" version="${version}" release="1" epoch="0" arch="noarch"><filename>${name}-${version}-1.noarch.rpm</filename></package>` +
    '</collection></pkglist></update>'
  const updateinfo = (...advisories: string[]) =>
    `<?xml version="1.0"?>\n<updates>${advisories.join('')}</updates>`
  const rpms = (...recipes: [string, string][]) =>
    new Map(
      [
        ...buildRpms(
          recipes.map(([name, version]) => ({ name, version, files: { [`/usr/share/${name}`]: version } })),
        ),
      ].map(([file, bytes]) => [`Packages/${file}`, bytes]),
    )

  it('name fixes that a release may not go without for long, and packages that need not wait', async () => {
    const old = advisory('EX-1', 'Important', '2026-01-05', 'app', '1.1')
    const { repository, yard, server } = await rpmMirrored(world, {
      packages: rpms(['app', '1.0'], ['lib', '1.0']),
      metadata: { updateinfo: updateinfo() },
    })
    const base = {
      upstream: { format: 'dnf', url: server.url, trusted: true, proxy: 'none' },
      policy: 'immediate',
    }
    const gates = [{ advisories: { severity: 'Important', within: '7d' } }, { cooldown: '3d' }]
    yard.configure({ base }, trainOf(['base'], { staging: { gates } }))
    await syncTo(yard, 'created')
    const first = await yard.use(release)
    await yard.use(open => open.yard.promote(staging, { override: ['cooldown'], why: 'the first' }))
    repository.publish({
      packages: rpms(['app', '1.1'], ['lib', '1.2']),
      metadata: { updateinfo: updateinfo(old, advisory('EX-2', 'Low', '2026-01-05', 'lib', '1.2')) },
    })
    await syncTo(yard, 'created')
    await yard.use(async open => {
      const [judged] = await open.yard.gate(first, { channel: staging.channel })
      expect(judged!.verdicts.find(({ label }) => label === 'advisories')!.evidence).toMatchObject({
        passed: false,
        summary: 'advisories whose fixes have been missing for more than 7 d: 1',
        findings: ['EX-1 (Important, issued 20260105T000000Z): app.noarch 1.0-1, fixed in 0:1.1-1'],
      })
      await release(open)
      expect(await verdictOf(open, 'advisories')).toMatchObject({
        passed: true,
        summary: 'no known fix is missing',
      })
      // The Low one is no reason to hurry.
      expect(await verdictOf(open, 'cooldown')).toMatchObject({
        passed: false,
        inputs: { arrivals: 2, young: 2, excused: 1 },
        findings: [expect.stringContaining('lib 1.2-1 (noarch)')],
      })
    })
  })

  it('of a module speak of the stream that they name, and of no other', async () => {
    const streamOf = (stream: string, version: string) =>
      `---\ndocument: modulemd\nversion: 2\ndata:\n  name: app\n  stream: "${stream}"\n  version: 1\n` +
      `  context: ab12\n  arch: noarch\n  summary: app\n  description: app\n  license: {module: [MIT]}\n` +
      `  artifacts: {rpms: ["app-0:${version}-1.noarch"]}\n...\n`
    const modular = (id: string, stream: string, version: string) =>
      advisory(id, 'Critical', '2026-01-05', 'app', version).replace(
        '<package ',
        `<module name="app" stream="${stream}" version="1" context="ab12" arch="noarch"/><package `,
      )
    const { yard, server } = await rpmMirrored(world, {
      packages: new Map([...rpms(['app', '1.0']), ...rpms(['app', '2.0'])]),
      metadata: {
        modules: streamOf('1', '1.0') + streamOf('2', '2.0'),
        updateinfo: updateinfo(
          modular('EX-1', '1', '1.0'),
          modular('EX-2', '2', '2.1'),
          modular('EX-3', '3', '3.0'),
          advisory('EX-4', 'Critical', '2026-01-05', 'app', '4.0'),
        ),
      },
    })
    const base = {
      upstream: { format: 'dnf', url: server.url, trusted: true, proxy: 'none' },
      policy: 'immediate',
    }
    yard.configure({ base }, trainOf(['base'], { staging: { gates: [{ advisories: { within: '7d' } }] } }))
    await syncTo(yard, 'created')
    await yard.use(async open => {
      await release(open)
      expect(await verdictOf(open, 'advisories')).toMatchObject({
        passed: false,
        findings: ['EX-2 (Critical, issued 20260105T000000Z): app.noarch 2.0-1 of app:2, fixed in 0:2.1-1'],
      })
    })
  })

  it('there are none of for apt, which is no reason to pass', async () => {
    const { server, yard } = await world.mirrored()
    const gates = [{ advisories: { within: '7d' } }]
    yard.configure(
      { debian: mirrorOf(server.url, world.keyring) },
      trainOf(['debian'], { staging: { gates } }),
    )
    await syncTo(yard, 'created')
    await yard.use(async open => {
      await release(open)
      expect(await verdictOf(open, 'advisories')).toMatchObject({
        passed: false,
        summary: expect.stringContaining('there is nothing to judge by'),
      })
    })
  })
})

describe('what vouches for a release', () => {
  it('is asked down to the upstreams of a composition', async () => {
    const { archive, yard } = await world.mirrored()
    const { url } = await world.serve(archive)
    const repositories = {
      good: mirrorOf(url, world.keyring),
      wild: mirrorOf(url, undefined, { trusted: true }),
      base: { compose: { from: ['good', 'wild'] } },
    }
    const channels = {
      staging: { gates: ['signatures'] },
      test: { gates: [{ signatures: ['keys', 'trusted'] }] },
    }
    yard.configure(repositories, trainOf(['good', 'base'], channels))
    await syncTo(yard, 'created')
    await yard.use(async open => {
      await release(open)
      expect(await verdictOf(open, 'signatures')).toMatchObject({
        passed: false,
        findings: [expect.stringMatching(/^wild@\d+T\d+Z, of which base is made, is vouched for by nobody/)],
      })
      expect(await verdictOf(open, 'signatures', 'test' as Name)).toMatchObject({ passed: true })
    })
  })
})

describe('people and time', () => {
  it('a release soaks in the channel before, and is approved of by others than who cut it', async () => {
    const { server, yard } = await world.mirrored()
    const channels = {
      staging: {},
      production: { after: 'staging', gates: [{ soak: '2d' }, { approvals: 1 }] },
    }
    yard.configure({ debian: mirrorOf(server.url, world.keyring) }, trainOf(['debian'], channels))
    await syncTo(yard, 'created')
    const run = (...args: string[]) => yard.run(...args)
    expect(await run('release', 'web')).toMatchObject({ status: 0 })
    expect(await run('promote', 'web/staging')).toMatchObject({ status: 0 })
    expect(await run('approve', 'web', '--why', 'mine')).toMatchObject({ status: 0 })
    const refused = await run('promote', 'web/production')
    expect(refused).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/soak: it has been in web\/staging for[\s\S]*to pass: wait another/),
    })
    expect(refused.stderr).toMatch(
      /approvals: 0 of 1 person has approved of it; \S+, who cut it, does not count/,
    )
    const twoDaysLater = () => Date.now() + 2 * day
    await yard.use(async open => {
      const grace = open.as({ who: 'grace', via: 'api' })
      expect(await grace.approve('web', { why: 'read the diff' })).toMatchObject({ outcome: 'approved' })
      expect(await grace.approve('web')).toMatchObject({ outcome: 'unchanged' })
      expect(await verdictOf(open, 'approvals', production.channel)).toMatchObject({ passed: true })
      expect(await open.yard.promote(production)).toMatchObject({ outcome: 'moved' })
      expect((await open.yard.log({ limit: 50 })).filter(({ verb }) => verb === 'approve')).toMatchObject([
        { who: 'grace', why: 'read the diff', subject: expect.stringMatching(/^web@/) },
        { why: 'mine' },
      ])
    }, twoDaysLater)
  })

  it('an approval that was made up, or is of another release, counts for nothing', async () => {
    const { server, yard } = await world.mirrored()
    yard.configure(
      { debian: mirrorOf(server.url, world.keyring) },
      trainOf(['debian'], { staging: { gates: [{ approvals: 1 }] } }),
    )
    await syncTo(yard, 'created')
    const first = await yard.use(release)
    await yard.use(open => open.as({ who: 'grace', via: 'api' }).approve(first))
    yard.configure(
      { debian: mirrorOf(server.url, world.keyring) },
      trainOf(['debian'], { staging: { gates: [{ approvals: 1 }, 'signatures'] } }),
    )
    const second = await yard.use(release)
    expect(second).not.toBe(first)
    const of = (name: string) => approvalsIn(yard, name)
    const [genuine] = readAll(of(first))
    write(of(second), 'copied.json', genuine!)
    write(
      of(second),
      'forged.json',
      genuine!.replaceAll(first.slice(4), second.slice(4)).replace('grace', 'edsger'),
    )
    write(of(second), 'broken.json', '{')
    await yard.use(async open =>
      expect(await verdictOf(open, 'approvals')).toMatchObject({ passed: false, findings: [] }),
    )
  })
})
