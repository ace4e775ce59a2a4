import { describe, expect, it } from 'vitest'
import type { Name, Timestamp } from '../model/index.ts'
import {
  channel,
  newSigner,
  rolloutPaths,
  rolloutRole,
} from '../trust/statements/verify/repository.fixture.ts'
import { hostOfAYard } from './host-of-a-yard.fixture.ts'

const world = hostOfAYard()

const staging = 'staging' as Name

describe('its card', () => {
  it('holds it back', async () => {
    world.server.deal({ hold: { who: 'ben', why: 'a trial' } })
    await world.host.agent('check')
    expect((await world.host.agent('why')).out).toMatch(
      /held\n {2}ben holds this host until further notice: a trial/,
    )
  })

  it('takes it to another channel, once that has statements', async () => {
    await world.host.agent('check')
    world.server.deal({ channel: staging })
    expect((await world.host.agent('check')).out).toMatch(/^web\/production: other-channel/)
    world.server.yard.addChannel(staging)
    expect((await world.host.agent('check')).out).toMatch(/^web\/staging: granted/)
    world.server.deal({ channel })
    expect((await world.host.agent('check')).out).toMatch(/^web\/production: granted/)
  })

  it.each([
    [
      'that is older than one that was seen',
      () => world.server.deal({ counter: 0 }),
      /its counter is 0, and 1 was seen \(rollback\)/,
    ],
    ["that is another host's", () => world.server.deal({ host: 'b'.repeat(32) as never }), /it is of host b/],
    [
      'that makes no sense',
      () => world.server.deal({ expires: 'soon' as never }),
      /no card that this program knows/,
    ],
    [
      'that is far too long',
      () => world.server.deal({ labels: { label: 'x'.repeat(1_000_000) } }),
      /more than the 4096 bytes/,
    ],
    [
      'that nobody signed',
      () => void world.server.yard.signers.set(rolloutRole, [newSigner()]),
      /0 of 1 keys/,
    ],
  ])('%s is not believed', async (_, tamper, message) => {
    await world.host.agent('check')
    const { card } = await world.status()
    tamper()
    expect(await world.host.agent('check')).toMatchObject({ status: 4, err: expect.stringMatching(message) })
    expect((await world.status()).card).toEqual(card)
    expect(world.server.reports.at(-1)).toMatchObject({
      kind: 'refused',
      reason: { word: 'card-distrusted' },
    })
  })

  it('of a thief of the online key rules until that key is replaced, and no longer', async () => {
    await world.host.agent('check')
    const { yard } = world.server
    const hold = { who: 'eve', why: 'gone' }
    world.server.deal({ counter: Number.MAX_SAFE_INTEGER, hold })
    expect((await world.host.agent('check')).out).toMatch(/held: eve/)
    world.server.deal({ counter: 3, hold: { ...hold, until: '20201121T070000Z' as Timestamp } })
    expect((await world.host.agent('check')).err).toMatch(/rollback/)
    yard.delegate(rolloutRole, rolloutPaths, [newSigner()])
    yard.now += 5_000
    yard.publish('targets', rolloutRole)
    expect((await world.host.agent('check')).out).toMatch(/^web\/production: granted/)
    expect((await world.status()).card.counter).toBe(3)
  })

  it('is not handed to a host that was shut out', async () => {
    await world.host.agent('check')
    world.server.meddle = (path, answer) => {
      if (path === '/hosts/v1/card')
        answer.writeHead(403).end(JSON.stringify({ error: { message: 'host is revoked\n\u001b[2J' } }))
      return path === '/hosts/v1/card'
    }
    expect(await world.host.agent('check')).toMatchObject({
      status: 3,
      out: expect.stringMatching(/shut-out: .*host is revoked/),
    })
    world.server.meddle = (_, answer) => answer.destroy() !== undefined
    expect((await world.host.agent('why')).out).toMatch(/shut-out/)
    expect((await world.host.agent('check')).out).toMatch(/shut-out/)
    world.server.meddle = undefined
    expect((await world.host.agent('check')).status).toBe(0)
  })
})
