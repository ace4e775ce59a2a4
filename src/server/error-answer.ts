import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, errorCodes, isYardError, YardError } from '../model/index.ts'
import { withoutTokens } from './scrub.ts'

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
    // What is left of a body that nobody reads would have to be taken in all the same.
    if (!request.raw.complete) reply.header('Connection', 'close')
    const body = bodyOfError(request, error, scrub)
    const { code } = body.error
    // A host takes a conflict for a refusal: what it may try again is told so.
    const isLater = code === 'busy' && request.url.startsWith('/hosts/')
    const status = isLater ? 429 : errorCodes[code].http
    if (isLater) reply.header('Retry-After', laterSeconds)
    if (status === 401) reply.header('WWW-Authenticate', 'Bearer')
    return answer(request, reply, status, body)
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

/** After which a host that came at a bad moment tries again. */
const laterSeconds = 60

/** What is answered for whatever was thrown; the log has what the answer has not. */
export function bodyOfError(
  request: FastifyRequest,
  error: unknown,
  scrub: (message: string) => string,
): ErrorBody {
  const known = asYardError(error)
  if (known === undefined)
    request.log.error({ err: error, url: withoutTokens(request.url) }, 'a request failed')
  else if (errorCodes[known.code].http >= 500)
    request.log.warn({ err: error, url: withoutTokens(request.url) }, 'a request could not be answered')
  return bodyOf(known ?? internal, scrub)
}

const internal = new YardError('internal', 'internal error', { hint: "the server's log says more" })

/** The framework's own complaints about a request are the client's fault; their texts are safe to show. */
function asYardError(error: unknown): YardError | undefined {
  if (isYardError(error)) return error.code === 'internal' ? undefined : error
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined
  const { statusCode } = error as FastifyError
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500
    ? new YardError('usage', error.message)
    : undefined
}

function bodyOf(error: YardError, scrub: (message: string) => string): ErrorBody {
  const hint = error.hint ? { hint: scrub(error.hint) } : {}
  return { error: { code: error.code, message: scrub(error.message), ...hint } }
}

function answer(request: FastifyRequest, reply: FastifyReply, status: number, body: ErrorBody) {
  reply.code(status).headers({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
  if (/^\/(?:api|hosts)\//.test(request.url)) return reply.send(body)
  const { code, message, hint } = body.error
  return reply
    .type('text/plain; charset=utf-8')
    .send(`${code}: ${message}\n${hint === undefined ? '' : `${hint}\n`}`)
}
