import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ChannelRecord, ChannelReference, Name } from '../src/model/index.ts'
import { mountTmpfs } from '../src/store/fs/tmpfs.fixture.ts'
import type { MovedReport } from '../src/train/index.ts'
import type { OpenYard } from '../src/yard/index.ts'
import { fileOf, flip } from './world/damage.ts'
import { aptOf, publish, served } from './world/served.ts'
import { createTestYard, mirrorOf, type Settings, type TestYard } from './world/test-yard.ts'
import { createWorld, failsWith, packages, syncTo, type World } from './world/world.ts'

/** What can go wrong with releases and channels, and what stays as it was. */
vi.setConfig({ testTimeout: 180_000 })
let world: World
beforeAll(() => {
  world = createWorld()
})
afterAll(() => world.remove())

const production = { train: 'web', channel: 'production' } as ChannelReference
const train = (channel: Settings = {}) => ({
  web: { repositories: ['debian'], channels: { production: channel }, complete: 'fetchable' },
})

/** A served train whose channel `production` was promoted to each of as many releases, in which `hello` is of version N. */
async function promoted(releases: number, channel: Settings = {}) {
  const made = await served(
    world,
    { packages: { main: [{ name: 'hello', version: '1' }] } },
    { settings: {}, trains: train(channel) },
  )
  const cut = [await cutAndPromote(made.yard)]
  for (let version = 2; version <= releases; version++) {
    publish(made.archive, 'hello', `${version}`)
    await syncTo(made.yard, 'created')
    cut.push(await cutAndPromote(made.yard))
  }
  return { ...made, cut }
}

/** `web@T` */
async function cutAndPromote(yard: TestYard): Promise<string> {
  return yard.use(async ({ yard }) => {
    const { release } = await yard.release('web' as Name)
    await yard.promote(production)
    return `web@${release.timestamp}`
  })
}

const recordOf = (yard: TestYard): Promise<ChannelRecord> =>
  yard.use(async open => (await open.yard.trains('web' as Name))[0]!.channels[0]!.record!)
const refOf = (yard: TestYard, name: string) => join(yard.directory, 'refs/trains/web', name)
const channelRef = (yard: TestYard) => refOf(yard, 'channels/production.json')
const findings = (yard: TestYard, repair = false) =>
  yard.use(async open => (await open.yard.fsck({ repair })).findings)

/** Rewrites a ref as somebody with an editor would. */
function edit<T>(file: string, change: (record: T) => void): void {
  const record = JSON.parse(readFileSync(file, 'utf8')) as T
  change(record)
  writeFileSync(file, JSON.stringify(record))
}

describe('two who move one channel at once', () => {
  it('by promotion: one wins, the other is told who did', async () => {
    const { yard, archive, cut } = await promoted(1)
    for (const version of ['2', '3']) {
      publish(archive, 'hello', version)
      await syncTo(yard, 'created')
      await yard.run('release', 'web')
    }
    const [, second, third] = (await yard.use(open => open.yard.releases())).map(
      ({ record }) => `web@${record.timestamp}`,
    )
    const outcomes = await yard.use(open =>
      Promise.allSettled([second!, third!].map(release => open.yard.promote(production, { release }))),
    )
    const { history, release } = await recordOf(yard)
    expect(history).toHaveLength(2)
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const winner = outcomes[0]!.status === 'fulfilled' ? second! : third!
    expect(`web@${release}`).toBe(winner)
    const lost = outcomes.find(outcome => outcome.status === 'rejected')!
    expect(lost.reason).toMatchObject({ code: 'busy', message: expect.stringContaining(cut[0]!.slice(4)) })
    expect(lost.reason.message).toMatch(/is at \d{8}T\d{6}Z now \(promotion by /)
  })

  it('by rollback: it goes one step back, not two', async () => {
    const { yard, cut } = await promoted(3)
    const outcomes = await yard.use(open =>
      Promise.allSettled([1, 2].map(() => open.yard.rollback(production))),
    )
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(`web@${(await recordOf(yard)).release}`).toBe(cut[1])
  })

  it('one of whom says where he believes it to be', async () => {
    const { yard, cut } = await promoted(2)
    failsWith(
      await yard.run('rollback', 'web/production', '--expected', cut[0]!),
      1,
      /not at/,
      /nothing was moved/,
    )
    expect(await yard.run('rollback', 'web/production', '--expected', cut[1]!)).toMatchObject({ status: 0 })
    failsWith(await yard.run('promote', 'web/production', '--expected', 'web'), 2, /no single release/)
  })
})

it('a repository that a move leaves where it is keeps its seal: clients find nothing new', async () => {
  const other = world.archive({ name: 'stable', packages: { main: [{ name: 'other' }] } })
  const { archive, yard } = await served(
    world,
    { packages: { main: [{ name: 'hello', version: '1' }] } },
    {
      more: { other: mirrorOf((await world.serve(other)).url, world.keyring) },
      trains: {
        web: { repositories: ['debian', 'other'], channels: { production: {} }, complete: 'fetchable' },
      },
    },
  )
  await cutAndPromote(yard)
  const before = await recordOf(yard)
  publish(archive, 'hello', '2')
  await syncTo(yard, 'created', 'debian')
  await cutAndPromote(yard)
  const after = await recordOf(yard)
  const sealOf = ({ repositories }: ChannelRecord, name: string) => repositories[name as Name]!.sealed
  expect(sealOf(after, 'other')).toEqual(sealOf(before, 'other'))
  expect(after.repositories['other' as Name]!.recent).toEqual([])
  expect(sealOf(after, 'debian')).not.toEqual(sealOf(before, 'debian'))
  expect(await findings(yard)).toEqual([])
})

it('a clock that goes back: releases, moves and the dates that clients compare go on', async () => {
  const { yard, archive } = await promoted(2)
  const before = await recordOf(yard)
  publish(archive, 'hello', '3')
  await syncTo(yard, 'created')
  const yesterday = () => Date.now() - 86_400_000
  await yard.use(async ({ yard }) => {
    const { release } = await yard.release('web' as Name)
    expect(release.timestamp > before.release).toBe(true)
    const { channel } = (await yard.promote(production)) as MovedReport
    expect(channel).toMatchObject({ release: release.timestamp })
    expect(channel.moved > before.moved).toBe(true)
    const back = ((await yard.rollback(production)) as MovedReport).channel
    expect(back.moved > channel.moved).toBe(true)
  }, yesterday)
  expect(await findings(yard)).toEqual([])
})

describe('identity', () => {
  it('that apt would refuse keeps a release out, until it is allowed; then apt refuses it indeed', async () => {
    const { yard, archive, server } = await promoted(1)
    const apt = await aptOf(world, server)
    await apt.setSources((await server.get('/channels/web/production/setup/apt.sources')).body.toString())
    await apt.update()
    for (const [fields, words] of [
      [{ Origin: 'Else' }, /Origin would change from "Example" to "Else"/],
      [{ Suite: 'oldstable' }, /Suite would change from "stable" to "oldstable"/],
    ] as const) {
      archive.update(([suite]) => void Object.assign(suite!, { fields }))
      await syncTo(yard, 'created')
      await yard.run('release', 'web')
      failsWith(await yard.run('promote', 'web/production'), 3, words, /--allow-identity-change/)
    }
    archive.update(([suite]) => void Object.assign(suite!, { fields: { Label: 'Else' } }))
    await syncTo(yard, 'created')
    await yard.run('release', 'web')
    const moved = await yard.run('promote', 'web/production', '--allow-identity-change')
    expect(moved).toMatchObject({ status: 0, stdout: expect.stringContaining('Label changes') })
    await expect.poll(async () => (await apt.get(['update'])).output).toMatch(/changed its 'Label' value/)
    expect(await yard.run('rollback', 'web/production')).toMatchObject({ status: 0 })
    await expect.poll(async () => (await apt.get(['update'])).status).toBe(0)
  })

  it('of what was already served under a path is looked at: packages re-issued with other bytes are named', async () => {
    const { yard, archive } = await promoted(1)
    publish(archive, 'hello', '1', { content: 'other bytes' })
    await syncTo(yard, 'created')
    await yard.run('release', 'web')
    const moved = await yard.run('promote', 'web/production', '--json')
    expect(JSON.parse(moved.stdout).changes).toMatchObject({
      reissuedCount: 1,
      reissued: [{ repository: 'debian', path: 'pool/main/h/hello/hello_1_amd64.deb' }],
    })
    const back = await yard.run('rollback', 'web/production')
    expect(back.stdout).toContain('re-issued with other bytes: debian pool/main/h/hello/hello_1_amd64.deb')
  })
})

describe('the record of a release', () => {
  it('that was tampered with is promoted nowhere, and fsck names it', async () => {
    const { yard, cut } = await promoted(2)
    const file = refOf(yard, `releases/${cut[0]!.slice(4)}.json`)
    const whole = readFileSync(file)
    edit<{ record: { snapshots: { debian: { timestamp: string } } } }>(file, ({ record }) => {
      record.snapshots.debian.timestamp = '20200101T000000Z'
    })
    failsWith(await yard.run('rollback', 'web/production'), 1, /is not what this yard signed/)
    failsWith(
      await yard.run('fsck', '--repair'),
      1,
      new RegExp(`ref ${cut[0]}: .*is not what this yard signed`),
    )
    expect(`web@${(await recordOf(yard)).release}`).toBe(cut[1])
    writeFileSync(file, whole)
    expect(await yard.run('fsck')).toMatchObject({ status: 0 })
  })

  it('is removed only when no channel needs it; then the line is that much shorter', async () => {
    const { yard, cut } = await promoted(4, { 'keep-at-least': 2, keep: '0s' })
    failsWith(await yard.run('rm', cut[3]!), 3, /web\/production is at/)
    failsWith(await yard.run('rm', cut[1]!), 3, /may be taken to/)
    const first = (await yard.use(open => open.yard.snapshots()))[0]!.record.timestamp
    failsWith(await yard.run('rm', `debian@${first}`), 3, /names debian@/)
    expect(await yard.run('rm', cut[0]!)).toMatchObject({ status: 0, stdout: `removed ${cut[0]}\n` })
    expect(await yard.run('rm', `debian@${first}`)).toMatchObject({ status: 0 })
    expect(await recordOf(yard)).toMatchObject({ at: 2, line: cut.slice(1).map(name => name.slice(4)) })
    expect(await findings(yard)).toEqual([])
    rmSync(channelRef(yard))
    expect(await yard.run('fsck', '--repair')).toMatchObject({ status: 0 })
    expect(await recordOf(yard)).toMatchObject({ at: 2, line: cut.slice(1).map(name => name.slice(4)) })
    for (const _ of [1, 2]) expect(await yard.run('rollback', 'web/production')).toMatchObject({ status: 0 })
    failsWith(await yard.run('rollback', 'web/production'), 3, /is the first release/)
    failsWith(await yard.run('rm', 'web'), 2, /names no single release/)
    failsWith(await yard.run('rm', 'web@20200101T000000Z'), 1, /there is no release/)
  })

  it('takes no snapshot along that a channel still answers', async () => {
    const { yard, cut } = await promoted(3, { 'keep-at-least': 0, keep: '1h' })
    expect(await yard.run('rm', cut[0]!)).toMatchObject({ status: 0 })
    const first = (await yard.use(open => open.yard.snapshots()))[0]!.record.timestamp
    failsWith(await yard.run('rm', `debian@${first}`), 3, /web\/production still answers debian@/)
    const inTwoHours = () => Date.now() + 7_200_000
    await yard.use(open => open.yard.remove(`debian@${first}`), inTwoHours)
    expect(await findings(yard)).toEqual([])
  })
})

describe('the ref of a channel', () => {
  const damages: [string, (file: string) => void, RegExp][] = [
    ['is not JSON', file => writeFileSync(file, 'none'), /is damaged/],
    ['is gone', file => rmSync(file), /is missing/],
    [
      'points elsewhere',
      file => edit<ChannelRecord>(file, record => void Object.assign(record, { release: record.line[0] })),
      /its last move was to/,
    ],
    [
      'serves other snapshots',
      file =>
        edit<ChannelRecord>(file, ({ repositories }) => {
          const debian = repositories['debian' as Name]!
          debian.snapshot = debian.recent[0]!.snapshot
        }),
      /serves other snapshots/,
    ],
    [
      'has another line',
      file => edit<ChannelRecord>(file, record => void Object.assign(record, { line: [record.release] })),
      /line of promotions/,
    ],
    [
      'has another history',
      file =>
        edit<ChannelRecord>(file, ({ history }) => void Object.assign(history.at(-1)!, { who: 'nobody' })),
      /not what the audit log says/,
    ],
  ]

  it.each(damages)('that %s is named by fsck and made again from the audit log', async (_, damage, words) => {
    const { yard, server } = await promoted(3)
    expect(await yard.run('rollback', 'web/production')).toMatchObject({ status: 0 })
    const before = await recordOf(yard)
    damage(channelRef(yard))
    failsWith(await yard.run('fsck'), 1, /ref web\/production: /, words)
    const repair = await yard.run('fsck', '--repair')
    expect(repair, repair.stderr).toMatchObject({ status: 0 })
    const { repositories, moved, ...after } = await recordOf(yard)
    expect(moved > before.moved || moved === before.moved).toBe(true)
    const { repositories: _r, moved: _m, ...expected } = before
    expect(after).toEqual(expected)
    expect(repositories['debian' as Name]!.snapshot).toEqual(before.repositories['debian' as Name]!.snapshot)
    const apt = await aptOf(world, server)
    await apt.setSources((await server.get('/channels/web/production/setup/apt.sources')).body.toString())
    await apt.update()
    expect((await apt.policy('hello')).candidate).toBe('2')
  })

  it('whose sealed files are lost is sealed anew', async () => {
    const { yard, server } = await promoted(2)
    const sealed = async () => (await recordOf(yard)).repositories['debian' as Name]!.sealed
    const path = 'dists/stable/InRelease'
    for (const damage of [rmSync, flip]) {
      const digest = (await sealed())[path]!.sha256
      damage(fileOf(yard, 'blobs', digest))
      failsWith(await yard.run('fsck'), 1, /ref web\/production: a file that was sealed for it is lost/)
      expect(await yard.run('fsck', '--repair')).toMatchObject({ status: 0 })
      expect(await yard.run('fsck')).toMatchObject({ status: 0 })
      expect((await server.get(`/channels/web/production/debian/${path}`)).status).toBe(200)
    }
  })

  it('survives a collection of garbage with all that it answers', async () => {
    const { yard } = await promoted(3)
    expect(await yard.run('gc')).toMatchObject({ status: 0 })
    expect(await findings(yard)).toEqual([])
  })
})

describe('the audit log', () => {
  const lines = (open: OpenYard) => open.yard.log({ limit: 1000 })

  it('that was lost learns releases and moves again from their refs, once', async () => {
    const { yard, cut } = await promoted(2)
    expect(await yard.run('rollback', 'web/production', '--why', 'it breaks')).toMatchObject({ status: 0 })
    for (const name of ['catalog.sqlite', 'catalog.sqlite-wal', 'catalog.sqlite-shm'])
      rmSync(join(yard.directory, name), { force: true })
    const found = (await yard.use(lines)).filter(({ subject }) => subject.startsWith('web')).toReversed()
    expect(found.map(({ verb, subject, via }) => [verb, subject, via])).toEqual([
      ['release', cut[0], 'recovery'],
      ['promote', 'web/production', 'recovery'],
      ['release', cut[1], 'recovery'],
      ['promote', 'web/production', 'recovery'],
      ['rollback', 'web/production', 'recovery'],
    ])
    expect(found.at(-1)).toMatchObject({ why: 'it breaks' })
    expect(await yard.use(lines)).toHaveLength(found.length)
    expect(await findings(yard)).toEqual([])
  })

  it('that cannot be written keeps a channel where it is', async () => {
    const { yard, cut } = await promoted(2)
    const database = new DatabaseSync(join(yard.directory, 'catalog.sqlite'))
    database.exec('begin immediate')
    try {
      await yard.use(async open => {
        const rollback = open.yard.rollback(production)
        await expect(
          Promise.race([rollback, new Promise(done => setTimeout(done, 1000, 'waits'))]),
        ).resolves.toBe('waits')
        database.exec('rollback')
        await rollback
      })
    } finally {
      database.close()
    }
    expect(`web@${(await recordOf(yard)).release}`).toBe(cut[0])
    expect(await findings(yard)).toEqual([])
  })
})

it('a full disk leaves the channel where it is; with room again it moves', async () => {
  const tmpfs = mountTmpfs('size=16m')
  world.atEnd(tmpfs.remove)
  const archive = world.archive({ name: 'stable', packages: { main: packages(2) } })
  const upstream = await world.serve(archive)
  const repositories = { debian: mirrorOf(upstream.url, world.keyring) }
  const yard = createTestYard(repositories, { directory: tmpfs.directory, more: { trains: train() } })
  await syncTo(yard, 'created')
  const first = await cutAndPromote(yard)
  publish(archive, 'p0', '2')
  await syncTo(yard, 'created')
  await yard.run('release', 'web')
  const filler = join(tmpfs.directory, 'filler')
  await yard.use(async open => {
    await open.yard.releases()
    fill(filler)
    await expect(open.yard.promote(production)).rejects.toMatchObject({ code: 'no-space' })
    await rm(filler)
  })
  expect(`web@${(await recordOf(yard)).release}`).toBe(first)
  expect(await findings(yard)).toEqual([])
  expect(await yard.run('promote', 'web/production')).toMatchObject({ status: 0 })
  expect(await findings(yard)).toEqual([])
})

/** As full as it gets. */
function fill(file: string): void {
  for (let size = 16_000_000; size >= 256; size = Math.floor(size / 2))
    try {
      writeFileSync(file, Buffer.alloc(size), { flag: 'a' })
    } catch {
      // The next smaller piece may still fit.
    }
}
