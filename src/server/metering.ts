import type { FastifyInstance } from 'fastify'
import type { RequestKind, RequestMeter } from './operations/request-meter.ts'
import { withoutTokens } from './scrub.ts'

/** Counts and logs what the framework answers; content counts itself. */
export function addMetering(app: FastifyInstance, meter: RequestMeter): void {
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
  return url.startsWith('/api/')
    ? 'api'
    : url.startsWith('/hosts/')
      ? 'hosts'
      : /^\/(?:.*\/)?setup\//.test(url)
        ? 'setup'
        : url.startsWith('/departures/')
          ? 'departures'
          : 'operations'
}
