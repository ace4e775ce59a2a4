import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import { messageOf, YardError } from '../model/index.ts'
import type { OpenYard } from '../yard/index.ts'
import { addApiRoutes } from './api/api-routes.ts'
import { type ContentListener, createContentListener } from './content/content-listener.ts'
import { addDeparturesRoutes } from './departures-routes.ts'
import { addErrorAnswers } from './error-answer.ts'
import { htmlHeaders } from './html.ts'
import { createHttpServer, type HttpServer } from './http-server.ts'
import { createCatalogView } from './operations/catalog-view.ts'
import { addOperationsRoutes } from './operations/operations-routes.ts'
import { createRequestMeter, type RequestKind, type RequestMeter } from './operations/request-meter.ts'
import { homePage, repositoryPage } from './pages.ts'
import { addReleaseRoutes } from './release-routes.ts'
import { createScrub, withoutTokens } from './scrub.ts'
import { baseUrl, checkPublicUrl } from './setup/base-url.ts'
import { addSetupRoutes } from './setup/setup-routes.ts'
import { trainPage } from './train-page.ts'

export interface ServerOptions {
  open: OpenYard
  /** How clients reach the server; without it, as each of them names it. */
  publicUrl?: string
  /** `info` writes a line for every answer. Default: `warn`. */
  logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Where log lines go, one JSON object a line. Default: standard error. */
  logTo?: { write(line: string): void }
  /** Milliseconds since the epoch; a test's own clock. */
  now?: () => number
}

export interface Server {
  /**
   * Listens where the configuration says; answers the URL under which this machine reaches it.
   * @throws YardError `unavailable` when the address cannot be had.
   */
  listen(): Promise<{ url: string }>
  /** Accepts no more requests, lets running ones finish for up to ten seconds, cuts the rest off. Idempotent. */
  close(): Promise<void>
}

/**
 * The server of a yard: content, setup files, API, metrics. Content and setup need refs and blobs only, so that they
 * are served while the catalog cannot be reached.
 * @throws YardError `usage` when `publicUrl` is none.
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { open, logLevel = 'warn', logTo = process.stderr, now = Date.now } = options
  const publicUrl = options.publicUrl === undefined ? undefined : checkPublicUrl(options.publicUrl)
  const scrub = createScrub(open.directory)
  const meter = createRequestMeter()
  let http: HttpServer | undefined
  let listener: ContentListener | undefined
  const app = Fastify({
    logger: { level: logLevel, stream: logTo },
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 200 },
    serverFactory: handler => {
      http = createHttpServer((request, response) => listener!.answer(request, response), handler)
      return http.server
    },
  })
  listener = createContentListener({
    content: open.content,
    meter,
    log: app.log,
    scrub,
    repositoryPage: name => repositoryPage(open.content, name),
  })
  addMetering(app, meter)
  addErrorAnswers(app, scrub)
  addSetupRoutes(app, open.content, publicUrl)
  addReleaseRoutes(app, open.content)
  addDeparturesRoutes(app, open.content)
  addApiRoutes(app, open, scrub)
  addOperationsRoutes(app, meter, createCatalogView(open.yard, scrub, now), now)
  addPages(app, open, publicUrl)
  await app.ready()
  return {
    async listen() {
      const listening = await listen(http!, open.configuration.server.listen)
      open.servedAt(listening.url)
      return listening
    },
    async close() {
      await http!.drain()
      listener.close()
      await app.close()
    },
  }
}

function addPages(app: FastifyInstance, open: OpenYard, publicUrl: string | undefined): void {
  const add = (path: string, page: (base: string, parameters: { train?: string }) => Promise<string>) =>
    app.get(path, async (request, reply) =>
      reply
        .headers({ ...htmlHeaders, 'Cache-Control': 'no-cache' })
        .send(await page(baseUrl(publicUrl, request.headers.host), request.params as { train?: string })),
    )
  add('/', base => homePage(open, base))
  for (const path of ['/channels/:train', '/channels/:train/', '/channels/:train/:channel/'])
    add(path, (base, { train = '' }) => trainPage(open, train, base))
}

/** Counts and logs what the framework answers; content counts itself. */
function addMetering(app: FastifyInstance, meter: RequestMeter): void {
  app.addHook('onResponse', async (request, reply) => {
    const kind = kindOf(request.url)
    const milliseconds = reply.elapsedTime
    const status = reply.statusCode
    meter.answered(kind, status, milliseconds / 1000)
    meter.sent(kind, Number(reply.getHeader('content-length') ?? 0))
    request.log.info(
      { method: request.method, path: withoutTokens(request.url.split('?')[0]!), status, milliseconds },
      'answered',
    )
  })
}

function kindOf(url: string): RequestKind {
  return url.startsWith('/api/') ? 'api' : /^\/(?:.*\/)?setup\//.test(url) ? 'setup' : 'operations'
}

async function listen(http: HttpServer, where: { host: string; port: number }): Promise<{ url: string }> {
  try {
    return { url: urlOf(await http.listen(where)) }
  } catch (error) {
    throw cannotListen(error as NodeJS.ErrnoException, where.host, where.port)
  }
}

/** An address that means "all of them" is reached by this machine at its loopback. */
function urlOf({ address, port }: AddressInfo): string {
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): YardError {
  const why =
    error.code === 'EADDRINUSE'
      ? 'something listens there already'
      : error.code === 'EACCES'
        ? 'this user may not use that port'
        : messageOf(error)
  return new YardError('unavailable', `cannot listen on ${host}:${port}: ${why}; nothing is served`, {
    hint: 'stop the other program, or set `server: { listen: 127.0.0.1:8081 }` in switchyard.yaml',
    cause: error,
  })
}
