import { describe, expect, it } from 'vitest'
import { targetOf } from '../statements/layout.ts'
import { day, dev, move, release, start, textOf, web } from './statements.fixture.ts'
import { later, watchYard } from './watched-yard.fixture.ts'

const at = watchYard()
const { newFollower, whereIs } = at

describe('the statements of a yard', () => {
  it('begin with a root whose one key holds all roles', async () => {
    const { version, text } = await at.yard.statements.root()
    expect(version).toBe(1)
    expect((await at.yard.statements.root()).text).toBe(text)
    expect(await at.yard.statements.state()).toMatchObject({ root: { version: 1 }, isSolo: true, staged: [] })
    expect(await (await newFollower()).read('channels/web/dev.json')).toBeUndefined()
  })

  it('are read by another implementation, each by the role that owns its path', async () => {
    const follower = await newFollower()
    const { releases, departures: left, rollouts } = move(dev, 1)
    expect(await at.yard.statements.publish(move(dev, 1))).toMatchObject({ published: { departures: left } })
    expect(await follower.read(targetOf.release(web, releases[0]!.release))).toBe(textOf(releases[0]!))
    expect(await follower.read(targetOf.departures(web, dev))).toBe(textOf(left[0]!))
    expect(await follower.read(targetOf.rollout(web, dev))).toBe(textOf(rollouts[0]!))
    expect(await at.yard.statements.departures(web, dev)).toEqual(left[0])
    expect(await at.yard.statements.rollout(web, dev)).toEqual(rollouts[0])
    expect(await at.yard.statements.release(web, releases[0]!.release)).toBe(left[0]!.release.digest)
    await at.yard.statements.publish(move(dev, 2))
    expect(await whereIs(dev, follower)).toBe(2)
  })

  it('that are published already are not published again', async () => {
    await at.yard.statements.publish(move(dev, 1))
    later(60_000)
    expect(await at.yard.statements.publish(move(dev, 1))).toEqual({})
  })

  it('take a channel back by a higher version that names an old release', async () => {
    const follower = await newFollower()
    for (const number of [1, 2, 1]) await at.yard.statements.publish(move(dev, number))
    expect(await whereIs(dev, follower)).toBe(1)
  })

  it('are forgotten with their release, channel or train, and may come back', async () => {
    const follower = await newFollower()
    const path = targetOf.departures(web, dev)
    await at.yard.statements.publish({ ...move(dev, 1), ...{ releases: [release(1), release(2)] } })
    await at.yard.statements.publish({ forgotten: [{ train: web, release: release(2).release }] })
    expect(await follower.read(targetOf.release(web, release(1).release))).toBeDefined()
    expect(await follower.read(targetOf.release(web, release(2).release))).toBeUndefined()
    await at.yard.statements.publish({ removed: [{ train: web, channel: dev }, { train: web }] })
    expect(await follower.read(path)).toBeUndefined()
    expect(await follower.read(targetOf.release(web, release(1).release))).toBeUndefined()
    expect(await at.yard.statements.departures(web, dev)).toBeUndefined()
    await at.yard.statements.publish(move(dev, 1))
    expect(await whereIs(dev, follower)).toBe(1)
  })

  it('have versions of the clock, and higher ones while it stands still or goes back', async () => {
    const timestamps: number[] = []
    await at.yard.statements.root()
    for (const shift of [1000, 0, -day, day]) {
      later(shift)
      const { published } = await at.yard.statements.publish(move(dev, timestamps.length + 1))
      timestamps.push(published!.timestamp)
    }
    const second = start / 1000
    expect(timestamps).toEqual([second + 1, second + 2, second + 3, second + 4])
  })
})
