import { describe, expect, it, vi } from 'vitest'
import { lifetimes, roleOf } from '../statements/layout.ts'
import {
  copyOf,
  day,
  dev,
  move,
  production,
  restore,
  rollout,
  signAll,
  start,
  web,
} from './statements.fixture.ts'
import { ada, ben, later, people, watchYard } from './watched-yard.fixture.ts'

const at = watchYard()
const { hardened, newFollower, whereIs } = at

describe('fresh statements', () => {
  const expiry = async (role: string) =>
    (await at.yard.statements.state()).roles.find(one => one.role === role)!.expires!
  const left = async (role: string) => (Date.parse(await expiry(role)) - Date.now()) / 1000

  it('live as long as their role is for', async () => {
    await at.yard.statements.publish(move(dev, 1))
    expect(await left('timestamp')).toBe(lifetimes.online.idle)
    expect(await left(roleOf.channel(web, dev))).toBe(lifetimes.channel)
    await at.yard.statements.publish({ rollouts: [rollout(dev, 1, 'running')] })
    expect(await left('timestamp')).toBe(lifetimes.online.running)
    expect(await left(roleOf.rollout(web, dev))).toBe(lifetimes.online.running)
    await at.yard.statements.publish(move(production, 2))
    expect(await left('timestamp')).toBe(lifetimes.online.running)
    expect(await left(roleOf.rollout(web, production))).toBe(lifetimes.online.idle)
    await at.yard.statements.publish({ rollouts: [rollout(dev, 1)] })
    expect(await left('timestamp')).toBe(lifetimes.online.idle)
  })

  it('are signed again past half of their life, and not before', async () => {
    await at.yard.statements.publish(move(dev, 1))
    const before = await expiry('timestamp')
    later(3 * day)
    await at.yard.statements.refresh()
    expect(await expiry('timestamp')).toBe(before)
    later(day)
    await at.yard.statements.refresh()
    expect([await left('timestamp'), await left(roleOf.rollout(web, dev))]).toEqual(
      Array(2).fill(lifetimes.online.idle),
    )
    expect(await left(roleOf.channel(web, dev))).toBe(lifetimes.channel - (4 * day) / 1000)
  })

  it('are kept fresh for years by a yard that holds all keys', async () => {
    const follower = await newFollower()
    await at.yard.statements.publish(move(dev, 1))
    for (let quarter = 0; quarter < 12; quarter++) {
      later(89 * day)
      await at.yard.statements.refresh()
      expect(await whereIs(dev, follower)).toBe(1)
    }
    expect((await at.yard.statements.root()).version).toBeGreaterThan(3)
  })

  it('are asked of people in time, each channel apart', async () => {
    await at.yard.statements.publish(move(dev, 1))
    await at.yard.statements.publish(move(production, 1))
    await hardened()
    const follower = await newFollower()
    later(60 * day)
    const ids = new Set<number>()
    for (let run = 0; run < 2; run++) {
      await at.yard.statements.refresh()
      const { staged } = await at.yard.statements.state()
      for (const { id } of staged) ids.add(id)
      expect(ids.size).toBe(2)
      expect(staged.map(({ files }) => files.map(({ role }) => role))).toEqual([
        [roleOf.channel(web, dev)],
        [roleOf.channel(web, production)],
      ])
    }
    expect(await whereIs(dev, follower)).toBe(1)
    await signAll(at.yard, ada, ben)
    later(60 * day)
    await at.yard.statements.refresh()
    expect(await whereIs(production, follower)).toBe(1)
  })

  it('are asked of people again when nobody signed for long', async () => {
    await at.yard.statements.publish(move(dev, 1))
    await hardened()
    await at.yard.statements.publish(move(dev, 2))
    later(60 * day)
    await at.yard.statements.refresh()
    const [change] = (await at.yard.statements.state()).staged
    expect(Date.parse(change!.files[0]!.metadata.signed.expires)).toBe(Date.now() + lifetimes.channel * 1000)
    await signAll(at.yard, ada, ben)
    expect(await whereIs(dev)).toBe(2)
  })

  it('have a root with a life before it when a rotation was left lying', async () => {
    await at.yard.statements.publish(move(dev, 1))
    await at.yard.statements.rotate({ root: people })
    later(200 * day)
    await at.yard.statements.refresh()
    const root = (await at.yard.statements.state()).staged[0]!.files[0]!
    expect(Date.parse(root.metadata.signed.expires)).toBe(Date.now() + lifetimes.root * 1000)
    await signAll(at.yard, ada, ben)
    expect((await at.yard.statements.root()).version).toBe(2)
  })

  it('are signed again when a wrong clock made them live for too long', async () => {
    const follower = await newFollower()
    vi.setSystemTime(Date.UTC(2038, 0, 19))
    await at.yard.statements.publish(move(dev, 1))
    vi.setSystemTime(start + day)
    await at.yard.statements.refresh()
    expect(await left('timestamp')).toBe(lifetimes.online.idle)
    expect(await whereIs(dev, follower)).toBe(1)
  })
})

describe('a restored backup', () => {
  it('is not behind what hosts have seen, however old it is', async () => {
    const follower = await newFollower()
    await at.yard.statements.publish(move(dev, 1))
    const backup = await copyOf(at.yard.refs)
    for (let number = 2; number < 20; number++) {
      later(day / 2)
      await at.yard.statements.publish(move(dev, number))
      await at.yard.statements.publish(move(production, number))
    }
    expect(await whereIs(dev, follower)).toBe(19)
    await restore(at.yard.refs, backup)
    later(1000)
    await at.yard.statements.refresh({ all: true })
    await at.yard.statements.publish(move(production, 1))
    expect([await whereIs(dev, follower), await whereIs(production, follower)]).toEqual([1, 1])
  })
})
