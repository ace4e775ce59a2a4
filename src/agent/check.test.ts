import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Name, timestampOf } from '../model/index.ts'
import { haltsText, pathsOf, roleOf, sealEnvelope, targetOf } from '../trust/pure.ts'
import { channel, day, newSigner, rolloutRole, train } from '../trust/statements/verify/repository.fixture.ts'
import { loadKey } from './host/own-key.ts'
import { createHost, type HostFixture } from './host.fixture.ts'
import { queueReport } from './reports.ts'
import { startYardServer, type YardServerFixture } from './yard-server.fixture.ts'

let server: YardServerFixture
let host: HostFixture
beforeEach(async () => {
  server = await startYardServer()
  host = createHost()
  await host.enroll(server.enrolmentFile())
})
afterEach(async () => {
  host.remove()
  await server.stop()
})

/** Departures in a directory, as they are now. */
function copyTo(directory: string): string {
  for (const [path, bytes] of server.yard.files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), bytes)
  }
  return pathToFileURL(directory).href
}
const stick = () => copyTo(join(host.root, 'stick'))
const departures = () => `${server.origin}/departures`

/** A later release on the channel. */
function moveOn(): string {
  server.yard.now += 5_000
  server.yard.depart(timestampOf(server.yard.now))
  return server.yard.release.release
}
const staging = 'staging' as Name
/** One more channel, on the release of the other. */
function addStaging(): void {
  const { yard } = server
  const roles = [roleOf.channel(train, staging), roleOf.rollout(train, staging)] as const
  yard.delegate(roles[0], pathsOf.channel(train, staging))
  yard.delegate(roles[1], pathsOf.rollout(train, staging), yard.signers.get(rolloutRole))
  yard.state(roles[0], targetOf.departures(train, staging), { ...yard.departures, channel: staging })
  yard.state(roles[1], targetOf.rollout(train, staging), { ...yard.rollout, channel: staging })
  yard.now += 5_000
  yard.publish('targets', ...roles)
}
const status = async () => JSON.parse((await host.agent('status', '--json')).out)
const follows = async () => (await status()).statements?.rollout.release.release
const findings = async () => (await status()).check.places.map((place: { finding: string }) => place.finding)

describe('a host', () => {
  it('follows its channel, and may go where it is granted', async () => {
    expect(await host.agent('check')).toMatchObject({
      status: 0,
      out: expect.stringMatching(/granted: web@/),
    })
    const next = moveOn()
    expect((await host.agent('check')).status).toBe(0)
    expect(await follows()).toBe(next)
    expect((await host.agent('why')).out).toMatch(/^This host may update now: granted/)
  })

  it('asks four short questions when there is nothing new, and leaves what it trusts alone', async () => {
    await host.agent('check')
    const { ino } = statSync(host.layout.trusted)
    server.asked.length = 0
    await host.agent('check')
    expect(server.asked.map(({ path }) => path)).toEqual([
      '/departures/metadata/2.root.json',
      '/departures/metadata/timestamp.json',
      '/departures/halt/latest.json',
      '/hosts/v1/card',
    ])
    expect(statSync(host.layout.trusted).ino).toBe(ino)
  })

  it('explains itself on one screen, whatever there is to say', async () => {
    const long = 'far too many words '.repeat(40)
    server.yard.halt({ why: long })
    host.settings({
      places: [
        departures(),
        ...Array.from({ length: 7 }, (_, i) => `file:///nowhere/${i}/${'x'.repeat(90)}`),
      ],
    })
    await host.agent('check')
    const lines = (await host.agent('why')).out.trimEnd().split('\n')
    expect(lines[0]).toBe('This host is not updating now: halted')
    expect(lines.length).toBeLessThanOrEqual(24)
  })
})

describe('of several places', () => {
  it.each(['first', 'last'])('the newest wins when the %s one lags, which is no attack', async position => {
    const old = stick()
    const next = moveOn()
    host.settings({ places: position === 'first' ? [old, departures()] : [departures(), old] })
    expect((await host.agent('check')).status).toBe(0)
    expect(await follows()).toBe(next)
    expect((await findings()).sort()).toEqual(['behind', 'current'])
    expect(server.reports.at(-1)?.kind).toBe('alive')
  })

  it('one that lies is not believed, named, and reported, while another is good', async () => {
    const next = moveOn()
    const lies = stick()
    const eve = [newSigner()]
    const { signers } = server.yard
    const honest = signers.get('timestamp')!
    signers.set('timestamp', eve)
    server.yard.putOnline()
    writeFileSync(
      join(host.root, 'stick/metadata/timestamp.json'),
      server.yard.files.get('metadata/timestamp.json')!,
    )
    signers.set('timestamp', honest)
    server.yard.putOnline()
    host.settings({ places: [lies, departures()] })
    const { status, err } = await host.agent('check')
    expect(status).toBe(4)
    expect(err).toMatch(/arbitrary-software: somebody without the keys/)
    expect(await follows()).toBe(next)
    expect(server.reports.at(-1)).toMatchObject({ kind: 'refused', reason: { word: 'arbitrary-software' } })
    expect((await host.agent('why')).out).toMatch(/^This host may update now/)
  })

  it('one that is down or has lost its files is passed over', async () => {
    host.settings({ places: ['https://127.0.0.1:1/', 'file:///nowhere', departures()] })
    expect(await host.agent('check')).toMatchObject({
      status: 4,
      err: expect.stringMatching(/nobody listens there/),
    })
    expect(await findings()).toEqual(['unavailable', 'unavailable', 'current'])
  })

  it('with all of them down it stands on what it has, fails, and reports later', async () => {
    await host.agent('check')
    const before = await follows()
    const places = server.places
    await server.stop()
    host.clock.boot = host.clock.boot.replace('1', '2')
    expect((await host.agent('check')).status).toBe(1)
    expect(await follows()).toBe(before)
    expect(await status()).toMatchObject({ waitingReports: 1, statements: { freshness: 'fresh' } })
    expect(places).toHaveLength(1)
    server = await startYardServer()
  })

  it('a stick brings news to a host without a network', async () => {
    await host.agent('check')
    const next = moveOn()
    host.settings({ places: ['https://127.0.0.1:1/', stick()] })
    server.meddle = (_, answer) => answer.destroy() !== undefined
    expect((await host.agent('check')).status).toBe(4)
    expect(await follows()).toBe(next)
  })

  it('one that holds back its bytes is given up, by name, and the next is asked', async () => {
    // Says yes, and then nothing.
    const mute = createServer(
      socket => void socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n{')),
    )
    mute.listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}/`
    host.settings({ places: [url, stick()], limits: { window: 1, bytes: 1_000, place: 60 } })
    await host.agent('check')
    mute.close()
    expect((await findings())[0]).toBe('slow-retrieval')
    expect(await follows()).toBe(server.yard.release.release)
  })

  it('one that does not answer at all is unavailable', async () => {
    const silent = createServer(() => {})
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/`
    host.settings({ places: [url, stick()], limits: { window: 0.2, bytes: 1_000, place: 60 } })
    const { err } = await host.agent('check')
    silent.close()
    expect(err).toMatch(/it does not answer/)
    expect((await findings())[0]).toBe('unavailable')
  })

  it('one that never ends is cut off at what the file may have', async () => {
    let sent = 0
    server.meddle = (path, answer) => {
      if (path !== '/departures/metadata/timestamp.json') return false
      const more = () => {
        sent += 65_536
        if (!answer.destroyed && sent < 50_000_000) answer.write(Buffer.alloc(65_536, 32), more)
      }
      more()
      return true
    }
    expect((await host.agent('check')).status).toBe(3)
    expect(await findings()).toEqual(['endless-data'])
    expect(sent).toBeLessThan(50_000_000)
  })

  it('one that answers with errors, redirects or cut-off files has nothing', async () => {
    for (const answerAs of [
      () => ({ status: 500, body: 'no' }),
      () => ({ status: 302, body: '' }),
      (bytes: Buffer) => ({ status: 200, body: bytes.subarray(0, 100) }),
    ]) {
      server.meddle = (path, answer) => {
        const bytes = server.yard.files.get(path.slice('/departures/'.length))
        if (bytes === undefined) return false
        const { status, body } = answerAs(bytes)
        answer.writeHead(status, { location: '/elsewhere' }).end(body)
        return true
      }
      expect([1, 3]).toContain((await host.agent('check')).status)
      expect(await follows()).toBeUndefined()
    }
    server.meddle = undefined
    expect((await host.agent('check')).status).toBe(0)
  })
})

describe('a stop', () => {
  it('reaches a host while the server is off, through the inbox, and is lifted by the channel', async () => {
    await host.agent('check')
    const halt = server.yard.halt()
    const file = server.yard.files.get('halt/latest.json')!
    server.yard.files.delete('halt/latest.json')
    server.meddle = (_, answer) => answer.destroy() !== undefined
    writeFileSync(join(host.layout.inbox, 'halt.json'), file)
    expect((await host.agent('check')).out).toMatch(/halted: ada stopped web\/production \(halt 1/)
    expect(readdirSync(host.layout.inbox)).toEqual([])
    expect((await host.agent('why')).out).toMatch(/^This host is not updating now: halted\n {2}ada stopped/)

    server.meddle = undefined
    expect((await host.agent('check')).out).toMatch(/halted/)
    server.yard.now += 5_000
    server.yard.depart(timestampOf(server.yard.now), { lifted: halt.number })
    expect((await host.agent('check')).out).toMatch(/granted/)
  })

  it('by somebody who may not is none', async () => {
    const forged = haltsText([
      sealEnvelope(
        'halt',
        { version: 1, number: 9, scope: [], who: 'eve', why: 'me', at: timestampOf(Date.now()) },
        [newSigner()],
      ),
    ])
    writeFileSync(join(host.layout.inbox, 'halt.json'), forged)
    expect((await host.agent('check')).out).toMatch(/granted/)
  })
})

describe('time', () => {
  it('freezes a host whose statements are stale, as an alarm, and fresh ones thaw it', async () => {
    await host.agent('check')
    host.pass(8 * day)
    expect(await host.agent('check')).toMatchObject({ status: 3, out: expect.stringMatching(/stale/) })
    expect(server.reports.at(-1)).toMatchObject({ kind: 'refused', reason: { word: 'freeze' } })
    server.yard.now += 8 * day
    server.yard.publish(rolloutRole)
    expect(await host.agent('check')).toMatchObject({ status: 0, out: expect.stringMatching(/granted/) })
  })

  it.each([
    ['1970', () => -Date.now()],
    ['2038', () => Date.UTC(2038, 0, 19) - Date.now()],
  ])(
    'a clock at %s is suspected, and nothing is held against the host when it is right again',
    async (_, ahead) => {
      await host.agent('check')
      host.clock.synchronised = false
      host.clock.ahead = ahead()
      expect((await host.agent('why')).out).toMatch(/not updating now: clock-suspect(.|\n)*timedatectl/)
      expect(await host.agent('check')).toMatchObject({ status: 3 })
      expect(server.reports.at(-1)?.reason?.word).toBe('clock-suspect')
      host.clock.ahead = 0
      host.clock.synchronised = true
      const next = moveOn()
      expect((await host.agent('check')).status).toBe(0)
      expect(await follows()).toBe(next)
    },
  )

  it('goes on though somebody sets the clock back', async () => {
    await host.agent('check')
    host.pass(8 * day)
    host.clock.ahead = 0
    expect((await host.agent('why')).out).toMatch(/not updating now: stale/)
  })
})

describe('its card', () => {
  it('holds it back', async () => {
    server.deal({ hold: { who: 'ben', why: 'a trial' } })
    await host.agent('check')
    expect((await host.agent('why')).out).toMatch(
      /held\n {2}ben holds this host until further notice: a trial/,
    )
  })

  it('takes it to another channel, once that has statements', async () => {
    await host.agent('check')
    server.deal({ channel: staging })
    expect((await host.agent('check')).out).toMatch(/^web\/production: other-channel/)
    addStaging()
    expect((await host.agent('check')).out).toMatch(/^web\/staging: granted/)
    server.deal({ channel })
    expect((await host.agent('check')).out).toMatch(/^web\/production: granted/)
  })

  it.each([
    [
      'that is older than one that was seen',
      () => server.deal({ counter: 0 }),
      /its counter is 0, and 1 was seen \(rollback\)/,
    ],
    ["that is another host's", () => server.deal({ host: 'b'.repeat(32) as never }), /it is of host b/],
    [
      'that makes no sense',
      () => server.deal({ expires: 'soon' as never }),
      /no card that this program knows/,
    ],
    [
      'that is far too long',
      () => server.deal({ labels: { label: 'x'.repeat(1_000_000) } }),
      /more than the 4096 bytes/,
    ],
    ['that nobody signed', () => void server.yard.signers.set(rolloutRole, [newSigner()]), /0 of 1 keys/],
  ])('%s is not believed', async (_, tamper, message) => {
    await host.agent('check')
    const { card } = await status()
    tamper()
    expect(await host.agent('check')).toMatchObject({ status: 4, err: expect.stringMatching(message) })
    expect((await status()).card).toEqual(card)
    expect(server.reports.at(-1)).toMatchObject({ kind: 'refused', reason: { word: 'card-distrusted' } })
  })

  it('is not handed to a host that was shut out', async () => {
    await host.agent('check')
    server.meddle = (path, answer) => {
      if (path === '/hosts/v1/card')
        answer.writeHead(403).end(JSON.stringify({ error: { message: 'host is revoked\n\u001b[2J' } }))
      return path === '/hosts/v1/card'
    }
    expect(await host.agent('check')).toMatchObject({
      status: 3,
      out: expect.stringMatching(/shut-out: .*host is revoked/),
    })
    server.meddle = (_, answer) => answer.destroy() !== undefined
    expect((await host.agent('why')).out).toMatch(/shut-out/)
    expect((await host.agent('check')).out).toMatch(/shut-out/)
    server.meddle = undefined
    expect((await host.agent('check')).status).toBe(0)
  })
})

describe('reports', () => {
  it('say that the host lives once a day, after every boot, and when something else is the case', async () => {
    const words = () => server.reports.map(({ kind, reason }) => `${kind} ${reason?.word}`)
    await host.agent('check')
    await host.agent('check')
    expect(words()).toEqual(['alive granted'])
    host.pass(day)
    await host.agent('check')
    host.clock.boot = host.clock.boot.replace('1', '2')
    await host.agent('check')
    server.yard.halt()
    await host.agent('check')
    expect(words()).toEqual(['alive granted', 'alive granted', 'alive granted', 'alive halted'])
    const counters = server.reports.map(({ counter }) => counter)
    expect(counters).toEqual([...new Set(counters)].sort())
    expect(server.reports.at(-1)).toMatchObject({
      halt: 1,
      departures: server.yard.timestamp.version,
      facts: { distribution: 'debian', 'distribution-version': '12' },
    })
  })

  it('wait for a server that is away, the last of them, and arrive in order and unchanged', async () => {
    await host.agent('check')
    const [report] = server.reports.splice(0)
    const counters = Array.from({ length: 70 }, (_, i) => report!.counter + 1 + i)
    for (const counter of counters)
      queueReport(host.layout, { ...report!, counter }, loadKey(host.layout)!.signer)
    expect(await status()).toMatchObject({ waitingReports: 64 })
    const away = (times: number) => (path: string, answer: ServerResponse) =>
      path === '/hosts/v1/reports' && times-- > 0 && answer.writeHead(503).end() !== undefined
    server.meddle = away(1)
    await host.agent('check')
    expect(await status()).toMatchObject({ waitingReports: 64 })
    await host.agent('check')
    expect(server.reports.map(({ counter }) => counter)).toEqual(counters.slice(6))
    expect(await status()).toMatchObject({ waitingReports: 0 })
  })

  it('that the server will never take are dropped', async () => {
    server.meddle = (path, answer) =>
      path === '/hosts/v1/reports' && answer.writeHead(422).end() !== undefined
    await host.agent('check')
    expect(await status()).toMatchObject({ waitingReports: 0 })
  })
})

describe('a copy of a host', () => {
  it('stops as cloned, says so, and neither asks nor changes anything', async () => {
    await host.agent('check')
    const copy = host.copy()
    writeFileSync(copy.layout.machineId, `${'b2'.repeat(16)}\n`)
    server.asked.length = 0
    expect(await copy.agent('check')).toMatchObject({ status: 3, out: expect.stringMatching(/cloned/) })
    expect(server.asked.map(({ path }) => path)).toEqual(['/hosts/v1/reports'])
    expect(server.reports.at(-1)).toMatchObject({ kind: 'refused', reason: { word: 'cloned' } })
    expect(server.reports.at(-1)?.machine).not.toBe(server.reports[0]?.machine)
    expect((await copy.agent('why')).out).toMatch(/cloned(.|\n)*switchyard-agent leave/)
    copy.remove()
  })
})

describe('its certificate', () => {
  it('is renewed after two thirds of its life, and again asked for where that fails', async () => {
    await host.agent('check')
    const until = async () => (await status()).certificate.until
    const before = await until()
    host.pass(59 * day)
    server.yard.now += 59 * day
    server.yard.publish(...server.yard.roles.keys())
    server.deal({ expires: timestampOf(Date.now() + 90 * day) })
    await host.agent('check')
    expect(await until()).toBe(before)
    host.pass(2 * day)
    server.meddle = (path, answer) => path === '/hosts/v1/renew' && answer.writeHead(503).end() !== undefined
    expect(await host.agent('check')).toMatchObject({
      status: 4,
      err: expect.stringMatching(/was not renewed/),
    })
    server.meddle = undefined
    server.certificateLife = 200 * day
    await host.agent('check')
    expect((await until()) > before).toBe(true)
    server.asked.length = 0
    await host.agent('check')
    expect(server.asked.map(({ path }) => path)).not.toContain('/hosts/v1/renew')
  })
})

describe('a host whose certificate has expired', () => {
  const enrolLongAgo = async () => {
    server.certificateLife = -60_000
    await host.agent('leave')
    await host.enroll(server.enrolmentFile())
    server.certificateLife = 90 * day
  }

  it('comes back by itself, because it was off and could have no fresh statements', async () => {
    await host.agent('check')
    const kept = readFileSync(host.layout.trusted)
    await enrolLongAgo()
    writeFileSync(host.layout.trusted, kept)
    host.pass(8 * day)
    server.yard.now += 8 * day
    server.yard.publish(rolloutRole)
    expect(await host.agent('check')).toMatchObject({ status: 0, err: '' })
    expect(server.renewals.map(({ late }) => late)).toEqual([true])
  })

  it('says so when it had fresh ones all the time, and tells why it gets none', async () => {
    await host.agent('check')
    const kept = readFileSync(host.layout.trusted)
    await enrolLongAgo()
    writeFileSync(host.layout.trusted, kept)
    server.meddle = (path, answer) =>
      path === '/hosts/v1/renew' && answer.writeHead(401).end('it has expired') !== undefined
    expect(await host.agent('check')).toMatchObject({
      status: 3,
      out: expect.stringMatching(/shut-out/),
      err: expect.stringMatching(/was not renewed: .*it has expired/),
    })
    server.meddle = undefined
    await host.agent('check')
    expect(server.renewals.map(({ late }) => late)).toEqual([false])
  })
})

describe('the inbox', () => {
  it('brings departures without a place, and is empty afterwards', async () => {
    await host.agent('check')
    const next = moveOn()
    cpSync(new URL(stick()), join(host.layout.inbox, 'from a neighbour'), { recursive: true })
    server.meddle = (_, answer) => answer.destroy() !== undefined
    await host.agent('check')
    expect(await follows()).toBe(next)
    expect(readdirSync(host.layout.inbox)).toEqual([])
  })

  it.each([
    ['the identity is damaged', () => writeFileSync(host.layout.identity, '{"host":')],
    ['the settings are wrong', () => host.settings({ places: 'all' as never })],
    ['the key is gone', () => writeFileSync(host.layout.key, '')],
    ['there is no machine id', () => writeFileSync(host.layout.machineId, '')],
  ])('is emptied also when %s', async (_, spoil) => {
    spoil()
    mkdirSync(join(host.layout.inbox, 'a', 'b'), { recursive: true })
    writeFileSync(join(host.layout.inbox, 'junk.json'), 'x')
    const { status, err } = await host.agent('check')
    expect([1, 2]).toContain(status)
    expect(err).toMatch(/^switchyard-agent: .+\n {2}.+\n$/)
    expect(readdirSync(host.layout.inbox)).toEqual([])
  })
})

describe('what was cut off on the disk', () => {
  const cut = (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 40))

  it.each(['trusted', 'memory', 'card'] as const)('%s: is fetched again', async file => {
    await host.agent('check')
    const { counter } = server.reports[0]!
    cut(host.layout[file])
    expect((await host.agent('why')).status).toBe(0)
    expect((await host.agent('check')).status).toBe(0)
    expect(await follows()).toBe(server.yard.release.release)
    host.pass(day)
    await host.agent('check')
    expect(server.reports.at(-1)!.counter).toBeGreaterThan(counter)
  })

  it('the root that it trusts: it begins again from the one that it enrolled with', async () => {
    await host.agent('check')
    const kept = JSON.parse(readFileSync(host.layout.trusted, 'utf8'))
    kept.metadata.root = 'AAAA'
    writeFileSync(host.layout.trusted, JSON.stringify(kept))
    expect((await host.agent('check')).status).toBe(0)
    expect(await follows()).toBe(server.yard.release.release)
  })

  it('its identity: it says what to do', async () => {
    cut(host.layout.identity)
    expect(await host.agent('status')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/damaged(.|\n)*leave/),
    })
    expect((await host.agent('leave')).status).toBe(0)
    expect((await host.enroll(server.enrolmentFile())).status).toBe(0)
  })
})
