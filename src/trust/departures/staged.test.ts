import { beforeEach, describe, expect, it } from 'vitest'
import { roleOf, targetOf } from '../statements/layout.ts'
import type { StagedChange } from './state.ts'
import {
  day,
  departures,
  dev,
  move,
  production,
  rollout,
  signAll,
  signedBy,
  textOf,
  trustOfPeople,
  web,
} from './statements.fixture.ts'
import { ada, ben, eve, later, people, solo, watchYard } from './watched-yard.fixture.ts'

const at = watchYard()
const { newFollower, whereIs } = at

const versionOf = ({ files }: StagedChange) => files[0]!.metadata.signed.version

describe('a channel that people sign', () => {
  beforeEach(async () => {
    await at.yard.statements.publish(move(dev, 1))
    await at.yard.statements.publish({
      ...move(production, 1),
      channelKeys: [{ train: web, channel: production, ...people }],
    })
    await signAll(at.yard, ada, ben)
    later(1000)
  })

  it('moves when enough of them have signed, and its rollout with it', async () => {
    const follower = await newFollower()
    expect(await whereIs(production, follower)).toBe(1)
    const { staged, published } = await at.yard.statements.publish(move(production, 2))
    expect(published).toBeUndefined()
    const change = (await at.yard.statements.state()).staged.find(({ id }) => id === staged)!
    expect(change.files).toMatchObject([
      {
        role: roleOf.channel(web, production),
        needs: [{ threshold: 2, signed: [] }],
        statements: [{ text: textOf(departures(production, 2)), before: textOf(departures(production, 1)) }],
      },
    ])
    const [file] = change.files
    expect(await at.yard.statements.submit(signedBy(file!, ada))).toEqual({ staged })
    expect(await whereIs(production, follower)).toBe(1)
    expect((await at.yard.statements.state()).staged[0]!.files[0]!.needs[0]!.signed).toEqual([ada.key.keyid])
    const done = await at.yard.statements.submit(signedBy(file!, ben))
    expect(done.published!.departures).toEqual([departures(production, 2)])
    expect(await whereIs(production, follower)).toBe(2)
    expect(await follower.read(targetOf.rollout(web, production))).toBe(textOf(rollout(production, 2)))
    expect((await at.yard.statements.state()).staged).toEqual([])
    expect(await at.yard.statements.submit(signedBy(file!, eve))).toEqual({})
  })

  it('is handed to hosts with good signatures alone, one of each, whatever else came with them', async () => {
    const follower = await newFollower()
    await at.yard.statements.publish(move(production, 2))
    const file = (await at.yard.statements.state()).staged[0]!.files[0]!
    const good = signedBy(file, ada)
    const [{ keyid, sig }] = good.signatures as [{ keyid: string; sig: string }]
    const bad = { keyid, sig: '0'.repeat(128) }
    const odd = { keyid, sig: `${sig}${'z'.repeat(1000)}` }
    await at.yard.statements.submit({ ...good, signatures: [bad, odd, { keyid, sig }, bad] })
    await at.yard.statements.submit(signedBy(file, ben))
    expect(await whereIs(production, follower)).toBe(2)
  })

  it.each([
    ['the same person twice', () => [ada, ada]],
    ['a stranger', () => [ada, solo]],
  ])('does not move for %s', async (_, signers) => {
    await at.yard.statements.publish(move(production, 2))
    const file = (await at.yard.statements.state()).staged[0]!.files[0]!
    for (const one of signers())
      await at.yard.statements.submit(signedBy(file, one)).catch(error => {
        expect(error).toMatchObject({ code: 'untrusted' })
      })
    expect(await whereIs(production)).toBe(1)
  })

  it('keeps no other channel from moving while it waits', async () => {
    const follower = await newFollower()
    await at.yard.statements.publish(move(production, 2))
    await at.yard.statements.publish(move(dev, 3))
    expect(await whereIs(dev, follower)).toBe(3)
    await signAll(at.yard, ada, eve)
    expect([await whereIs(production, follower), await whereIs(dev, follower)]).toEqual([2, 3])
  })

  it('may be paused online while it waits', async () => {
    await at.yard.statements.publish(move(production, 2))
    await at.yard.statements.publish({ rollouts: [rollout(production, 1, 'paused')] })
    expect(await at.yard.statements.rollout(web, production)).toEqual(rollout(production, 1, 'paused'))
    await signAll(at.yard, ada, ben)
    expect(await at.yard.statements.rollout(web, production)).toEqual(rollout(production, 2))
  })

  it('waits for one move only: the later one, signed anew', async () => {
    await at.yard.statements.publish(move(production, 2))
    const earlier = (await at.yard.statements.state()).staged[0]!
    await at.yard.statements.submit(signedBy(earlier.files[0]!, ada))
    await at.yard.statements.publish(move(production, 3))
    const { staged } = await at.yard.statements.state()
    expect(staged).toMatchObject([{ files: [{ needs: [{ signed: [] }] }] }])
    expect(versionOf(staged[0]!)).toBeGreaterThan(versionOf(earlier))
    await expect(at.yard.statements.submit(signedBy(earlier.files[0]!, ben))).rejects.toMatchObject({
      code: 'not-found',
    })
    await signAll(at.yard, ada, ben)
    expect(await whereIs(production)).toBe(3)
  })

  it('keeps the signatures of a move that is asked for twice', async () => {
    await at.yard.statements.publish(move(production, 2))
    await at.yard.statements.submit(signedBy((await at.yard.statements.state()).staged[0]!.files[0]!, ada))
    later(1000)
    await at.yard.statements.publish(move(production, 2))
    await signAll(at.yard, ben)
    expect(await whereIs(production)).toBe(2)
  })

  it('is not taken back by a move that waited when it moved with keys at hand', async () => {
    await at.yard.statements.publish(move(production, 2))
    at.yard.atHand = [solo, ada, ben]
    await at.yard.statements.publish(move(production, 3))
    expect((await at.yard.statements.state()).staged).toEqual([])
    await at.yard.statements.refresh()
    expect(await whereIs(production)).toBe(3)
  })

  it('does not begin any more once it was removed while its first move waited', async () => {
    const channel = 'canary' as typeof dev
    await at.yard.statements.publish({
      ...move(channel, 1),
      channelKeys: [{ train: web, channel, ...people }],
    })
    expect((await at.yard.statements.state()).staged).toHaveLength(1)
    await at.yard.statements.publish({ removed: [{ train: web, channel }] })
    expect((await at.yard.statements.state()).staged).toEqual([])
  })

  it('is told from another one that says as little, by whose signature comes', async () => {
    const both = ['one', 'two'] as (typeof dev)[]
    for (const channel of both)
      await at.yard.statements.publish({
        channelKeys: [{ train: web, channel, ...trustOfPeople(2, ada, ben) }],
      })
    expect((await at.yard.statements.state()).staged).toHaveLength(2)
    await signAll(at.yard, ada, ben)
    const { roles, staged } = await at.yard.statements.state()
    expect(staged).toEqual([])
    expect(roles.map(({ role }) => role)).toEqual(
      expect.arrayContaining(both.map(channel => roleOf.channel(web, channel))),
    )
  })

  it('does not move by what expired while it waited', async () => {
    await at.yard.statements.publish(move(production, 2))
    const file = (await at.yard.statements.state()).staged[0]!.files[0]!
    later(91 * day)
    await expect(at.yard.statements.submit(signedBy(file, ada, ben))).rejects.toMatchObject({ code: 'stale' })
    await at.yard.statements.refresh()
    await signAll(at.yard, ada, ben)
    expect(await whereIs(production)).toBe(2)
  })

  it('stays where it is when the move is withdrawn', async () => {
    const { staged } = await at.yard.statements.publish(move(production, 2))
    const file = (await at.yard.statements.state()).staged[0]!.files[0]!
    await at.yard.statements.withdraw(staged!)
    await expect(at.yard.statements.withdraw(staged!)).rejects.toMatchObject({ code: 'not-found' })
    await expect(at.yard.statements.submit(signedBy(file, ada, ben))).rejects.toMatchObject({
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
    await at.yard.statements.publish(move(production, 2))
    await expect(at.yard.statements.submit(submitted)).rejects.toMatchObject({
      code: expect.stringMatching(/^(invalid|not-found)$/),
    })
  })
})
