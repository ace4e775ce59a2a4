import { X509Certificate } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { onBothEngines } from '../../catalog/engines.fixture.ts'
import type { Catalog, CatalogOptions, HostToken } from '../../catalog/index.ts'
import { type HostId, type Name, type Timestamp, timestampOf } from '../../model/index.ts'
import { openMemoryStore } from '../../store/index.ts'
import { authorityAt } from '../../trust/ca/authority.fixture.ts'
import { type Authority, type CertifiedHost, judgeCertificate, makeToken } from '../../trust/index.ts'
import type { EnrolmentAnswer } from '../../trust/pure.ts'
import { createEnrolmentDesk, type DeskContext, type EnrolmentDesk } from './desk.ts'
import { bootOf, createMachine, type TestMachine } from './machine.fixture.ts'

const start = Date.UTC(2026, 10, 21, 6, 45)
const day = 86_400_000
const authority: Authority = authorityAt(start)

onBothEngines('the desk where machines enrol', engine => {
  let database: CatalogOptions
  let catalog: Catalog
  let now: number
  let desk: EnrolmentDesk
  let context: DeskContext

  beforeEach(async () => {
    database = await engine.create()
    catalog = await engine.open(database)
    now = start
    const { refs, locks } = openMemoryStore()
    const hosts = {
      name: 'yard.example.org',
      listen: { host: '::', port: 8443 },
      places: ['file:///media/yard'],
    }
    context = {
      configuration: { server: { hosts } } as DeskContext['configuration'],
      authorities: async () => [authority],
      catalog: async () => catalog,
      refs,
      locks,
      now: () => now,
    }
    desk = createEnrolmentDesk(context)
  })
  afterEach(() => catalog.close())

  async function token(name: string, changes: Partial<HostToken> = {}): Promise<string> {
    const { token, digest } = makeToken(name as Name, 'host')
    const made: HostToken = {
      name: name as Name,
      digest,
      train: 'web' as Name,
      channel: 'production' as Name,
      labels: { site: 'north' },
      uses: 1,
      used: 0,
      created: timestampOf(start),
      by: 'ada',
      expires: timestampOf(start + 200 * day),
      ...changes,
    }
    await catalog.changeHosts(hosts => hosts.addHostToken(made))
    return token
  }

  const callerOf = ({ certificate }: EnrolmentAnswer): CertifiedHost => {
    const judgement = judgeCertificate(new X509Certificate(certificate), [authority], now)
    if (judgement.kind !== 'host') throw new Error(judgement.why)
    return judgement.caller
  }
  const seconds = () => Math.floor(now / 1000)
  const renew = (
    machine: TestMachine,
    { host }: EnrolmentAnswer,
    caller: CertifiedHost,
    counter = seconds(),
  ) => desk.renew(machine.renew(host, counter), caller)
  const hostOf = (id: HostId) => catalog.readHosts(hosts => hosts.host(id))
  const verbs = async () =>
    (await catalog.auditEntries({ after: 0, limit: 100 })).map(({ verb, who }) => `${verb} ${who}`)

  it('gives a machine an identity, a certificate of its key, and where to look', async () => {
    const machine = createMachine()
    const answer = await desk.enrol(machine.enrol(await token('web')))
    expect(answer).toMatchObject({
      version: 1,
      ca: authority.certificate,
      train: 'web',
      channel: 'production',
      places: ['https://yard.example.org:8443/departures', 'file:///media/yard'],
    })
    expect(callerOf(answer)).toMatchObject({ host: answer.host, public: machine.publicKey, validity: 'good' })
    expect(await hostOf(answer.host)).toMatchObject({
      state: 'enrolled',
      labels: { site: 'north' },
      token: 'web',
    })
    expect(await verbs()).toEqual(['host enrol web'])
  })

  it('lets one of many in by a token for one, whoever comes at once, through whichever server', async () => {
    const text = await token('web')
    const elsewhere = await engine.open(database)
    const desks = [desk, createEnrolmentDesk({ ...context, catalog: async () => elsewhere })]
    const asked = Array.from({ length: 12 }, (_, i) => desks[i % 2]!.enrol(createMachine().enrol(text)))
    const outcomes = await Promise.allSettled(asked)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'unauthenticated', message: /is spent/ })
    expect(await catalog.readHosts(hosts => hosts.countHosts())).toEqual([{ state: 'enrolled', count: 1 }])
  })

  it('lets as many in by a token for a group as it is good for', async () => {
    const text = await token('image', { uses: 7 })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => desk.enrol(createMachine().enrol(text))),
    )
    const hosts = outcomes.flatMap(one => (one.status === 'fulfilled' ? [one.value.host] : []))
    expect(new Set(hosts).size).toBe(7)
    const [used] = await catalog.readHosts(hosts => hosts.hostTokens())
    expect(used).toMatchObject({ used: 7 })
  })

  it('answers for the same host when the same machine asks again, until that is too often', async () => {
    const machine = createMachine()
    const text = machine.enrol(await token('web'))
    const answers = await Promise.all([desk.enrol(text), desk.enrol(text)])
    expect(answers[0]!.host).toBe(answers[1]!.host)
    for (let i = 0; i < 6; i++) await desk.enrol(text)
    await expect(desk.enrol(text)).rejects.toMatchObject({
      code: 'busy',
      message: /8 certificates within a day/,
    })
    now += day + 1000
    expect((await desk.enrol(text)).host).toBe(answers[0]!.host)
  })

  it('renews certificates for the same key, and forgets those that nobody accepts any more', async () => {
    const machine = createMachine()
    const enrolled = await desk.enrol(machine.enrol(await token('web')))
    now += 60 * day
    const renewed = await renew(machine, enrolled, callerOf(enrolled))
    expect(callerOf(renewed)).toMatchObject({ host: enrolled.host, public: machine.publicKey })
    expect(renewed.certificate).not.toBe(enrolled.certificate)
    now += 85 * day
    await renew(machine, enrolled, callerOf(renewed))
    const kept = await catalog.readHosts(hosts => hosts.certificatesOf(enrolled.host))
    expect(kept).toHaveLength(2)
    expect(await verbs()).toEqual(['host enrol web', ...Array(2).fill(`host renew ${enrolled.host}`)])
  })

  it('does not renew for another host, and changes nothing of either', async () => {
    const [one, two] = [createMachine(), createMachine()]
    const text = await token('pair', { uses: 2 })
    const [first, second] = [await desk.enrol(one.enrol(text)), await desk.enrol(two.enrol(text))]
    const before = await Promise.all([hostOf(first.host), hostOf(second.host)])
    await expect(desk.renew(one.renew(second.host, 5), callerOf(first))).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(desk.renew(two.renew(second.host, 5), callerOf(first))).rejects.toMatchObject({
      code: 'forbidden',
    })
    expect(await Promise.all([hostOf(first.host), hostOf(second.host)])).toEqual(before)
  })

  it('quarantines a host whose key is in two machines, and tells both', async () => {
    const machine = createMachine()
    const enrolled = await desk.enrol(machine.enrol(await token('web')))
    const caller = callerOf(enrolled)
    await renew(machine, enrolled, caller, 100)
    machine.boot = bootOf(2)
    await renew(machine, enrolled, caller, 101)
    machine.boot = bootOf(1)
    await expect(renew(machine, enrolled, caller, 102)).rejects.toMatchObject({
      code: 'refused',
      message: /another machine has the key/,
    })
    machine.boot = bootOf(2)
    await expect(renew(machine, enrolled, caller, 103)).rejects.toMatchObject({
      message: /is quarantined: its key is in two machines/,
    })
    expect(await hostOf(enrolled.host)).toMatchObject({
      state: 'quarantined',
      why: 'its key is in two machines',
    })
    expect((await verbs()).filter(verb => verb.startsWith('host quarantine'))).toEqual([
      'host quarantine switchyard',
    ])
  })

  it('lets a host enrol anew with another key, after which the first one is worth nothing', async () => {
    const [before, after] = [createMachine(), createMachine('c'.repeat(32))]
    const enrolled = await desk.enrol(before.enrol(await token('web')))
    const caller = callerOf(enrolled)
    now += 1000
    const anew = await desk.enrol(after.enrol(await token('anew', { host: enrolled.host })))
    expect(anew.host).toBe(enrolled.host)
    await expect(renew(before, enrolled, caller)).rejects.toMatchObject({
      message: /has enrolled anew, with another key/,
    })
    expect(await renew(after, anew, callerOf(anew))).toMatchObject({ host: enrolled.host })
    const certificates = await catalog.readHosts(hosts => hosts.certificatesOf(enrolled.host))
    const revoked = certificates.filter(one => one.revoked !== undefined).map(({ serial }) => serial)
    expect(revoked).toEqual([caller.serial])
    expect(await context.refs.read('departures/revoked.crl')).toContain('-----BEGIN X509 CRL-----')
  })

  it.each<[string, (machine: TestMachine, text: string) => string]>([
    ['no request', () => 'hello'],
    ['an empty one', () => ''],
    [
      'one that another machine signed',
      (machine, text) => createMachine().enrol(text, { public: machine.publicKey }),
    ],
    ['a renewal', (machine, text) => machine.renew('a'.repeat(32) as HostId, 1, { token: text } as never)],
  ])('takes %s for what it is', async (_, request) => {
    const text = await token('web')
    await expect(desk.enrol(request(createMachine(), text))).rejects.toMatchObject({ code: 'invalid' })
    expect((await catalog.readHosts(hosts => hosts.hostTokens()))[0]).toMatchObject({ used: 0 })
  })

  it('says nothing of a token but its name', async () => {
    const text = await token('web', { expires: timestampOf(start) as Timestamp })
    const wrong = text.replace(/.{5}$/, 'AAAAA')
    for (const one of [text, wrong, text.replace('swyh_web', 'swyh_other'), text.replace('swyh', 'swyd')]) {
      const error = await desk.enrol(createMachine().enrol(one)).catch(error => error)
      expect(error).toMatchObject({ code: 'unauthenticated' })
      expect(`${error.message} ${error.hint}`).not.toContain(one.slice(12))
    }
  })
})
