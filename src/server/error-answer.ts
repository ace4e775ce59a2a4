import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, errorCodes, isYardError, YardError } from '../model/index.ts'

/** The body of every error of the API. */
interface ErrorBody {
  error: { code: ErrorCode; message: string; hint?: string }
}

/**
 * Errors leave as their code's HTTP status: as JSON from the API, as text elsewhere. What is no YardError is a defect: the
 * log has all of it, the answer nothing.
 */
export function addErrorAnswers(app: FastifyInstance, scrub: (message: string) => string): void {
  app.setErrorHandler((error: FastifyError | YardError | Error, request, reply) => {
    const known = asYardError(error)
    const status = known === undefined ? 500 : errorCodes[known.code].http
    if (known === undefined) request.log.error({ err: error, url: request.url }, 'a request failed')
    else if (status >= 500)
      request.log.warn({ err: error, url: request.url }, 'a request could not be answered')
    return answer(request, reply, status, bodyOf(known ?? internal, scrub))
  })
  app.setNotFoundHandler((request, reply) =>
    answer(request, reply, 404, {
      error: {
        code: 'not-found',
        message: 'there is nothing at this URL',
        hint: '/api/v1/openapi.json describes the API',
      },
    }),
  )
}

const internal = new YardError('internal', 'internal error', { hint: "the server's log says more" })

/** The framework's own complaints about a request are the client's fault; their texts are safe to show. */
function asYardError(error: FastifyError | YardError | Error): YardError | undefined {
  if (isYardError(error)) return error.code === 'internal' ? undefined : error
  const status = 'statusCode' in error ? error.statusCode : undefined
  return status !== undefined && status >= 400 && status < 500
    ? new YardError('usage', error.message)
    : undefined
}

function bodyOf(error: YardError, scrub: (message: string) => string): ErrorBody {
  const hint = error.hint ? { hint: scrub(error.hint) } : {}
  return { error: { code: error.code, message: scrub(error.message), ...hint } }
}

function answer(request: FastifyRequest, reply: FastifyReply, status: number, body: ErrorBody) {
  reply.code(status).headers({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
  if (request.url.startsWith('/api/')) return reply.send(body)
  const { code, message, hint } = body.error
  return reply
    .type('text/plain; charset=utf-8')
    .send(`${code}: ${message}\n${hint === undefined ? '' : `${hint}\n`}`)
}
