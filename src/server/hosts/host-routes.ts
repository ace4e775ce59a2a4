import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { cardName, maximumReportBytes } from '../../fleet/index.ts'
import { digestOf, YardError } from '../../model/index.ts'
import type { OpenYard } from '../../yard/index.ts'
import type { CallerOf } from './caller.ts'

/** What hosts say, and what each of them alone is told. */
export function addHostRoutes(
  app: FastifyInstance,
  { hosts }: Pick<OpenYard, 'hosts'>,
  callerOf: CallerOf,
): void {
  app.post('/hosts/v1/reports', { bodyLimit: maximumReportBytes }, async request => {
    const caller = await callerOf(request)
    return hosts.report(typeof request.body === 'string' ? request.body : '', caller)
  })

  const card = async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = await callerOf(request)
    const name = cardName(caller.host)
    const asked = (request.params as { name?: string }).name
    if (asked !== undefined && asked !== name)
      throw new YardError('forbidden', 'that is the card of another host')
    const text = await hosts.card(caller)
    const tag = `"${digestOf(Buffer.from(text))}"`
    reply.headers({
      'Cache-Control': 'private, no-cache',
      'Content-Location': `/hosts/v1/cards/${name}`,
      ETag: tag,
      'X-Content-Type-Options': 'nosniff',
    })
    if (request.headers['if-none-match'] === tag) return reply.code(304).send()
    return reply.type('application/json').send(text)
  }
  app.get('/hosts/v1/card', card)
  app.get('/hosts/v1/cards/:name', card)
}
