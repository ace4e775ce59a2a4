import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { lifetimes, roleOf, targetOf } from '../statements/layout.ts'
import { type Follower, follow } from './follower.fixture.ts'
import type { StagedChange } from './state.ts'
import {
  copyOf,
  day,
  departures,
  dev,
  move,
  person,
  production,
  release,
  rollout,
  signAll,
  signedBy,
  start,
  type TrialYard,
  textOf,
  trialYard,
  trustOfPeople,
  web,
} from './statements.fixture.ts'

const [solo, online, ada, ben, eve] = ['solo', 'online', 'ada', 'ben', 'eve'].map(person) as [
  ReturnType<typeof person>,
  ReturnType<typeof person>,
  ReturnType<typeof person>,
  ReturnType<typeof person>,
  ReturnType<typeof person>,
]
const people = trustOfPeople(2, ada, ben, eve)
const anyOne = trustOfPeople(1, ada, ben, eve)

let yard: TrialYard
const followers: Follower[] = []

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: start })
  yard = trialYard(solo)
})
afterEach(() => {
  vi.useRealTimers()
  for (const follower of followers.splice(0)) follower.close()
})

const later = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds)

async function newFollower(): Promise<Follower> {
  const follower = follow(yard.refs, (await yard.statements.root()).text)
  followers.push(follower)
  return follower
}

/** What hosts read of a channel, by a client that knew the yard before and by a new one. */
async function whereIs(channel: typeof dev, follower?: Follower): Promise<number> {
  const path = targetOf.departures(web, channel)
  const read = async (one: Follower) => JSON.parse((await one.read(path))!).release.release as string
  const seen = [await read(follower ?? (await newFollower())), await read(await newFollower())]
  expect(seen[1]).toBe(seen[0])
  return [...Array(100).keys()].findIndex(number => release(number).release === seen[0])
}

/** People hold root, targets and the channels; the yard has the online key alone. */
async function hardened(): Promise<void> {
  await yard.statements.root()
  yard.atHand = [solo, online]
  await yard.statements.rotate({
    root: people,
    targets: people,
    online: trustOfPeople(1, online),
    halt: anyOne,
  })
  await signAll(yard, ada, ben)
  yard.atHand = [online]
  expect((await yard.statements.state()).staged).toEqual([])
}

describe('the statements of a yard', () => {
  it('begin with a root whose one key holds all roles', async () => {
    const { version, text } = await yard.statements.root()
    expect(version).toBe(1)
    expect((await yard.statements.root()).text).toBe(text)
    expect(await yard.statements.state()).toMatchObject({ root: { version: 1 }, isSolo: true, staged: [] })
    expect(await (await newFollower()).read('channels/web/dev.json')).toBeUndefined()
  })

  it('are read by another implementation, each by the role that owns its path', async () => {
    const follower = await newFollower()
    const { releases, departures: left, rollouts } = move(dev, 1)
    expect(await yard.statements.publish(move(dev, 1))).toMatchObject({ published: { departures: left } })
    expect(await follower.read(targetOf.release(web, releases[0]!.release))).toBe(textOf(releases[0]!))
    expect(await follower.read(targetOf.departures(web, dev))).toBe(textOf(left[0]!))
    expect(await follower.read(targetOf.rollout(web, dev))).toBe(textOf(rollouts[0]!))
    expect(await yard.statements.departures(web, dev)).toEqual(left[0])
    expect(await yard.statements.rollout(web, dev)).toEqual(rollouts[0])
    expect(await yard.statements.release(web, releases[0]!.release)).toBe(left[0]!.release.digest)
    await yard.statements.publish(move(dev, 2))
    expect(await whereIs(dev, follower)).toBe(2)
  })

  it('that are published already are not published again', async () => {
    await yard.statements.publish(move(dev, 1))
    later(60_000)
    expect(await yard.statements.publish(move(dev, 1))).toEqual({})
  })

  it('take a channel back by a higher version that names an old release', async () => {
    const follower = await newFollower()
    for (const number of [1, 2, 1]) await yard.statements.publish(move(dev, number))
    expect(await whereIs(dev, follower)).toBe(1)
  })

  it('are forgotten with their release, channel or train, and may come back', async () => {
    const follower = await newFollower()
    const path = targetOf.departures(web, dev)
    await yard.statements.publish({ ...move(dev, 1), ...{ releases: [release(1), release(2)] } })
    await yard.statements.publish({ forgotten: [{ train: web, release: release(2).release }] })
    expect(await follower.read(targetOf.release(web, release(1).release))).toBeDefined()
    expect(await follower.read(targetOf.release(web, release(2).release))).toBeUndefined()
    await yard.statements.publish({ removed: [{ train: web, channel: dev }, { train: web }] })
    expect(await follower.read(path)).toBeUndefined()
    expect(await follower.read(targetOf.release(web, release(1).release))).toBeUndefined()
    expect(await yard.statements.departures(web, dev)).toBeUndefined()
    await yard.statements.publish(move(dev, 1))
    expect(await whereIs(dev, follower)).toBe(1)
  })

  it('have versions of the clock, and higher ones while it stands still or goes back', async () => {
    const timestamps: number[] = []
    await yard.statements.root()
    for (const shift of [1000, 0, -day, day]) {
      later(shift)
      const { published } = await yard.statements.publish(move(dev, timestamps.length + 1))
      timestamps.push(published!.timestamp)
    }
    const second = start / 1000
    expect(timestamps).toEqual([second + 1, second + 2, second + 3, second + 4])
  })
})

describe('a channel that people sign', () => {
  beforeEach(async () => {
    await yard.statements.publish(move(dev, 1))
    await yard.statements.publish({
      ...move(production, 1),
      channelKeys: [{ train: web, channel: production, ...people }],
    })
    await signAll(yard, ada, ben)
    later(1000)
  })

  it('moves when enough of them have signed, and its rollout with it', async () => {
    const follower = await newFollower()
    expect(await whereIs(production, follower)).toBe(1)
    const { staged, published } = await yard.statements.publish(move(production, 2))
    expect(published).toBeUndefined()
    const change = (await yard.statements.state()).staged.find(({ id }) => id === staged)!
    expect(change.files).toMatchObject([
      {
        role: roleOf.channel(web, production),
        needs: [{ threshold: 2, signed: [] }],
        statements: [{ text: textOf(departures(production, 2)), before: textOf(departures(production, 1)) }],
      },
    ])
    const [file] = change.files
    expect(await yard.statements.submit(signedBy(file!, ada))).toEqual({ staged })
    expect(await whereIs(production, follower)).toBe(1)
    expect((await yard.statements.state()).staged[0]!.files[0]!.needs[0]!.signed).toEqual([ada.key.keyid])
    const done = await yard.statements.submit(signedBy(file!, ben))
    expect(done.published!.departures).toEqual([departures(production, 2)])
    expect(await whereIs(production, follower)).toBe(2)
    expect(await follower.read(targetOf.rollout(web, production))).toBe(textOf(rollout(production, 2)))
    expect((await yard.statements.state()).staged).toEqual([])
    expect(await yard.statements.submit(signedBy(file!, eve))).toEqual({})
  })

  it.each([
    ['the same person twice', () => [ada, ada]],
    ['a stranger', () => [ada, solo]],
  ])('does not move for %s', async (_, signers) => {
    await yard.statements.publish(move(production, 2))
    const file = (await yard.statements.state()).staged[0]!.files[0]!
    for (const one of signers())
      await yard.statements.submit(signedBy(file, one)).catch(error => {
        expect(error).toMatchObject({ code: 'untrusted' })
      })
    expect(await whereIs(production)).toBe(1)
  })

  it('keeps no other channel from moving while it waits', async () => {
    const follower = await newFollower()
    await yard.statements.publish(move(production, 2))
    await yard.statements.publish(move(dev, 3))
    expect(await whereIs(dev, follower)).toBe(3)
    await signAll(yard, ada, eve)
    expect([await whereIs(production, follower), await whereIs(dev, follower)]).toEqual([2, 3])
  })

  it('may be paused online while it waits', async () => {
    await yard.statements.publish(move(production, 2))
    await yard.statements.publish({ rollouts: [rollout(production, 1, 'paused')] })
    expect(await yard.statements.rollout(web, production)).toEqual(rollout(production, 1, 'paused'))
    await signAll(yard, ada, ben)
    expect(await yard.statements.rollout(web, production)).toEqual(rollout(production, 2))
  })

  it('waits for one move only: the later one, signed anew', async () => {
    await yard.statements.publish(move(production, 2))
    const earlier = (await yard.statements.state()).staged[0]!
    await yard.statements.submit(signedBy(earlier.files[0]!, ada))
    await yard.statements.publish(move(production, 3))
    const { staged } = await yard.statements.state()
    expect(staged).toMatchObject([{ files: [{ needs: [{ signed: [] }] }] }])
    expect(versionOf(staged[0]!)).toBeGreaterThan(versionOf(earlier))
    await expect(yard.statements.submit(signedBy(earlier.files[0]!, ben))).rejects.toMatchObject({
      code: 'not-found',
    })
    await signAll(yard, ada, ben)
    expect(await whereIs(production)).toBe(3)
  })

  it('keeps the signatures of a move that is asked for twice', async () => {
    await yard.statements.publish(move(production, 2))
    await yard.statements.submit(signedBy((await yard.statements.state()).staged[0]!.files[0]!, ada))
    later(1000)
    await yard.statements.publish(move(production, 2))
    await signAll(yard, ben)
    expect(await whereIs(production)).toBe(2)
  })

  it('is not taken back by a move that waited when it moved with keys at hand', async () => {
    await yard.statements.publish(move(production, 2))
    yard.atHand = [solo, ada, ben]
    await yard.statements.publish(move(production, 3))
    expect((await yard.statements.state()).staged).toEqual([])
    await yard.statements.refresh()
    expect(await whereIs(production)).toBe(3)
  })

  it('does not begin any more once it was removed while its first move waited', async () => {
    const channel = 'canary' as typeof dev
    await yard.statements.publish({
      ...move(channel, 1),
      channelKeys: [{ train: web, channel, ...people }],
    })
    expect((await yard.statements.state()).staged).toHaveLength(1)
    await yard.statements.publish({ removed: [{ train: web, channel }] })
    expect((await yard.statements.state()).staged).toEqual([])
  })

  it('is told from another one that says as little, by whose signature comes', async () => {
    const both = ['one', 'two'] as (typeof dev)[]
    for (const channel of both)
      await yard.statements.publish({ channelKeys: [{ train: web, channel, ...trustOfPeople(2, ada, ben) }] })
    expect((await yard.statements.state()).staged).toHaveLength(2)
    await signAll(yard, ada, ben)
    const { roles, staged } = await yard.statements.state()
    expect(staged).toEqual([])
    expect(roles.map(({ role }) => role)).toEqual(
      expect.arrayContaining(both.map(channel => roleOf.channel(web, channel))),
    )
  })

  it('does not move by what expired while it waited', async () => {
    await yard.statements.publish(move(production, 2))
    const file = (await yard.statements.state()).staged[0]!.files[0]!
    later(91 * day)
    await expect(yard.statements.submit(signedBy(file, ada, ben))).rejects.toMatchObject({ code: 'stale' })
    await yard.statements.refresh()
    await signAll(yard, ada, ben)
    expect(await whereIs(production)).toBe(2)
  })

  it('stays where it is when the move is withdrawn', async () => {
    const { staged } = await yard.statements.publish(move(production, 2))
    const file = (await yard.statements.state()).staged[0]!.files[0]!
    await yard.statements.withdraw(staged!)
    await expect(yard.statements.withdraw(staged!)).rejects.toMatchObject({ code: 'not-found' })
    await expect(yard.statements.submit(signedBy(file, ada, ben))).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(await whereIs(production)).toBe(1)
  })

  it.each([
    undefined,
    null,
    'text',
    {},
    { signed: {}, signatures: [] },
    { signed: null, signatures: [] },
    { signed: { _type: 'root', version: 2 }, signatures: [null] },
    { signed: { _type: 'root', version: 2 }, signatures: Array(65).fill({ keyid: '', sig: '' }) },
  ])('is moved by nothing that is no signed metadata: %#', async submitted => {
    await yard.statements.publish(move(production, 2))
    await expect(yard.statements.submit(submitted)).rejects.toMatchObject({
      code: expect.stringMatching(/^(invalid|not-found)$/),
    })
  })
})

const versionOf = ({ files }: StagedChange) => files[0]!.metadata.signed.version

describe('keys in other hands', () => {
  it('are taken over by a new root, and hosts that knew the old one follow', async () => {
    const follower = await newFollower()
    await yard.statements.publish(move(dev, 1))
    await hardened()
    expect(await yard.statements.state()).toMatchObject({ root: { version: 2 }, isSolo: false })
    expect(await whereIs(dev, follower)).toBe(1)
    await yard.statements.publish(move(dev, 2))
    expect(await whereIs(dev, follower)).toBe(1)
    await signAll(yard, ada, eve)
    expect(await whereIs(dev, follower)).toBe(2)
    const { roles } = await yard.statements.state()
    expect(roles.flatMap(({ keys }) => keys.map(({ keyid }) => keyid))).not.toContain(solo.key.keyid)
  })

  it('are told by the names of their owners', async () => {
    await hardened()
    const { roles } = await yard.statements.state()
    const owners = Object.fromEntries(roles.map(({ role, keys }) => [role, keys.map(({ owner }) => owner)]))
    expect(owners).toEqual({
      root: ['ada', 'ben', 'eve'],
      targets: ['ada', 'ben', 'eve'],
      snapshot: ['online'],
      timestamp: ['online'],
      halt: ['ada', 'ben', 'eve'],
    })
  })

  it('change nothing while signatures are missing: channels go on moving under the old ones', async () => {
    const follower = await newFollower()
    await yard.statements.publish(move(dev, 1))
    yard.atHand = [solo, online]
    await yard.statements.rotate({ root: people, targets: people, online: trustOfPeople(1, online) })
    const [root] = (await yard.statements.state()).staged[0]!.files
    expect(root).toMatchObject({ role: 'root', needs: [{ signed: [solo.key.keyid] }, { signed: [] }] })
    await yard.statements.submit(signedBy(root!, ada))
    await yard.statements.publish(move(dev, 2))
    await yard.statements.publish(move(production, 2))
    expect([await whereIs(dev, follower), await whereIs(production, follower)]).toEqual([2, 2])
    expect((await yard.statements.root()).version).toBe(1)
    await signAll(yard, ada, ben)
    yard.atHand = [online]
    expect((await yard.statements.root()).version).toBe(2)
    expect([await whereIs(dev, follower), await whereIs(production, follower)]).toEqual([2, 2])
    expect(await yard.statements.publish(move(production, 3))).toMatchObject({ staged: expect.any(Number) })
  })

  it('replace a lost or stolen online key without the old one', async () => {
    const follower = await newFollower()
    await yard.statements.publish(move(dev, 1))
    await hardened()
    const other = person('online')
    yard.atHand = [other]
    await expect(yard.statements.publish({ rollouts: [rollout(dev, 1, 'paused')] })).resolves.toMatchObject({
      staged: expect.any(Number),
    })
    await yard.statements.rotate({ online: trustOfPeople(1, other) })
    await signAll(yard, ada, ben)
    await yard.statements.refresh()
    expect(await whereIs(dev, follower)).toBe(1)
    expect(await follower.read(targetOf.rollout(web, dev))).toBe(textOf(rollout(dev, 1, 'paused')))
  })

  it('replace a person', async () => {
    await yard.statements.publish(move(dev, 1))
    await hardened()
    const follower = await newFollower()
    const fred = person('fred')
    const without = trustOfPeople(2, ada, ben, fred)
    await yard.statements.rotate({ root: without, targets: without, halt: trustOfPeople(1, ada, ben, fred) })
    await signAll(yard, ada, ben)
    await yard.statements.publish(move(dev, 2))
    await signAll(yard, ada, eve)
    expect(await whereIs(dev, follower)).toBe(1)
    await signAll(yard, fred)
    expect(await whereIs(dev, follower)).toBe(2)
  })

  it('are not replaced by whoever has the online key', async () => {
    await hardened()
    await yard.statements.rotate({ root: trustOfPeople(1, online), targets: trustOfPeople(1, online) })
    const root = (await yard.statements.state()).staged[0]!.files[0]!
    await expect(yard.statements.submit(signedBy(root, online))).resolves.toMatchObject({
      staged: expect.any(Number),
    })
    expect((await yard.statements.root()).version).toBe(2)
  })

  it('come back with the roots that a restored backup does not know', async () => {
    const follower = await newFollower()
    await yard.statements.publish(move(dev, 1))
    const backup = await copyOf(yard.refs)
    await hardened()
    const root = JSON.parse((await yard.statements.root()).text)
    expect(await whereIs(dev, follower)).toBe(1)
    await restore(yard, backup)
    later(day)
    await expect(yard.statements.submit({ ...root, signatures: [] })).rejects.toMatchObject({
      code: 'untrusted',
    })
    await yard.statements.submit(root)
    await signAll(yard, ada, ben)
    await yard.statements.refresh({ all: true })
    expect(await whereIs(dev, follower)).toBe(1)
  })
})

describe('fresh statements', () => {
  const expiry = async (role: string) =>
    (await yard.statements.state()).roles.find(one => one.role === role)!.expires!
  const left = async (role: string) => (Date.parse(await expiry(role)) - Date.now()) / 1000

  it('live as long as their role is for', async () => {
    await yard.statements.publish(move(dev, 1))
    expect(await left('timestamp')).toBe(lifetimes.online.idle)
    expect(await left(roleOf.channel(web, dev))).toBe(lifetimes.channel)
    await yard.statements.publish({ rollouts: [rollout(dev, 1, 'running')] })
    expect(await left('timestamp')).toBe(lifetimes.online.running)
    expect(await left(roleOf.rollout(web, dev))).toBe(lifetimes.online.running)
    await yard.statements.publish(move(production, 2))
    expect(await left('timestamp')).toBe(lifetimes.online.running)
    expect(await left(roleOf.rollout(web, production))).toBe(lifetimes.online.idle)
    await yard.statements.publish({ rollouts: [rollout(dev, 1)] })
    expect(await left('timestamp')).toBe(lifetimes.online.idle)
  })

  it('are signed again past half of their life, and not before', async () => {
    await yard.statements.publish(move(dev, 1))
    const before = await expiry('timestamp')
    later(3 * day)
    await yard.statements.refresh()
    expect(await expiry('timestamp')).toBe(before)
    later(day)
    await yard.statements.refresh()
    expect([await left('timestamp'), await left(roleOf.rollout(web, dev))]).toEqual(
      Array(2).fill(lifetimes.online.idle),
    )
    expect(await left(roleOf.channel(web, dev))).toBe(lifetimes.channel - (4 * day) / 1000)
  })

  it('are kept fresh for years by a yard that holds all keys', async () => {
    const follower = await newFollower()
    await yard.statements.publish(move(dev, 1))
    for (let quarter = 0; quarter < 12; quarter++) {
      later(89 * day)
      await yard.statements.refresh()
      expect(await whereIs(dev, follower)).toBe(1)
    }
    expect((await yard.statements.root()).version).toBeGreaterThan(3)
  })

  it('are asked of people in time, each channel apart', async () => {
    await yard.statements.publish(move(dev, 1))
    await yard.statements.publish(move(production, 1))
    await hardened()
    const follower = await newFollower()
    later(60 * day)
    const ids = new Set<number>()
    for (let run = 0; run < 2; run++) {
      await yard.statements.refresh()
      const { staged } = await yard.statements.state()
      for (const { id } of staged) ids.add(id)
      expect(ids.size).toBe(2)
      expect(staged.map(({ files }) => files.map(({ role }) => role))).toEqual([
        [roleOf.channel(web, dev)],
        [roleOf.channel(web, production)],
      ])
    }
    expect(await whereIs(dev, follower)).toBe(1)
    await signAll(yard, ada, ben)
    later(60 * day)
    await yard.statements.refresh()
    expect(await whereIs(production, follower)).toBe(1)
  })

  it('are asked of people again when nobody signed for long', async () => {
    await yard.statements.publish(move(dev, 1))
    await hardened()
    await yard.statements.publish(move(dev, 2))
    later(60 * day)
    await yard.statements.refresh()
    const [change] = (await yard.statements.state()).staged
    expect(Date.parse(change!.files[0]!.metadata.signed.expires)).toBe(Date.now() + lifetimes.channel * 1000)
    await signAll(yard, ada, ben)
    expect(await whereIs(dev)).toBe(2)
  })

  it('have a root with a life before it when a rotation was left lying', async () => {
    await yard.statements.publish(move(dev, 1))
    await yard.statements.rotate({ root: people })
    later(200 * day)
    await yard.statements.refresh()
    const root = (await yard.statements.state()).staged[0]!.files[0]!
    expect(Date.parse(root.metadata.signed.expires)).toBe(Date.now() + lifetimes.root * 1000)
    await signAll(yard, ada, ben)
    expect((await yard.statements.root()).version).toBe(2)
  })

  it('are signed again when a wrong clock made them live for too long', async () => {
    const follower = await newFollower()
    vi.setSystemTime(Date.UTC(2038, 0, 19))
    await yard.statements.publish(move(dev, 1))
    vi.setSystemTime(start + day)
    await yard.statements.refresh()
    expect(await left('timestamp')).toBe(lifetimes.online.idle)
    expect(await whereIs(dev, follower)).toBe(1)
  })
})

describe('a restored backup', () => {
  it('is not behind what hosts have seen, however old it is', async () => {
    const follower = await newFollower()
    await yard.statements.publish(move(dev, 1))
    const backup = await copyOf(yard.refs)
    for (let number = 2; number < 20; number++) {
      later(day / 2)
      await yard.statements.publish(move(dev, number))
      await yard.statements.publish(move(production, number))
    }
    expect(await whereIs(dev, follower)).toBe(19)
    await restore(yard, backup)
    later(1000)
    await yard.statements.refresh({ all: true })
    await yard.statements.publish(move(production, 1))
    expect([await whereIs(dev, follower), await whereIs(production, follower)]).toEqual([1, 1])
  })
})

async function restore(yard: TrialYard, backup: Map<string, string>): Promise<void> {
  for (const name of (await copyOf(yard.refs)).keys()) await yard.refs.remove(name)
  for (const [name, text] of backup) await yard.refs.write(name, text)
}
