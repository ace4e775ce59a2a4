import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import {
  digestOf,
  type HostCard,
  type HostId,
  type HostReport,
  isYardError,
  type Name,
  timestampOf,
} from '../model/index.ts'
import {
  issuerForHosts,
  issueServerCertificate,
  keepAuthority,
  newHostId,
  planHostCertificate,
  readAuthorities,
  signHostCertificate,
} from '../trust/index.ts'
import {
  type EnrolmentAnswer,
  type EnrolmentFile,
  openEnrolmentRequest,
  openEnvelope,
  openRenewalRequest,
  type RenewalRequest,
  sealEnvelope,
  statementKeyOf,
} from '../trust/pure.ts'
import {
  channel,
  createYard,
  day,
  rolloutRole,
  train,
} from '../trust/statements/verify/repository.fixture.ts'

/**
 * A yard's server as hosts see it, over real TLS: departures that a test writes as it likes, and just enough of enrolment, cards,
 * reports and events to see what the agent asks for and how it takes the answers.
 */
export async function startYardServer() {
  const yard = createYard(Date.now())
  const directory = mkdtempSync(join(tmpdir(), 'agent-ca-'))
  await keepAuthority(directory, Date.now())
  const authorities = await readAuthorities(directory, Date.now())
  rmSync(directory, { recursive: true })
  const ca = authorities[0]!.certificate

  const hosts = new Map<HostId, string>()
  const listeners = new Set<ServerResponse>()
  const state = {
    yard,
    ca,
    token: 'a-token',
    /** Paths that were asked for, with the host whose certificate was shown. */
    asked: [] as { path: string; method: string; host: string | undefined }[],
    reports: [] as HostReport[],
    renewals: [] as RenewalRequest[],
    cards: new Map<HostId, HostCard>(),
    places: [] as string[],
    /** Answers in place of the server when it says true. */
    meddle: undefined as
      | ((path: string, answer: ServerResponse, request: IncomingMessage) => boolean)
      | undefined,
    certificateLife: 90 * day,
  }

  const server = createServer(
    {
      ...issueServerCertificate(authorities, ['127.0.0.1', 'localhost'], Date.now()),
      ca: [ca],
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, answer) => void handle(request, answer),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  state.places = [`${origin}/departures`]

  async function handle(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const path = request.url!
    const host = hostOf(request)
    state.asked.push({ path, method: request.method!, host })
    if (state.meddle?.(path, answer, request)) return
    try {
      const { status, body } = await answerTo(path, host, request, answer)
      if (status !== undefined) answer.writeHead(status).end(body)
    } catch (error) {
      const message = isYardError(error) ? error.message : String(error)
      answer.writeHead(403).end(JSON.stringify({ error: { code: 'refused', message } }))
    }
  }

  async function answerTo(
    path: string,
    host: HostId | undefined,
    request: IncomingMessage,
    answer: ServerResponse,
  ) {
    if (path.startsWith('/departures/')) {
      const bytes = yard.files.get(path.slice('/departures/'.length))
      return { status: bytes === undefined ? 404 : 200, body: bytes }
    }
    const text = await bodyOf(request)
    if (path === '/hosts/v1/enrol') return { status: 200, body: JSON.stringify(enrol(text)) }
    if (host === undefined) return { status: 401, body: '' }
    if (path === '/hosts/v1/renew') return { status: 200, body: JSON.stringify(renew(text, host)) }
    if (path === '/hosts/v1/card') {
      const card = state.cards.get(host)
      const body = card && JSON.stringify(sealEnvelope('card', card, yard.signers.get(rolloutRole)!))
      return { status: card === undefined ? 404 : 200, body }
    }
    if (path === '/hosts/v1/reports') {
      const trust = { keys: [statementKeyOf(hosts.get(host)!)], threshold: 1, object: 'report' }
      state.reports.push(openEnvelope('report', text, trust) as HostReport)
      return { status: 200, body: '{}' }
    }
    if (path === '/hosts/v1/events') {
      answer.writeHead(200, { 'content-type': 'text/event-stream' })
      answer.write(': here\n\n')
      listeners.add(answer)
      return { status: undefined }
    }
    return { status: 404, body: '' }
  }

  function enrol(text: string): EnrolmentAnswer {
    const { request, key } = openEnrolmentRequest(text)
    if (request.token !== state.token) throw new Error('the token is not good')
    const host = [...hosts].find(([, hex]) => hex === key.public)?.[0] ?? newHostId()
    hosts.set(host, key.public)
    state.cards.set(host, cardOf(host))
    return answerFor(host)
  }

  function renew(text: string, host: HostId): EnrolmentAnswer {
    const { request } = openRenewalRequest(text)
    if (request.host !== host) throw new Error('another host')
    state.renewals.push(request)
    return answerFor(host)
  }

  function answerFor(host: HostId): EnrolmentAnswer {
    const plan = { ...planHostCertificate(host, Date.now()), expires: Date.now() + state.certificateLife }
    const certificate = signHostCertificate(issuerForHosts(authorities), plan, hosts.get(host)!)
    return { version: 1, host, certificate, ca, train, channel, places: state.places }
  }

  return Object.assign(state, {
    origin,
    /** What `switchyard host token create` prints. */
    enrolmentFile(): EnrolmentFile {
      const metadata = yard.files.get('metadata/1.root.json')!
      const root = { sha256: digestOf(metadata), metadata: metadata.toString('base64') }
      return { version: 1, server: origin, ca, root, token: state.token, places: state.places }
    },
    /** Every host's card as it is now, but for some fields. */
    deal(changes: Partial<HostCard>): void {
      for (const [host, card] of state.cards)
        state.cards.set(host, { ...card, counter: card.counter + 1, ...changes })
    },
    /** Says something to whoever listens. */
    tell(event: string): void {
      for (const listener of listeners) listener.write(`event: ${event}\ndata: {}\n\n`)
    },
    isHeard: () => listeners.size > 0,
    /** Cuts off whoever listens. */
    hangUp(): void {
      for (const listener of listeners) listener.destroy()
      listeners.clear()
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}

export type YardServerFixture = Awaited<ReturnType<typeof startYardServer>>

function cardOf(host: HostId): HostCard {
  return {
    version: 1,
    host,
    counter: 1,
    issued: timestampOf(Date.now()),
    expires: timestampOf(Date.now() + 30 * day),
    train: train as Name,
    channel,
    labels: {},
    rankGroup: host,
    entitlements: [],
  }
}

/** A certificate that has expired proves who asks for another one, and nothing else. */
function hostOf(request: IncomingMessage): HostId | undefined {
  const socket = request.socket as TLSSocket
  const isLate = String(socket.authorizationError) === 'CERT_HAS_EXPIRED' && request.url === '/hosts/v1/renew'
  return socket.authorized || isLate ? (socket.getPeerCertificate().subject.CN as HostId) : undefined
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
