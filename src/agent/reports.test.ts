import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { day } from '../trust/statements/verify/repository.fixture.ts'
import { loadKey } from './host/own-key.ts'
import { hostOfAYard } from './host-of-a-yard.fixture.ts'
import { queueReport } from './reports.ts'

const world = hostOfAYard()

describe('reports', () => {
  it('say that the host lives once a day, after every boot, and when something else is the case', async () => {
    const words = () => world.server.reports.map(({ kind, reason }) => `${kind} ${reason?.word}`)
    await world.host.agent('check')
    await world.host.agent('check')
    expect(words()).toEqual(['alive granted'])
    world.host.pass(day)
    await world.host.agent('check')
    world.host.clock.boot = world.host.clock.boot.replace('1', '2')
    await world.host.agent('check')
    world.server.yard.halt()
    await world.host.agent('check')
    expect(words()).toEqual(['alive granted', 'alive granted', 'alive granted', 'alive halted'])
    const counters = world.server.reports.map(({ counter }) => counter)
    expect(counters).toEqual([...new Set(counters)].sort())
    expect(world.server.reports.at(-1)).toMatchObject({
      halt: 1,
      departures: world.server.yard.timestamp.version,
      facts: { distribution: 'debian', 'distribution-version': '12' },
    })
  })

  it('wait for a server that is away, the last of them, and arrive in order and unchanged', async () => {
    await world.host.agent('check')
    const [report] = world.server.reports.splice(0)
    const counters = Array.from({ length: 70 }, (_, i) => report!.counter + 1 + i)
    for (const counter of counters)
      queueReport(world.host.layout, { ...report!, counter }, loadKey(world.host.layout)!.signer)
    expect(await world.status()).toMatchObject({ waitingReports: 64 })
    const away = (times: number) => (path: string, answer: ServerResponse) =>
      path === '/hosts/v1/reports' && times-- > 0 && answer.writeHead(503).end() !== undefined
    world.server.meddle = away(1)
    await world.host.agent('check')
    expect(await world.status()).toMatchObject({ waitingReports: 64 })
    await world.host.agent('check')
    expect(world.server.reports.map(({ counter }) => counter)).toEqual(counters.slice(6))
    expect(await world.status()).toMatchObject({ waitingReports: 0 })
  })

  it('that the server will never take are dropped', async () => {
    world.server.meddle = (path, answer) =>
      path === '/hosts/v1/reports' && answer.writeHead(422).end() !== undefined
    await world.host.agent('check')
    expect(await world.status()).toMatchObject({ waitingReports: 0 })
  })
})
