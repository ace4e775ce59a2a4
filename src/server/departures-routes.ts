import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { digestOf, YardError } from '../model/index.ts'
import type { Content } from '../repository/index.ts'

type Request = FastifyRequest<{ Params: { '*': string } }>

/**
 * `/departures/...`: the signed statements that hosts act on, as a mirror or a stick would hold them. Reads refs alone, so that
 * it works while everything else of the yard is gone.
 */
export function addDeparturesRoutes(app: FastifyInstance, content: Pick<Content, 'statement'>): void {
  app.get('/departures/*', async ({ params: { '*': path }, headers }: Request, reply: FastifyReply) => {
    const text = await content.statement(path)
    if (text === undefined) throw new YardError('not-found', 'there is no such statement')
    const tag = `"${digestOf(Buffer.from(text))}"`
    reply.headers({
      'Cache-Control': isNamedForItsContent(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
      ETag: tag,
      'X-Content-Type-Options': 'nosniff',
    })
    if (namesTag(headers['if-none-match'], tag)) return reply.code(304).send()
    return reply.type(path.endsWith('.json') ? 'application/json' : 'text/plain; charset=utf-8').send(text)
  })
}

/** By its version, or its hash: such a file never changes. */
function isNamedForItsContent(path: string): boolean {
  return /(?:^|\/)(?:\d+|[0-9a-f]{64})\.[^/]*$/.test(path)
}

/** RFC 9110, 13.1.2. A proxy that compresses on its way makes a tag weak. */
function namesTag(field: string | undefined, tag: string): boolean {
  if (field === undefined) return false
  const named = field.split(',').map(one => one.trim().replace(/^W\//, ''))
  return named.includes(tag) || named.includes('*')
}
