import type { FastifyInstance } from 'fastify'
import type { CatalogView } from './catalog-view.ts'
import { exposition } from './exposition.ts'
import type { RequestMeter } from './request-meter.ts'

/** `/healthz` and `/metrics`. */
export function addOperationsRoutes(
  app: FastifyInstance,
  meter: RequestMeter,
  catalogView: () => Promise<CatalogView>,
  now: () => number,
): void {
  app.get('/healthz', async (_, reply) => {
    const catalog = await catalogView()
    reply.header('Cache-Control', 'no-store')
    // Still 200: content is served without the catalog, and a restart would not bring it back.
    return 'problem' in catalog
      ? { status: 'degraded', problems: [`catalog: ${catalog.problem}`] }
      : { status: 'ok', problems: [] }
  })
  app.get('/metrics', async (_, reply) => {
    const [own, ofProcess] = await Promise.all([
      catalogView().then(catalog => exposition(meter, catalog, now())),
      processMetrics().then(registry => registry.metrics()),
    ])
    return reply
      .header('Cache-Control', 'no-store')
      .type('text/plain; version=0.0.4; charset=utf-8')
      .send(own + ofProcess)
  })
}

let registry: Promise<import('prom-client').Registry> | undefined

/** Memory, CPU and event loop of this process. Loaded at the first scrape: it costs a start 70 ms. */
function processMetrics() {
  registry ??= import('prom-client').then(({ collectDefaultMetrics, Registry }) => {
    const made = new Registry()
    collectDefaultMetrics({ register: made })
    return made
  })
  return registry
}
