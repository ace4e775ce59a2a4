import https from 'node:https'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { HostsConfiguration } from '../../config/index.ts'
import type { OpenYard } from '../../yard/index.ts'
import { addDeparturesRoutes } from '../departures-routes.ts'
import { addErrorAnswers } from '../error-answer.ts'
import { controlled, type HttpServer } from '../http-server.ts'
import { listenAt } from '../listening.ts'
import { addMetering } from '../metering.ts'
import type { RequestMeter } from '../operations/request-meter.ts'
import { createCallerOf } from './caller.ts'
import { addEnrolmentRoutes } from './enrolment-routes.ts'
import { addEventStreams } from './event-streams.ts'
import { addHostRoutes } from './host-routes.ts'
import { createServerIdentity } from './server-certificate.ts'

export interface HostsServerOptions {
  open: Pick<OpenYard, 'hosts' | 'content'>
  configuration: HostsConfiguration
  log: FastifyBaseLogger
  meter: RequestMeter
  scrub(message: string): string
  /** Milliseconds since the epoch. */
  now(): number
}

/** What a host may take of the server; times in milliseconds. What it sends is small, or is cut off. */
const limits = {
  handshakeTimeout: 10_000,
  headersTimeout: 15_000,
  /** For a whole request, its body included. */
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
}

/** At one moment. */
const mostConnections = 16_384

/** How often the listener looks after its certificate and the list of revoked ones, in milliseconds. */
const lookAfterEvery = 6 * 3_600_000

/**
 * The server for hosts: HTTPS with a certificate of the yard's own CA, which asks for the host's certificate and does not insist: a
 * machine that enrols has none, and statements are for everybody.
 */
export async function createHostsServer(options: HostsServerOptions): Promise<{
  listen(): Promise<{ url: string }>
  close(): Promise<void>
}> {
  const { open, configuration, log, meter, scrub, now } = options
  const identity = createServerIdentity(open, configuration.name, now)
  const tls = { minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false, ...limits } as const
  const server = https.createServer({ ...tls, ...(await identity()) })
  server.maxConnections = mostConnections
  const control = controlled(server)
  const app = createApp(control, log)
  addMetering(app, meter)
  addErrorAnswers(app, scrub)
  const callerOf = createCallerOf(open.hosts.authorities, now)
  addEnrolmentRoutes(app, open, callerOf)
  addHostRoutes(app, open, callerOf)
  const streams = addEventStreams(app, open, callerOf)
  addDeparturesRoutes(app, open.content)
  await app.ready()

  /** What cannot be done now is done the next time: certificate and list have days left. */
  async function lookAfter(): Promise<void> {
    try {
      server.setSecureContext({ ...tls, ...(await identity()) })
      await open.hosts.refreshRevocations()
    } catch (error) {
      log.warn({ err: error }, 'what hosts know the server by could not be made anew')
    }
  }
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  const look = () => {
    looking = lookAfter()
  }
  return {
    async listen() {
      const key = 'server: { hosts: { listen: 0.0.0.0:8444 } }'
      const listening = await listenAt(control, configuration.listen, { scheme: 'https', key })
      look()
      timer = setInterval(look, lookAfterEvery).unref()
      return listening
    },
    async close() {
      clearInterval(timer)
      streams.close()
      await control.drain()
      await app.close()
      await looking
    },
  }
}

/** Bodies come as text, whatever they say that they are: what a host says is a signed envelope. */
function createApp(
  { server, isDraining }: HttpServer & { isDraining(): boolean },
  log: FastifyBaseLogger,
): FastifyInstance {
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    serverFactory: handler =>
      server.on('request', (request, response) => {
        if (isDraining()) response.shouldKeepAlive = false
        handler(request, response)
      }),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body))
  return app
}
