import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { timestampOf } from '../model/index.ts'
import { day, rolloutRole } from '../trust/statements/verify/repository.fixture.ts'
import { hostOfAYard } from './host-of-a-yard.fixture.ts'

const world = hostOfAYard()

describe('its certificate', () => {
  it('is renewed after two thirds of its life, and again asked for where that fails', async () => {
    await world.host.agent('check')
    const until = async () => (await world.status()).certificate.until
    const before = await until()
    world.host.pass(59 * day)
    world.server.yard.now += 59 * day
    world.server.yard.publish(...world.server.yard.roles.keys())
    world.server.deal({ expires: timestampOf(Date.now() + 90 * day) })
    await world.host.agent('check')
    expect(await until()).toBe(before)
    world.host.pass(2 * day)
    world.server.meddle = (path, answer) =>
      path === '/hosts/v1/renew' && answer.writeHead(503).end() !== undefined
    expect(await world.host.agent('check')).toMatchObject({
      status: 4,
      err: expect.stringMatching(/was not renewed/),
    })
    world.server.meddle = undefined
    world.server.certificateLife = 200 * day
    await world.host.agent('check')
    expect((await until()) > before).toBe(true)
    world.server.asked.length = 0
    await world.host.agent('check')
    expect(world.server.asked.map(({ path }) => path)).not.toContain('/hosts/v1/renew')
  })
})

describe('a host whose certificate has expired', () => {
  const enrolLongAgo = async () => {
    world.server.certificateLife = -60_000
    await world.host.agent('leave')
    await world.host.enroll(world.server.enrolmentFile())
    world.server.certificateLife = 90 * day
  }

  it('comes back by itself, because it was off and could have no fresh statements', async () => {
    await world.host.agent('check')
    const kept = readFileSync(world.host.layout.trusted)
    await enrolLongAgo()
    writeFileSync(world.host.layout.trusted, kept)
    world.host.pass(8 * day)
    world.server.yard.now += 8 * day
    world.server.yard.publish(rolloutRole)
    expect(await world.host.agent('check')).toMatchObject({ status: 0, err: '' })
    expect(world.server.renewals.map(({ late }) => late)).toEqual([true])
  })

  it('says so when it had fresh ones all the time, and tells why it gets none', async () => {
    await world.host.agent('check')
    const kept = readFileSync(world.host.layout.trusted)
    await enrolLongAgo()
    writeFileSync(world.host.layout.trusted, kept)
    world.server.meddle = (path, answer) =>
      path === '/hosts/v1/renew' && answer.writeHead(401).end('it has expired') !== undefined
    expect(await world.host.agent('check')).toMatchObject({
      status: 3,
      out: expect.stringMatching(/shut-out/),
      err: expect.stringMatching(/was not renewed: .*it has expired/),
    })
    world.server.meddle = undefined
    await world.host.agent('check')
    expect(world.server.renewals.map(({ late }) => late)).toEqual([false])
  })
})
