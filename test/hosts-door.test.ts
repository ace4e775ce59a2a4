import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Departures,
  type Digest,
  type HostCard,
  type HostReport,
  machineDigest,
  maximumCardBytes,
  type Name,
  nextTimestamp,
  type RolloutStatement,
  type Timestamp,
  timestampOf,
  wholeRank,
} from '../src/model/index.ts'
import { createServer, type Server } from '../src/server/index.ts'
import { openFsStore } from '../src/store/index.ts'
import { keysAtHand, openStatements, type Statements } from '../src/trust/index.ts'
import {
  type EnrolmentAnswer,
  openEnvelope,
  roleOf,
  type StatementSigner,
  sealEnvelope,
  statementSignerOf,
} from '../src/trust/pure.ts'
import { type OpenYard, openYard, stopChannels } from '../src/yard/index.ts'

const soon = { timeout: 20_000 }

/** What hosts say over their door, and what they are told, by real TLS with real certificates. */
const directory = mkdtempSync(join(tmpdir(), 'hosts-door-'))
const channel = { train: 'web' as Name, channel: 'production' as Name }
let open: OpenYard
let server: Server
let url: URL
let statements: Statements

beforeAll(async () => {
  const yaml = {
    keys: { algorithm: 'ed25519' },
    server: { listen: '127.0.0.1:0', hosts: { listen: '127.0.0.1:0', name: '127.0.0.1' } },
    repositories: { ours: { uploads: 'deb' } },
    trains: { web: { repositories: ['ours'], channels: { production: {}, staging: {} } } },
  }
  writeFileSync(join(directory, 'switchyard.yaml'), JSON.stringify(yaml))
  open = await openYard(directory, { environment: {} })
  server = await createServer({ open, logLevel: 'silent' })
  url = new URL((await server.listen()).hosts!)
  const { refs, locks } = openFsStore(directory)
  const keys = keysAtHand(join(directory, 'keys', 'statements'))
  statements = openStatements({ refs, locks, keys, now: Date.now })
  await move('production')
})
afterAll(async () => {
  await server.close()
  await open.close()
  rmSync(directory, { recursive: true })
})

let moved: Timestamp | undefined
/** Publishes a channel's statements as a promotion does, with a rollout that is open. */
async function move(name: string): Promise<Departures> {
  const release = { release: '20261120T070000Z' as Timestamp, digest: 'c'.repeat(64) as Digest }
  moved = nextTimestamp(Date.now(), moved)
  const at = { version: 1, train: channel.train, channel: name as Name, release } as const
  const departures: Departures = {
    ...at,
    floor: timestampOf(0),
    fallbacks: [],
    lifted: 0,
    moved,
  }
  const rollout: RolloutStatement = {
    ...at,
    attempt: moved,
    state: 'running',
    grants: [{ stratum: '', below: wholeRank }],
    onStale: 'freeze',
  }
  await statements.publish({ departures: [departures], rollouts: [rollout] })
  return departures
}

interface Host {
  answer: EnrolmentAnswer
  key: KeyObject
  signer: StatementSigner
  agent: Agent
  counter: number
}

let tokens = 0
async function enrolled(labels = {}): Promise<Host> {
  const { file } = await open.yard.createHostToken(`token-${++tokens}` as Name, { ...channel, labels })
  const { privateKey: key } = generateKeyPairSync('ed25519')
  const signer = statementSignerOf(key)
  const asked = {
    version: 1,
    token: file.token,
    public: signer.key.public,
    machine: machineDigest(`machine ${tokens}`, signer.key.public),
    boot: '3f5c1c8e-7b0e-4a4c-9d55-0a6b1f0e2d11',
  }
  const stranger = new Agent({ ca: file.ca })
  const { body } = await ask(
    stranger,
    '/hosts/v1/enrol',
    JSON.stringify(sealEnvelope('enrolment', asked, [signer])),
  )
  stranger.destroy()
  const answer = JSON.parse(body) as EnrolmentAnswer
  const pem = key.export({ type: 'pkcs8', format: 'pem' }) as string
  const agent = new Agent({
    ca: answer.ca,
    cert: answer.certificate,
    key: pem,
    keepAlive: true,
    maxSockets: 2,
  })
  return { answer, key, signer, agent, counter: 0 }
}

function reportOf(host: Host, more: Partial<HostReport> = {}): HostReport {
  return {
    version: 1,
    host: host.answer.host,
    attempt: moved!,
    counter: ++host.counter,
    kind: 'started',
    at: timestampOf(Date.now()),
    boot: '3f5c1c8e-7b0e-4a4c-9d55-0a6b1f0e2d11',
    machine: machineDigest(`machine ${tokens}`, host.signer.key.public),
    ...more,
  }
}

const sealed = (host: Host, report: HostReport) =>
  JSON.stringify(sealEnvelope('report', report, [host.signer]))
const report = (host: Host, more: Partial<HostReport> = {}) =>
  ask(host.agent, '/hosts/v1/reports', sealed(host, reportOf(host, more)))

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

async function ask(agent: Agent, path: string, body?: string, headers = {}): Promise<Answer> {
  const response = await respond(agent, path, body, headers)
  return { status: response.statusCode!, headers: response.headers, body: await textOf(response) }
}

async function respond(agent: Agent, path: string, body?: string, headers = {}): Promise<IncomingMessage> {
  const asked = request(new URL(path, url), { agent, method: body === undefined ? 'GET' : 'POST', headers })
  asked.end(body)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return response
}

describe('a report', () => {
  it('is taken once, however often it comes', async () => {
    const host = await enrolled()
    const sent = sealed(host, reportOf(host))
    const answers = [1, 2].map(() => ask(host.agent, '/hosts/v1/reports', sent))
    const outcomes = (await Promise.all(answers)).map(({ status, body }) => [status, JSON.parse(body)])
    expect(outcomes).toContainEqual([200, { outcome: 'taken', notes: [] }])
    expect(outcomes).toContainEqual([200, { outcome: 'repeated', notes: [] }])
  })

  it('of an attempt that was never is taken with a note', async () => {
    const host = await enrolled()
    const { body } = await report(host, { attempt: 'never', at: '20991231T000000Z' as Timestamp })
    expect(JSON.parse(body)).toEqual({ outcome: 'taken', notes: ['unknown-attempt', 'clock-wrong'] })
  })

  it('of an attempt that has just begun belongs to it, and so does one of the attempt before', async () => {
    const host = await enrolled()
    const before = moved!
    await move('production')
    expect(JSON.parse((await report(host)).body)).toEqual({ outcome: 'taken', notes: [] })
    expect(JSON.parse((await report(host, { attempt: before })).body)).toEqual({
      outcome: 'taken',
      notes: [],
    })
  })

  it("is refused to whoever has no certificate, or another host's", async () => {
    const [host, other] = [await enrolled(), await enrolled()]
    const sent = sealed(host, reportOf(host))
    const stranger = new Agent({ ca: host.answer.ca })
    expect(await ask(stranger, '/hosts/v1/reports', sent)).toMatchObject({ status: 401 })
    stranger.destroy()
    expect(await ask(other.agent, '/hosts/v1/reports', sent)).toMatchObject({ status: 403 })
  })

  it('is refused to a revoked host, over a connection that was good', async () => {
    const host = await enrolled()
    expect(await report(host)).toMatchObject({ status: 200 })
    await open.yard.revokeHost(host.answer.host, { why: 'stolen' })
    const answer = await report(host)
    expect(answer).toMatchObject({ status: 403, body: expect.stringContaining('was revoked: stolen') })
  })

  it.each<[string, { [header: string]: string | number }, string]>([
    ['of 4 MiB, as it says', { 'Content-Length': 4 * 1024 * 1024 }, 'x'],
    ['that goes on for ever', { 'Transfer-Encoding': 'chunked' }, 'x'.repeat(5000)],
  ])('%s is not read to its end', async (_, headers, sent) => {
    const host = await enrolled()
    const { agent } = host
    const asked = request(new URL('/hosts/v1/reports', url), { agent, method: 'POST', headers })
    asked.write(sent)
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    asked.on('error', () => undefined)
    const said = await textOf(response)
    expect([response.statusCode, said]).toEqual([400, expect.stringContaining('too large')])
    asked.destroy()
  })

  it('too often is put off', async () => {
    const host = await enrolled()
    const answers = await Promise.all(Array.from({ length: 200 }, () => report(host)))
    const late = answers.filter(({ status }) => status === 429)
    expect(late.length).toBeGreaterThan(10)
    expect(late[0]!.headers['retry-after']).toBe('60')
  })

  it('of two machines with one key quarantines both, until somebody has looked', async () => {
    const host = await enrolled()
    const {
      answer: { host: id },
    } = host
    await report(host, { counter: 7 })
    expect(await report(host, { counter: 7, kind: 'well' })).toMatchObject({ status: 403 })
    expect(await open.yard.host(id)).toMatchObject({
      state: 'quarantined',
      why: 'it said two things in its report 7',
    })
    expect(await report(host, { counter: 8 })).toMatchObject({ status: 403 })
    expect(cardOf(await ask(host.agent, '/hosts/v1/card')).hold).toMatchObject({ who: 'switchyard' })
    await open.yard.liftQuarantine(id)
    expect(await report(host, { counter: 3 })).toMatchObject({ status: 200 })
  })
})

const cardOf = ({ body }: Answer): HostCard =>
  JSON.parse(Buffer.from(JSON.parse(body).payload, 'base64').toString())

describe("a host's card", () => {
  it('is signed by the role of its rollout, and handed out until it is another one', async () => {
    const host = await enrolled({ site: 'north' })
    const answer = await ask(host.agent, '/hosts/v1/card')
    expect(Buffer.byteLength(answer.body)).toBeLessThanOrEqual(maximumCardBytes)
    const { targets } = (await statements.published())!
    const { roles, keys } = targets!.signed.delegations!
    const { keyids } = roles.find(({ name }) => name === roleOf.rollout(channel.train, channel.channel))!
    const trusted = keyids.map(keyid => ({
      keyid: keyid as Digest,
      keytype: 'ed25519' as const,
      scheme: 'ed25519' as const,
      public: keys[keyid]!.keyval.public,
    }))
    expect(openEnvelope('card', answer.body, { keys: trusted, threshold: 1, object: 'card' })).toMatchObject({
      host: host.answer.host,
      ...channel,
      labels: { site: 'north' },
    })
    const again = await ask(host.agent, '/hosts/v1/card', undefined, { 'If-None-Match': answer.headers.etag })
    expect(again).toMatchObject({ status: 304, body: '' })
  })

  it('has labels as of the start of the rollout that is open, beside the new ones', async () => {
    const host = await enrolled({ site: 'north' })
    await move('production')
    const before = cardOf(await ask(host.agent, '/hosts/v1/card'))
    // Within the second of the move nobody can tell which came first.
    await expect.poll(() => timestampOf(Date.now()) > moved!, soon).toBe(true)
    await open.yard.labelHost(host.answer.host, { labels: { site: 'south' } })
    const card = async () => cardOf(await ask(host.agent, '/hosts/v1/card'))
    // What hosts can read is asked of the refs twice a second.
    await expect.poll(card, soon).toMatchObject({
      labels: { site: 'south' },
      opened: { attempt: moved, labels: { site: 'north' } },
    })
    expect((await card()).counter).toBeGreaterThan(before.counter)
  })

  it('is for that host alone, by the name of its hash too', async () => {
    const [host, other] = [await enrolled(), await enrolled()]
    const { headers, body } = await ask(host.agent, '/hosts/v1/card')
    const path = String(headers['content-location'])
    expect(path).not.toContain(host.answer.host)
    expect(await ask(host.agent, path)).toMatchObject({ status: 200, body })
    expect(await ask(other.agent, path)).toMatchObject({ status: 403 })
  })
})

describe('whoever listens', () => {
  /** What a stream said up to a moment, and whether it ended. */
  async function listening(host: Host) {
    const response = await respond(host.agent, '/hosts/v1/events')
    expect(response.statusCode).toBe(200)
    const heard = { text: '', ended: false }
    response.setEncoding('utf8').on('data', text => (heard.text += text))
    response.once('end', () => (heard.ended = true)).once('error', () => undefined)
    return heard
  }

  it('hears of its own channel, and of halts', async () => {
    const heard = await listening(await enrolled())
    await move('staging')
    await move('production')
    await expect.poll(() => heard.text, soon).toMatch(/^event: departures\ndata: \d+$/m)
    expect(heard.text.match(/event: departures/g)).toHaveLength(1)
    await stopChannels(directory, { scope: [], who: 'ada', why: 'it burns' }, undefined, Date.now())
    await expect.poll(() => heard.text, soon).toMatch(/^event: halt\ndata: \d+$/m)
  })

  it('does so once', async () => {
    const host = await enrolled()
    const first = await listening(host)
    await listening(host)
    await expect.poll(() => first.ended, soon).toBe(true)
  })
})

describe('an operator', () => {
  it('holds a host, lends it what people have signed, and sees what it said last', async () => {
    const host = await enrolled()
    const { host: id } = host.answer
    const card = async () => cardOf(await ask(host.agent, '/hosts/v1/card'))
    const until = '20991231T000000Z' as Timestamp
    const before = await card()
    await open.yard.changeHostCard(id, { kind: 'hold', why: 'a trial' })
    const held = await card()
    expect(held.hold).toMatchObject({ why: 'a trial' })
    expect(held.counter).toBeGreaterThan(before.counter)
    await open.yard.changeHostCard(id, { kind: 'unhold' })
    await open.yard.changeHostCard(id, { kind: 'entitle', entitlements: ['beta' as Name] })
    const { release } = await move('production')
    await open.yard.changeHostCard(id, { kind: 'borrow', release: release.release, until, why: 'try it' })
    expect(await card()).toMatchObject({ entitlements: ['beta'], borrowing: { release, until } })
    expect((await card()).hold).toBeUndefined()
    const another = { kind: 'borrow', release: '20261119T070000Z' as Timestamp, until, why: 'x' } as const
    await expect(open.yard.changeHostCard(id, another)).rejects.toMatchObject({ code: 'refused' })
    await report(host, { reason: { word: 'waiting', sentence: 'not granted yet' } })
    expect(await open.yard.host(id)).toMatchObject({
      card: { entitlements: ['beta'] },
      said: { notes: [], report: { kind: 'started', reason: { word: 'waiting' } } },
    })
  })
})
