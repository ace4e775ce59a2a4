import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { HostRecord } from '../../catalog/index.ts'
import type { DeparturesView } from '../../fleet/index.ts'
import { type Digest, type HostId, type Name, YardError } from '../../model/index.ts'
import type { OpenYard } from '../../yard/index.ts'
import { addErrorAnswers } from '../error-answer.ts'
import { addEventStreams } from './event-streams.ts'

/** What hosts can read, and which of them are hosts; a test changes it as it likes. */
const state = {
  channels: {} as { [name: string]: string },
  halts: 'none',
  revoked: new Set<string>(),
  catalogIsGone: false,
}
const view = (): DeparturesView => ({
  timestamp: 7,
  halt: 3,
  halts: state.halts as Digest,
  channel: async (_, channel) => ({
    departures: undefined,
    rollout: undefined,
    signers: undefined,
    attempts: new Set(),
    digest: (state.channels[channel] ?? 'first') as Digest,
  }),
})
const app = Fastify()
addErrorAnswers(app, message => message)
const streams = addEventStreams(
  app,
  {
    hosts: {
      departures: async () => view(),
      async host({ host }: { host: HostId }) {
        if (state.catalogIsGone) throw new YardError('unavailable', 'the catalog cannot be reached')
        if (state.revoked.has(host)) throw new YardError('forbidden', 'it was revoked')
        return { train: 'web' as Name, channel: host.split('-')[0] } as HostRecord
      },
    } as unknown as OpenYard['hosts'],
  },
  async request => ({ host: request.headers.host!, public: '', serial: '', validity: 'good' }) as never,
  { look: 10, heartbeat: 30 },
)
let port: number

beforeAll(async () => {
  await app.listen({ port: 0, host: '127.0.0.1' })
  port = (app.server.address() as AddressInfo).port
})
beforeEach(() => {
  state.catalogIsGone = false
})
afterAll(async () => {
  streams.close()
  await app.close()
})

async function listening(host: string) {
  const asked = get({ port, host: '127.0.0.1', path: '/hosts/v1/events', headers: { host }, agent: false })
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const heard = { status: response.statusCode, text: '', ended: false, response }
  response.setEncoding('utf8').on('data', text => (heard.text += text))
  response.once('close', () => (heard.ended = true))
  return heard
}
const soon = { timeout: 20_000 }
const beats = (text: string) => text.split(':\n\n').length - 1

it('hosts hear of their own channel, and all of them of halts', async () => {
  const [production, staging] = [await listening('production-1'), await listening('staging-1')]
  state.channels.production = 'second'
  await expect.poll(() => production.text, soon).toContain('event: departures\ndata: 7\n\n')
  state.halts = 'one'
  await expect.poll(() => production.text, soon).toContain('event: halt\ndata: 3\n\n')
  await expect.poll(() => staging.text, soon).toContain('event: halt')
  expect(staging.text).not.toContain('departures')
  expect(production.text.match(/event:/g)).toHaveLength(2)
})

it('what was there before is no news, though nobody listened', async () => {
  state.channels.quiet = 'second'
  const heard = await listening('quiet-1')
  await expect.poll(() => beats(heard.text), soon).toBeGreaterThan(3)
  expect(heard.text).not.toContain('event')
})

it('a silent stream says that it is there, also while the catalog is gone', async () => {
  const heard = await listening('production-3')
  state.catalogIsGone = true
  const before = beats(heard.text)
  await expect.poll(() => beats(heard.text), soon).toBeGreaterThan(before + 2)
  expect(heard.ended).toBe(false)
})

it('a host that is revoked hears nothing further', async () => {
  const heard = await listening('production-4')
  state.revoked.add('production-4')
  await expect.poll(() => heard.ended, soon).toBe(true)
  expect((await listening('production-4')).status).toBe(403)
})

it('the streams end with the server', async () => {
  const heard = await listening('production-5')
  streams.close()
  await expect.poll(() => heard.ended, soon).toBe(true)
})
