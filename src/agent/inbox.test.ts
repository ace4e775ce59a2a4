import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { day } from '../trust/statements/verify/repository.fixture.ts'
import { hostOfAYard } from './host-of-a-yard.fixture.ts'

const world = hostOfAYard()

describe('the inbox', () => {
  it('brings departures without a place, and is empty afterwards', async () => {
    await world.host.agent('check')
    const next = world.moveOn()
    cpSync(new URL(world.stick()), join(world.host.layout.inbox, 'from a neighbour'), { recursive: true })
    world.server.meddle = (_, answer) => answer.destroy() !== undefined
    await world.host.agent('check')
    expect(await world.follows()).toBe(next)
    expect(readdirSync(world.host.layout.inbox)).toEqual([])
  })

  it.each([
    ['the identity is damaged', () => writeFileSync(world.host.layout.identity, '{"host":')],
    ['the settings are wrong', () => world.host.settings({ places: 'all' as never })],
    ['the key is gone', () => writeFileSync(world.host.layout.key, '')],
    ['there is no machine id', () => writeFileSync(world.host.layout.machineId, '')],
  ])('is emptied also when %s', async (_, spoil) => {
    spoil()
    mkdirSync(join(world.host.layout.inbox, 'a', 'b'), { recursive: true })
    writeFileSync(join(world.host.layout.inbox, 'junk.json'), 'x')
    const { status, err } = await world.host.agent('check')
    expect([1, 2]).toContain(status)
    expect(err).toMatch(/^switchyard-agent: .+\n {2}.+\n$/)
    expect(readdirSync(world.host.layout.inbox)).toEqual([])
  })
})

describe('what was cut off on the disk', () => {
  const cut = (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 40))

  it.each(['trusted', 'memory', 'card'] as const)('%s: is fetched again', async file => {
    await world.host.agent('check')
    const { counter } = world.server.reports[0]!
    cut(world.host.layout[file])
    expect((await world.host.agent('why')).status).toBe(0)
    expect((await world.host.agent('check')).status).toBe(0)
    expect(await world.follows()).toBe(world.server.yard.release.release)
    world.host.pass(day)
    await world.host.agent('check')
    expect(world.server.reports.at(-1)!.counter).toBeGreaterThan(counter)
  })

  it('the root that it trusts: it begins again from the one that it enrolled with', async () => {
    await world.host.agent('check')
    const kept = JSON.parse(readFileSync(world.host.layout.trusted, 'utf8'))
    kept.metadata.root = 'AAAA'
    writeFileSync(world.host.layout.trusted, JSON.stringify(kept))
    expect((await world.host.agent('check')).status).toBe(0)
    expect(await world.follows()).toBe(world.server.yard.release.release)
  })

  it('its identity: it says what to do', async () => {
    cut(world.host.layout.identity)
    expect(await world.host.agent('status')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/damaged(.|\n)*leave/),
    })
    expect((await world.host.agent('leave')).status).toBe(0)
    expect((await world.host.enroll(world.server.enrolmentFile())).status).toBe(0)
  })
})
