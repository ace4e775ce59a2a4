import { expect, it } from 'vitest'
import type { HostId, HostReport, Name } from '../model/index.ts'
import { onBothEngines } from './engines.fixture.ts'
import type { NewReport } from './host-reports.ts'
import type { HostRecord } from './hosts.ts'
import { at, digest } from './records.fixture.ts'

const idOf = (number: number) => number.toString(16).padStart(32, '0') as HostId
const hostOf = (number: number): HostRecord => ({
  id: idOf(number),
  public: digest(`key ${number}`),
  state: 'enrolled',
  train: 'web' as Name,
  channel: 'production' as Name,
  labels: {},
  rankGroup: idOf(number),
  counter: 1,
  machine: digest(`machine ${number}`),
  boots: [{ boot: 'a', first: 1, last: 1 }],
  token: 'web' as Name,
  enrolled: at(1),
})
const reportOf = (number: number, counter: number, sentence: string): NewReport => ({
  host: idOf(number),
  counter,
  recent: [{ counter, digest: 'abc' }],
  seen: at(counter),
  notes: ['clock-wrong'],
  boots: [{ boot: 'a', first: 1, last: counter }],
  report: {
    version: 1,
    host: idOf(number),
    attempt: '',
    counter,
    kind: 'alive',
    at: at(counter),
    boot: 'a',
    machine: digest('machine'),
    reason: { word: 'waiting', sentence },
  } satisfies HostReport,
})

onBothEngines('reports', engine => {
  it('are kept, the last of each host, and its boots with it', async () => {
    const catalog = await engine.open()
    await catalog.changeHosts(async hosts => {
      for (const number of [1, 2, 3]) await hosts.addHost(hostOf(number))
    })
    const odd = `it's "odd" \\ $1 ? ü 🚦`
    await catalog.changeHosts(hosts => hosts.keepReports([reportOf(1, 5, 'first'), reportOf(2, 6, odd)]))
    await catalog.changeHosts(hosts => hosts.keepReports([reportOf(1, 7, 'second')]))
    const { boots, ...second } = reportOf(1, 7, 'second')
    await catalog.readHosts(async hosts => {
      expect(await hosts.reportOf(idOf(1))).toEqual(second)
      expect((await hosts.reportOf(idOf(2)))?.report.reason?.sentence).toBe(odd)
      expect(await hosts.reportOf(idOf(3))).toBeUndefined()
      expect(await hosts.host(idOf(1))).toEqual({ ...hostOf(1), boots })
      expect(await hosts.host(idOf(3))).toEqual(hostOf(3))
    })
  })

  it('are decided by what is known of the hosts that there are', async () => {
    const catalog = await engine.open()
    await catalog.changeHosts(async hosts => {
      for (const number of [1, 2]) await hosts.addHost(hostOf(number))
      await hosts.keepReports([reportOf(2, 6, 'x')])
      const known = await hosts.reporting([idOf(1), idOf(2), idOf(2), idOf(9)])
      expect([...known.keys()].sort()).toEqual([idOf(1), idOf(2)])
      expect(known.get(idOf(1))).toEqual({ host: hostOf(1) })
      expect(known.get(idOf(2))).toMatchObject({
        host: { boots: [{ boot: 'a', first: 1, last: 6 }] },
        kept: { counter: 6, recent: [{ counter: 6, digest: 'abc' }] },
      })
    })
  })

  it('of many hosts are kept at once', async () => {
    const catalog = await engine.open()
    const numbers = Array.from({ length: 200 }, (_, i) => i)
    await catalog.changeHosts(async hosts => {
      for (const number of numbers) await hosts.addHost(hostOf(number))
      await hosts.keepReports(numbers.map(number => reportOf(number, number + 1, 'x'.repeat(500))))
      expect((await hosts.reporting(numbers.map(idOf))).size).toBe(numbers.length)
    })
  })
})

onBothEngines("what a host's card says beside", engine => {
  it('is nothing until somebody says it', async () => {
    const catalog = await engine.open()
    const nothing = { entitlements: [], before: [] }
    const held = { ...nothing, hold: { who: 'ada', why: 'a trial' } }
    await catalog.changeHosts(async hosts => {
      await hosts.addHost(hostOf(1))
      expect(await hosts.cardNotes(idOf(1))).toEqual(nothing)
      await hosts.changeCardNotes(idOf(1), held)
      await hosts.changeCardNotes(idOf(1), { ...held, entitlements: ['beta'] })
    })
    expect(await catalog.readHosts(hosts => hosts.cardNotes(idOf(1)))).toEqual({
      ...held,
      entitlements: ['beta'],
    })
  })
})
