import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMachine, type TestMachine } from '../src/fleet/enrol/machine.fixture.ts'
import type { Name } from '../src/model/index.ts'
import { createServer, type Server } from '../src/server/index.ts'
import { authorityAt } from '../src/trust/ca/authority.fixture.ts'
import { certificateLifetimes, planHostCertificate, signHostCertificate } from '../src/trust/index.ts'
import type { EnrolmentAnswer, EnrolmentFile } from '../src/trust/pure.ts'
import { createRemoteYard } from '../src/wire/index.ts'
import { type OpenYard, openYard } from '../src/yard/index.ts'
import { createTestYard, type TestYard } from './world/test-yard.ts'

/** How machines become hosts, and what becomes of those: over real TLS, with the real command, openssl as the judge of certificates. */
const day = 86_400_000
const place = { train: 'web' as Name, channel: 'production' as Name }
const directory = mkdtempSync(join(tmpdir(), 'switchyard-enrolment-'))
let yard: TestYard
let open: OpenYard
let server: Server
let origin: URL
let api: string
let later = 0
const now = () => Date.now() + later

beforeAll(async () => {
  const hosts = { listen: '127.0.0.1:0', name: '127.0.0.1', places: ['file:///media/yard'] }
  yard = createTestYard(
    { ours: { uploads: 'deb' } },
    {
      more: {
        server: { listen: '127.0.0.1:0', hosts },
        trains: { web: { repositories: ['ours'], channels: { production: {}, staging: {} } } },
      },
    },
  )
  open = await openYard(yard.directory, { environment: {}, now })
  server = await createServer({ open, logLevel: 'silent', now })
  const listening = await server.listen()
  origin = new URL(listening.hosts!)
  api = listening.url
})
afterAll(async () => {
  await server.close()
  await open.close()
  yard.remove()
  rmSync(directory, { recursive: true })
})

interface Answer {
  status: number
  value: EnrolmentAnswer & { error?: { code: string; message: string; hint?: string } }
  text: string
}

/** One request on a connection of its own. `clock`: the server's certificate is of another time than this machine's. */
async function ask(
  path: string,
  body: string | undefined,
  identity: { ca?: string; cert?: string; key?: string; clock?: 'other' } = {},
): Promise<Answer> {
  const { clock, ...tls } = identity
  const agent = new Agent({ ...tls, rejectUnauthorized: clock !== 'other' && tls.ca !== undefined })
  const asked = request(new URL(path, origin), { agent, method: body === undefined ? 'GET' : 'POST' })
  asked.end(body)
  const [response] = await once(asked, 'response')
  const text = await textOf(response)
  agent.destroy()
  const isJson = response.headers['content-type']?.startsWith('application/json') === true
  return { status: response.statusCode, text, value: isJson ? JSON.parse(text) : undefined }
}

let made = 0
const tokenFile = async (options: object = {}) =>
  (await open.yard.createHostToken(`token-${++made}` as Name, { ...place, ...options })).file
const enrol = (machine: TestMachine, { token, ca }: EnrolmentFile) =>
  ask('/hosts/v1/enrol', machine.enrol(token), { ca, clock: 'other' })
const keyOf = (machine: TestMachine) => machine.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const renew = (machine: TestMachine, host: EnrolmentAnswer, changes: object = {}, cert = host.certificate) =>
  ask('/hosts/v1/renew', machine.renew(host.host, Math.floor(now() / 1000), changes), {
    ca: host.ca,
    cert,
    key: keyOf(machine),
    clock: 'other',
  })

async function enrolled(options: object = {}): Promise<{ machine: TestMachine; host: EnrolmentAnswer }> {
  const machine = createMachine()
  const { status, value } = await enrol(machine, await tokenFile(options))
  expect(status, JSON.stringify(value)).toBe(200)
  return { machine, host: value }
}

function openssl(...args: string[]): string {
  const { stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
  return `${stdout}${stderr}`
}

function put(name: string, text: string): string {
  writeFileSync(join(directory, name), text)
  return join(directory, name)
}

describe('a machine', () => {
  it('becomes a host with a file that the operator makes, and nobody else does with it', async () => {
    const out = join(directory, 'db-1.enrol')
    const create = () =>
      yard.run('host', 'token', 'create', 'db-1', 'web/production', '--label', 'role=db', '--out', out)
    expect(await create()).toMatchObject({ status: 0, stdout: '' })
    expect(statSync(out).mode & 0o777).toBe(0o600)
    expect(await create()).toMatchObject({ status: 2, stderr: expect.stringContaining('no token was made') })
    const file = JSON.parse(readFileSync(out, 'utf8')) as EnrolmentFile
    expect(file).toMatchObject({
      version: 1,
      places: [expect.stringMatching(/^https:.*\/departures$/), 'file:///media/yard'],
    })
    expect(JSON.parse(Buffer.from(file.root.metadata, 'base64').toString())).toMatchObject({
      signed: { _type: 'root' },
    })

    const machine = createMachine()
    const answer = await ask('/hosts/v1/enrol', machine.enrol(file.token), { ca: file.ca })
    expect(answer).toMatchObject({ status: 200, value: { train: 'web', channel: 'production', ca: file.ca } })
    const verified = openssl(
      'verify',
      '-x509_strict',
      '-purpose',
      'sslclient',
      '-CAfile',
      put('ca', file.ca),
      put('host', answer.value.certificate),
    )
    expect(verified).toContain('host: OK')
    expect(await enrol(createMachine(), file)).toMatchObject({
      status: 401,
      value: { error: { message: /was good once, and is spent/ } },
    })

    const { host } = answer.value
    const shown = await yard.run('host', 'show', host)
    expect(shown.stdout).toMatch(
      /state +enrolled\n.*labels +role=db\n.*by the token db-1\n.*certificate +[0-9a-f]{32} until \d{8}T/s,
    )
    expect((await yard.run('host', 'ls', 'web/production', '--label', 'role=db')).stdout).toContain(host)
    expect((await yard.run('host', 'ls', '--label', 'role=web')).stdout).toBe('no hosts\n')
    expect((await yard.run('host', 'token', 'ls')).stdout).toMatch(/db-1 +web\/production +1 of 1 .* spent/)
  })

  it.each<[string, () => Promise<string>, number, RegExp]>([
    ['says nothing', async () => '', 422, /it holds no key/],
    ['says more than fits', async () => 'x'.repeat(20_000), 400, /too large/i],
    [
      'brings the token of a person',
      async () => {
        const { token } = await open.yard.createToken('ada' as Name, { rights: ['host'] })
        return createMachine().enrol(token)
      },
      401,
      /none for hosts/,
    ],
    [
      'brings a revoked one',
      async () => {
        const { token } = await tokenFile()
        await open.yard.revokeHostToken(`token-${made}` as Name)
        return createMachine().enrol(token)
      },
      401,
      /was revoked at/,
    ],
    [
      'brings one that expired',
      async () => {
        const { token } = await tokenFile({ expiresAt: now() + 1000 })
        later += 2000
        return createMachine().enrol(token)
      },
      401,
      /expired at/,
    ],
  ])('that %s is refused', async (_, make, status, message) => {
    const answer = await ask('/hosts/v1/enrol', await make())
    expect(answer).toMatchObject({ status, value: { error: { message: expect.stringMatching(message) } } })
  })

  it('that never ends its request, or speaks no TLS, is cut off, and the others are served', async () => {
    const asked = request(new URL('/hosts/v1/enrol', origin), {
      method: 'POST',
      rejectUnauthorized: false,
      agent: false,
    })
    asked.on('error', () => undefined)
    let sent = 0
    const more = () => {
      sent += 1
      if (!asked.destroyed && sent < 10_000) asked.write(Buffer.alloc(64 * 1024), more)
    }
    more()
    const [response] = await once(asked, 'response')
    expect(response.statusCode).toBe(400)
    response.resume()
    await once(asked, 'close')
    expect(sent).toBeLessThan(10_000)
    const babbler = connect(Number(origin.port), '127.0.0.1').end('GET / HTTP/1.1\r\n\r\n')
    await once(babbler.resume(), 'close')
    await enrolled()
  })
})

describe('a token for hosts', () => {
  it.each<[string, object, string]>([
    ['nobody', { uses: 0 }, 'good for 0 hosts'],
    ['too many', { uses: 1_000_001 }, 'good for 1000001 hosts'],
    ['one host twice', { uses: 2, host: '0'.repeat(32) }, 'good for 2 hosts, and such a token is for one'],
    ['the past', { expiresAt: 1 }, 'expired already'],
    ['ever', { expiresAt: Number.MAX_SAFE_INTEGER }, 'good for more than ten years'],
    ['a host that there is not', { host: '0'.repeat(32) }, 'there is no host 000'],
    ['no channel', { channel: undefined }, 'says to which channel they belong'],
    ['labels that no card holds', { labels: { 'Not one': 'x' } }, 'not a label'],
  ])('is not made for %s', async (_, options, message) => {
    const before = await open.yard.hostTokens()
    await expect(tokenFile(options)).rejects.toMatchObject({ message: expect.stringContaining(message) })
    expect(await open.yard.hostTokens()).toEqual(before)
  })
})

describe('a host', () => {
  it('has its certificate renewed, late when it says why, and too late not at all', async () => {
    const { machine, host } = await enrolled()
    later += 60 * day
    const second = await renew(machine, host)
    expect(second).toMatchObject({ status: 200, value: { host: host.host } })
    later += 100 * day
    const { certificate } = second.value
    expect(await renew(machine, host, {}, certificate)).toMatchObject({
      status: 401,
      value: { error: { message: /has expired/ } },
    })
    expect(await renew(machine, host, { late: true }, certificate)).toMatchObject({ status: 200 })
    later += 30 * day
    expect(await renew(machine, host, { late: true }, certificate)).toMatchObject({
      status: 401,
      value: { error: { message: /it expired at/ } },
    })
  })

  it('is whom its certificate says, and no other', async () => {
    const [{ machine, host }, other] = [await enrolled(), await enrolled()]
    const forbidden = { status: 403, value: { error: { code: 'forbidden' } } }
    expect(await renew(machine, host, { host: other.host.host })).toMatchObject(forbidden)
    expect(await renew(machine, host, { public: other.machine.publicKey })).toMatchObject({ status: 422 })
    const none = await ask('/hosts/v1/renew', machine.renew(host.host, 1), { ca: host.ca, clock: 'other' })
    expect(none).toMatchObject({ status: 401, value: { error: { message: /no host's: there is none/ } } })
    const [authority] = await open.hosts.authorities()
    const thief = createMachine()
    const forged = signHostCertificate(authority!, planHostCertificate(host.host, now()), thief.publicKey)
    expect(await renew(thief, host, {}, forged)).toMatchObject(forbidden)
    const foreign = signHostCertificate(
      authorityAt(now()),
      planHostCertificate(host.host, now()),
      machine.publicKey,
    )
    expect(await renew(machine, host, {}, foreign)).toMatchObject({
      status: 401,
      value: { error: { message: /not signed by the CA of this yard/ } },
    })
  })

  it('is quarantined and let go, labelled, and revoked for good', async () => {
    const { machine, host } = await enrolled({ labels: { role: 'db' } })
    const run = async (...args: string[]) => yard.run('host', ...args)
    expect(await run('quarantine', host.host)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('a reason is missing'),
    })
    expect(await run('quarantine', host.host, '--why', 'odd')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/quarantined: odd/),
    })
    expect(await renew(machine, host)).toMatchObject({
      status: 403,
      value: { error: { message: /is quarantined: odd/ } },
    })
    expect(await run('quarantine', host.host, '--lift')).toMatchObject({ status: 0 })
    expect(await renew(machine, host)).toMatchObject({ status: 200 })
    const labelled = await run('label', host.host, 'site=north', 'role-', '--json')
    expect(JSON.parse(labelled.stdout)).toMatchObject({ labels: { site: 'north' } })
    expect(await run('label', host.host, `a=${'x'.repeat(200)}`)).toMatchObject({ status: 2 })

    expect(await run('revoke', host.host, '--why', 'stolen')).toMatchObject({ status: 0 })
    expect(await renew(machine, host)).toMatchObject({
      status: 403,
      value: { error: { message: /was revoked: stolen/ } },
    })
    expect(await run('quarantine', host.host, '--lift')).toMatchObject({ status: 3 })
    const list = await ask('/departures/revoked.crl', undefined)
    expect(list.status).toBe(200)
    const crl = put('crl', list.text)
    expect(openssl('crl', '-noout', '-text', '-CAfile', put('ca', host.ca), '-in', crl)).toMatch(/verify OK/)
    const { serialNumber } = new X509Certificate(host.certificate)
    expect(openssl('crl', '-noout', '-text', '-in', crl)).toContain(`Serial Number: ${serialNumber}`)
    const log = await open.yard.log({ limit: 50 })
    const lines = log.filter(({ subject }) => subject === host.host).map(({ verb }) => verb)
    expect((await open.yard.fsck()).findings).toEqual([])
    expect(lines.reverse()).toEqual([
      'host enrol',
      'host quarantine',
      'host quarantine lift',
      'host renew',
      'host label',
      'host revoke',
    ])
  })

  it('learns of a younger CA when it renews, long before the older one expires', async () => {
    const last = certificateLifetimes.authority - certificateLifetimes.succession
    later = last - 20 * day
    const { machine, host } = await enrolled()
    later = last + 40 * day
    const renewed = await renew(machine, host)
    expect(renewed).toMatchObject({ status: 200, value: { host: host.host } })
    const authorities = renewed.value.ca.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n/gs)!
    expect(authorities).toHaveLength(2)
    expect(authorities[0]).toBe(host.ca)
    const younger = new X509Certificate(authorities[1]!)
    expect(new X509Certificate(renewed.value.certificate).verify(younger.publicKey)).toBe(true)
    expect(await renew(machine, host, {}, renewed.value.certificate)).toMatchObject({ status: 200 })
    await open.yard.revokeHost(host.host, { why: 'gone' })
    const { text } = await ask('/departures/revoked.crl', undefined)
    expect(text.match(/BEGIN X509 CRL/g)).toHaveLength(2)
  })
})

it('hosts are looked after from afar by whoever has the right', async () => {
  const { host } = await enrolled()
  const remote = async (name: string, ...rights: string[]) => {
    const { token } = await open.yard.createToken(name as Name, { rights: rights as never })
    return createRemoteYard({ server: api, token })
  }
  const keeper = await remote('keeper', 'host')
  expect(await keeper.host(host.host)).toEqual(await open.yard.host(host.host))
  expect(await keeper.hosts({ ...place, labels: {} })).toEqual(await open.yard.hosts(place))
  expect(await keeper.hosts({ labels: { site: 'south' } })).toEqual([])
  expect(await keeper.labelHost(host.host, { labels: { site: 'south' } })).toMatchObject({
    labels: { site: 'south' },
  })
  expect(await keeper.hosts({ labels: { site: 'south' } })).toMatchObject([{ id: host.host }])
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`l${i}`, 'x']))
  const tooMany = keeper.labelHost(host.host, { labels: many })
  await expect(tooMany).rejects.toMatchObject({ code: 'usage', message: /labels, and a host has 32 at most/ })
  const moved = { train: 'web' as Name, channel: 'staging' as Name }
  const { counter } = await keeper.host(host.host)
  const there = await keeper.moveHost(host.host, { ...moved, why: 'a test machine' })
  expect(there).toMatchObject({ ...moved, labels: { site: 'south' } })
  expect(there.counter).toBeGreaterThan(counter)
  const nowhere = keeper.moveHost(host.host, { ...moved, channel: 'stagin' as Name })
  await expect(nowhere).rejects.toMatchObject({ code: 'not-found', hint: 'did you mean web/staging?' })
  await keeper.moveHost(host.host, place)
  const { file, summary } = await keeper.createHostToken('afar' as Name, { ...place, uses: 2 })
  expect(await keeper.hostTokens()).toContainEqual(summary)
  expect((await enrol(createMachine(), file)).status).toBe(200)
  expect(await keeper.revokeHostToken('afar' as Name, { why: 'enough' })).toMatchObject({
    used: 1,
    revoked: expect.any(String),
  })
  expect((await enrol(createMachine(), file)).status).toBe(401)

  const train = await remote('train-keeper', 'host:web/staging')
  await expect(train.hosts()).rejects.toMatchObject({ code: 'forbidden', message: /has not the right host;/ })
  expect(await train.hosts({ train: 'web' as Name, channel: 'staging' as Name })).toEqual([])
  await expect(train.createHostToken('x' as Name, place)).rejects.toMatchObject({
    message: /host:web\/production;/,
  })
  await expect(train.revokeHost(host.host, { why: 'x' })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(keeper.quarantineHost('0'.repeat(32) as never, { why: 'x' })).rejects.toMatchObject({
    code: 'not-found',
  })
})
