import { describe, expect, it } from 'vitest'
import { targetOf } from '../statements/layout.ts'
import {
  copyOf,
  day,
  dev,
  move,
  person,
  production,
  restore,
  rollout,
  signAll,
  signedBy,
  textOf,
  trustOfPeople,
  web,
} from './statements.fixture.ts'
import { ada, ben, eve, later, online, people, solo, watchYard } from './watched-yard.fixture.ts'

const at = watchYard()
const { hardened, newFollower, whereIs } = at

describe('keys in other hands', () => {
  it('are taken over by a new root, and hosts that knew the old one follow', async () => {
    const follower = await newFollower()
    await at.yard.statements.publish(move(dev, 1))
    await hardened()
    expect(await at.yard.statements.state()).toMatchObject({ root: { version: 2 }, isSolo: false })
    expect(await whereIs(dev, follower)).toBe(1)
    await at.yard.statements.publish(move(dev, 2))
    expect(await whereIs(dev, follower)).toBe(1)
    await signAll(at.yard, ada, eve)
    expect(await whereIs(dev, follower)).toBe(2)
    const { roles } = await at.yard.statements.state()
    expect(roles.flatMap(({ keys }) => keys.map(({ keyid }) => keyid))).not.toContain(solo.key.keyid)
  })

  it('are told by the names of their owners', async () => {
    await hardened()
    const { roles } = await at.yard.statements.state()
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
    await at.yard.statements.publish(move(dev, 1))
    at.yard.atHand = [solo, online]
    await at.yard.statements.rotate({ root: people, targets: people, online: trustOfPeople(1, online) })
    const [root] = (await at.yard.statements.state()).staged[0]!.files
    expect(root).toMatchObject({ role: 'root', needs: [{ signed: [solo.key.keyid] }, { signed: [] }] })
    await at.yard.statements.submit(signedBy(root!, ada))
    await at.yard.statements.publish(move(dev, 2))
    await at.yard.statements.publish(move(production, 2))
    expect([await whereIs(dev, follower), await whereIs(production, follower)]).toEqual([2, 2])
    expect((await at.yard.statements.root()).version).toBe(1)
    await signAll(at.yard, ada, ben)
    at.yard.atHand = [online]
    expect((await at.yard.statements.root()).version).toBe(2)
    expect([await whereIs(dev, follower), await whereIs(production, follower)]).toEqual([2, 2])
    expect(await at.yard.statements.publish(move(production, 3))).toMatchObject({
      staged: expect.any(Number),
    })
  })

  it('replace a lost or stolen online key without the old one', async () => {
    const follower = await newFollower()
    await at.yard.statements.publish(move(dev, 1))
    await hardened()
    const other = person('online')
    at.yard.atHand = [other]
    await expect(
      at.yard.statements.publish({ rollouts: [rollout(dev, 1, 'paused')] }),
    ).resolves.toMatchObject({
      staged: expect.any(Number),
    })
    await at.yard.statements.rotate({ online: trustOfPeople(1, other) })
    await signAll(at.yard, ada, ben)
    await at.yard.statements.refresh()
    expect(await whereIs(dev, follower)).toBe(1)
    expect(await follower.read(targetOf.rollout(web, dev))).toBe(textOf(rollout(dev, 1, 'paused')))
  })

  it('replace a person', async () => {
    await at.yard.statements.publish(move(dev, 1))
    await hardened()
    const follower = await newFollower()
    const fred = person('fred')
    const without = trustOfPeople(2, ada, ben, fred)
    await at.yard.statements.rotate({
      root: without,
      targets: without,
      halt: trustOfPeople(1, ada, ben, fred),
    })
    await signAll(at.yard, ada, ben)
    await at.yard.statements.publish(move(dev, 2))
    await signAll(at.yard, ada, eve)
    expect(await whereIs(dev, follower)).toBe(1)
    await signAll(at.yard, fred)
    expect(await whereIs(dev, follower)).toBe(2)
  })

  it('are not replaced by whoever has the online key', async () => {
    await hardened()
    await at.yard.statements.rotate({ root: trustOfPeople(1, online), targets: trustOfPeople(1, online) })
    const root = (await at.yard.statements.state()).staged[0]!.files[0]!
    await expect(at.yard.statements.submit(signedBy(root, online))).resolves.toMatchObject({
      staged: expect.any(Number),
    })
    expect((await at.yard.statements.root()).version).toBe(2)
  })

  it('come back with the roots that a restored backup does not know', async () => {
    const follower = await newFollower()
    await at.yard.statements.publish(move(dev, 1))
    const backup = await copyOf(at.yard.refs)
    await hardened()
    const root = JSON.parse((await at.yard.statements.root()).text)
    expect(await whereIs(dev, follower)).toBe(1)
    await restore(at.yard.refs, backup)
    later(day)
    await expect(at.yard.statements.submit({ ...root, signatures: [] })).rejects.toMatchObject({
      code: 'untrusted',
    })
    await at.yard.statements.submit(root)
    await signAll(at.yard, ada, ben)
    await at.yard.statements.refresh({ all: true })
    expect(await whereIs(dev, follower)).toBe(1)
  })

  it('never take the number of a root that hosts have seen', async () => {
    await at.yard.statements.publish(move(dev, 1))
    const follower = await newFollower()
    const backup = await copyOf(at.yard.refs)
    await at.yard.statements.rotate({ halt: trustOfPeople(1, ada) })
    const { text } = await at.yard.statements.root()
    expect(await whereIs(dev, follower)).toBe(1)
    await restore(at.yard.refs, backup)
    await at.yard.statements.rotate({ root: people })
    expect(await at.yard.statements.submit(JSON.parse(text))).toMatchObject({ published: {} })
    expect(await at.yard.statements.root()).toEqual({ version: 2, text })
    await signAll(at.yard, ada, ben)
    expect(await at.yard.statements.root()).toMatchObject({ version: 3 })
    expect(await at.yard.refs.read('departures/metadata/2.root.json')).toBe(text)
    expect(await whereIs(dev, follower)).toBe(1)
    expect((await at.yard.statements.check()).faults).toEqual([])
  })
})
