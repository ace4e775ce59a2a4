import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { timestampOf } from '../model/index.ts'
import { haltsText, sealEnvelope } from '../trust/pure.ts'
import { day, newSigner, rolloutRole } from '../trust/statements/verify/repository.fixture.ts'
import { hostOfAYard } from './host-of-a-yard.fixture.ts'

const world = hostOfAYard()

describe('a host', () => {
  it('follows its channel, and may go where it is granted', async () => {
    expect(await world.host.agent('check')).toMatchObject({
      status: 0,
      out: expect.stringMatching(/granted: web@/),
    })
    const next = world.moveOn()
    expect((await world.host.agent('check')).status).toBe(0)
    expect(await world.follows()).toBe(next)
    expect((await world.host.agent('why')).out).toMatch(/^This host may update now: granted/)
  })

  it('asks four short questions when there is nothing new, and leaves what it trusts alone', async () => {
    await world.host.agent('check')
    const { ino } = statSync(world.host.layout.trusted)
    world.server.asked.length = 0
    await world.host.agent('check')
    expect(world.server.asked.map(({ path }) => path)).toEqual([
      '/departures/metadata/2.root.json',
      '/departures/metadata/timestamp.json',
      '/departures/halt/latest.json',
      '/hosts/v1/card',
    ])
    expect(statSync(world.host.layout.trusted).ino).toBe(ino)
  })

  it('explains itself on one screen, whatever there is to say', async () => {
    const long = 'far too many words '.repeat(40)
    world.server.yard.halt({ why: long })
    world.host.settings({
      places: [
        world.departures(),
        ...Array.from({ length: 7 }, (_, i) => `file:///nowhere/${i}/${'x'.repeat(90)}`),
      ],
    })
    await world.host.agent('check')
    const lines = (await world.host.agent('why')).out.trimEnd().split('\n')
    expect(lines[0]).toBe('This host is not updating now: halted')
    expect(lines.length).toBeLessThanOrEqual(24)
  })
})

describe('a stop', () => {
  it('reaches a host while the server is off, through the inbox, and is lifted by the channel', async () => {
    await world.host.agent('check')
    const halt = world.server.yard.halt()
    const file = world.server.yard.files.get('halt/latest.json')!
    world.server.yard.files.delete('halt/latest.json')
    world.server.meddle = (_, answer) => answer.destroy() !== undefined
    writeFileSync(join(world.host.layout.inbox, 'halt.json'), file)
    expect((await world.host.agent('check')).out).toMatch(/halted: ada stopped web\/production \(halt 1/)
    expect(readdirSync(world.host.layout.inbox)).toEqual([])
    expect((await world.host.agent('why')).out).toMatch(
      /^This host is not updating now: halted\n {2}ada stopped/,
    )

    world.server.meddle = undefined
    expect((await world.host.agent('check')).out).toMatch(/halted/)
    world.server.yard.now += 5_000
    world.server.yard.depart(timestampOf(world.server.yard.now), { lifted: halt.number })
    expect((await world.host.agent('check')).out).toMatch(/granted/)
  })

  it('by somebody who may not is none', async () => {
    const forged = haltsText([
      sealEnvelope(
        'halt',
        { version: 1, number: 9, scope: [], who: 'eve', why: 'me', at: timestampOf(Date.now()) },
        [newSigner()],
      ),
    ])
    writeFileSync(join(world.host.layout.inbox, 'halt.json'), forged)
    expect((await world.host.agent('check')).out).toMatch(/granted/)
  })
})

describe('time', () => {
  it('freezes a host whose statements are stale, as an alarm, and fresh ones thaw it', async () => {
    await world.host.agent('check')
    world.host.pass(8 * day)
    expect(await world.host.agent('check')).toMatchObject({ status: 3, out: expect.stringMatching(/stale/) })
    expect(world.server.reports.at(-1)).toMatchObject({ kind: 'refused', reason: { word: 'freeze' } })
    world.server.yard.now += 8 * day
    world.server.yard.publish(rolloutRole)
    expect(await world.host.agent('check')).toMatchObject({
      status: 0,
      out: expect.stringMatching(/granted/),
    })
  })

  it.each([
    ['1970', () => -Date.now()],
    ['2038', () => Date.UTC(2038, 0, 19) - Date.now()],
  ])(
    'a clock at %s is suspected, and nothing is held against the host when it is right again',
    async (_, ahead) => {
      await world.host.agent('check')
      world.host.clock.synchronised = false
      world.host.clock.ahead = ahead()
      expect((await world.host.agent('why')).out).toMatch(/not updating now: clock-suspect(.|\n)*timedatectl/)
      expect(await world.host.agent('check')).toMatchObject({ status: 3 })
      expect(world.server.reports.at(-1)?.reason?.word).toBe('clock-suspect')
      world.host.clock.ahead = 0
      world.host.clock.synchronised = true
      const next = world.moveOn()
      expect((await world.host.agent('check')).status).toBe(0)
      expect(await world.follows()).toBe(next)
    },
  )

  it('goes on though somebody sets the clock back', async () => {
    await world.host.agent('check')
    world.host.pass(8 * day)
    world.host.clock.ahead = 0
    expect((await world.host.agent('why')).out).toMatch(/not updating now: stale/)
  })
})

describe('a copy of a host', () => {
  it('stops as cloned, says so, and neither asks nor changes anything', async () => {
    await world.host.agent('check')
    const copy = world.host.copy()
    writeFileSync(copy.layout.machineId, `${'b2'.repeat(16)}\n`)
    world.server.asked.length = 0
    expect(await copy.agent('check')).toMatchObject({ status: 3, out: expect.stringMatching(/cloned/) })
    expect(world.server.asked.map(({ path }) => path)).toEqual(['/hosts/v1/reports'])
    expect(world.server.reports.at(-1)).toMatchObject({ kind: 'refused', reason: { word: 'cloned' } })
    expect(world.server.reports.at(-1)?.machine).not.toBe(world.server.reports[0]?.machine)
    expect((await copy.agent('why')).out).toMatch(/cloned(.|\n)*switchyard-agent leave/)
    copy.remove()
  })
})
