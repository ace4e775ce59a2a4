import { expect, it } from 'vitest'
import type { HostId, Name } from '../model/index.ts'
import { onBothEngines } from './engines.fixture.ts'
import type { HostRecord, HostToken } from './hosts.ts'
import { at, digest } from './records.fixture.ts'

const idOf = (number: number) => number.toString(16).padStart(32, '0') as HostId
const hostOf = (number: number, more: Partial<HostRecord> = {}): HostRecord => ({
  id: idOf(number),
  public: digest(`key ${number}`),
  state: 'enrolled',
  train: 'web' as Name,
  channel: 'production' as Name,
  labels: { site: 'north' },
  rankGroup: idOf(number),
  counter: 1,
  machine: digest(`machine ${number}`),
  boots: [{ boot: 'a', first: 1, last: 1 }],
  token: 'web' as Name,
  enrolled: at(1),
  ...more,
})
const token: HostToken = {
  name: 'web' as Name,
  digest: digest('secret'),
  train: 'web' as Name,
  channel: 'production' as Name,
  labels: {},
  uses: 2,
  used: 0,
  created: at(1),
  by: 'ada',
  expires: at(9),
}

onBothEngines('hosts', engine => {
  it('are found by id and key, and listed by channel and state', async () => {
    const catalog = await engine.open()
    const moved = hostOf(2, { channel: 'staging' as Name })
    const lost = hostOf(3, { state: 'revoked', why: 'stolen' })
    await catalog.changeHosts(async hosts => {
      for (const host of [lost, hostOf(1), moved]) await hosts.addHost(host)
    })
    await catalog.readHosts(async hosts => {
      expect(await hosts.host(idOf(1))).toEqual(hostOf(1))
      expect(await hosts.hostByKey(lost.public)).toEqual(lost)
      expect(await hosts.host(idOf(9))).toBeUndefined()
      expect(await hosts.hosts({ limit: 9 })).toEqual([hostOf(1), moved, lost])
      expect(await hosts.hosts({ limit: 9, channel: 'staging' as Name })).toEqual([moved])
      expect(await hosts.hosts({ limit: 1, state: 'enrolled', after: idOf(1) })).toEqual([moved])
      expect(await hosts.countHosts()).toEqual([
        { state: 'enrolled', count: 2 },
        { state: 'revoked', count: 1 },
      ])
    })
  })

  it('are changed all together or not at all, and one key is one host', async () => {
    const catalog = await engine.open()
    await catalog.changeHosts(hosts => hosts.addHost(hostOf(1)))
    const change = catalog.changeHosts(async hosts => {
      await hosts.changeHost(hostOf(1, { labels: {} }))
      await hosts.addHost({ ...hostOf(2), public: hostOf(1).public })
    })
    await expect(change).rejects.toThrow()
    expect(await catalog.readHosts(hosts => hosts.hosts({ limit: 9 }))).toEqual([hostOf(1)])
  })

  it('have certificates, which are revoked together', async () => {
    const catalog = await engine.open()
    const certificate = (serial: string, host: HostId, expires: number) => ({
      serial,
      host,
      authority: 'ca',
      issued: at(Number.parseInt(serial, 16)),
      expires: at(expires),
    })
    const all = [
      certificate('01', idOf(1), 5),
      certificate('02', idOf(1), 50),
      certificate('03', idOf(2), 50),
    ]
    await catalog.changeHosts(async hosts => {
      for (const number of [1, 2]) await hosts.addHost(hostOf(number))
      for (const one of all) await hosts.addCertificate(one)
      await hosts.revokeCertificates(idOf(1), at(3))
      await hosts.revokeCertificates(idOf(1), at(4))
    })
    await catalog.readHosts(async hosts => {
      expect(await hosts.certificatesOf(idOf(1))).toEqual([
        { ...all[1], revoked: at(3) },
        { ...all[0], revoked: at(3) },
      ])
      expect(await hosts.revokedCertificates('ca', at(10))).toEqual([{ ...all[1], revoked: at(3) }])
      expect(await hosts.revokedCertificates('other', at(0))).toEqual([])
    })
  })

  it('enrol by tokens, which are spent once whoever spends them at once', async () => {
    const database = await engine.create()
    const catalogs = [await engine.open(database), await engine.open(database)]
    const [catalog] = catalogs
    await catalog!.changeHosts(hosts => hosts.addHostToken(token))
    const again = catalog!.changeHosts(hosts => hosts.addHostToken(token))
    await expect(again).rejects.toMatchObject({ code: 'exists' })
    const spend = (number: number) =>
      catalogs[number % 2]!.changeHosts(async hosts => {
        const found = (await hosts.hostToken(token.name))!
        if (found.used === found.uses) return 'spent'
        await hosts.changeHostToken({ ...found, used: found.used + 1 })
        return 'good'
      })
    const outcomes = await Promise.all([1, 2, 3, 4].map(spend))
    expect(outcomes.filter(outcome => outcome === 'good')).toHaveLength(2)
    expect(await catalog!.readHosts(hosts => hosts.hostTokens())).toEqual([{ ...token, used: 2 }])
  })
})
