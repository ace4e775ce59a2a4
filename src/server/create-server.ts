import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { OpenYard } from '../yard/index.ts'
import { addApiRoutes } from './api/api-routes.ts'
import { type ContentListener, createContentListener } from './content/content-listener.ts'
import { addDeparturesRoutes } from './departures-routes.ts'
import { addErrorAnswers } from './error-answer.ts'
import { createHostsServer } from './hosts/hosts-server.ts'
import { htmlHeaders } from './html.ts'
import { createHttpServer, type HttpServer } from './http-server.ts'
import { keepFresh, type Refreshing } from './keep-fresh.ts'
import { listenAt } from './listening.ts'
import { addMetering } from './metering.ts'
import { createCatalogView } from './operations/catalog-view.ts'
import { addOperationsRoutes } from './operations/operations-routes.ts'
import { createRequestMeter } from './operations/request-meter.ts'
import { homePage, repositoryPage } from './pages.ts'
import { addReleaseRoutes } from './release-routes.ts'
import { createScrub } from './scrub.ts'
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
   * Listens where the configuration says; answers the URL under which this machine reaches it, and the one for hosts.
   * @throws YardError `unavailable` when an address cannot be had.
   */
  listen(): Promise<{ url: string; hosts?: string }>
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
  const { hosts: forHosts, listen: where } = open.configuration.server
  const hosts =
    forHosts && (await createHostsServer({ open, configuration: forHosts, log: app.log, meter, scrub, now }))
  let refreshing: Refreshing | undefined
  return {
    async listen() {
      const listening = await listenAt(http!, where, {
        scheme: 'http',
        key: 'server: { listen: 127.0.0.1:8081 }',
      })
      open.servedAt(listening.url)
      refreshing = keepFresh(open, app.log)
      return hosts === undefined ? listening : { ...listening, hosts: (await hosts.listen()).url }
    },
    async close() {
      await Promise.all([http!.drain(), hosts?.close(), refreshing?.stop()])
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
