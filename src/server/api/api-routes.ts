import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { byteStringOfText, YardError } from '../../model/index.ts'
import {
  apiPrefix,
  encodeAnswer,
  type InputOf,
  type Operation,
  openApiDocument,
  parseInput,
  type Route,
  routeOf,
  routes,
} from '../../wire/index.ts'
import type { Bearer, OpenYard } from '../../yard/index.ts'
import { stallMilliseconds } from '../content/stall.ts'
import { bodyOfError } from '../error-answer.ts'
import { type Asked, answerers, type JsonOperation, type Told } from './answerers.ts'
import { checkRight, checkRights, createGuard, type Guard } from './authenticate.ts'
import { eventLines } from './event-lines.ts'

/** Of JSON, in bytes. */
const maxBody = 2 * 1024 * 1024
/** Of a blob, in bytes: larger packages are not seen. */
const maxBlob = 16 * 1024 ** 3

const lines = 'application/x-ndjson'

/** Binds every route of the table to the yard. */
export function addApiRoutes(app: FastifyInstance, open: OpenYard, scrub: (message: string) => string): void {
  const guard = createGuard(open.authenticate)
  app.addContentTypeParser('application/octet-stream', (_, payload, done) => done(null, payload))
  app.decorateRequest('bearer', undefined)
  for (const operation of Object.keys(routes) as Operation[]) addRoute(app, open, guard, operation, scrub)
  let document: string | undefined
  app.get(`${apiPrefix}/openapi.json`, async (_, reply) => {
    document ??= JSON.stringify(openApiDocument())
    return apiHeaders(reply).type('application/json').send(document)
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    bearer: Bearer | undefined
  }
}

function addRoute(
  app: FastifyInstance,
  open: OpenYard,
  guard: Guard,
  operation: Operation,
  scrub: (message: string) => string,
): void {
  const route = routeOf(operation)
  app.route({
    method: route.method,
    url: apiPrefix + route.path.replace(/\{(\w+)\}/g, ':$1'),
    bodyLimit: route.body === 'blob' ? maxBlob : maxBody,
    // Before the body is read: whoever may not ask has nothing read.
    onRequest: async request => {
      if (route.right === undefined) return
      request.bearer = await guard.bearerOf(request.headers.authorization)
      checkRight(request.bearer, route.right)
    },
    handler: async (request: FastifyRequest, reply) => {
      const { params: parameters, query, body } = request
      const input = parseInput(operation, { parameters, query, body })
      checkScopes(route, request.bearer, input)
      apiHeaders(reply)
      const yard =
        request.bearer === undefined ? open.yard : open.as({ who: request.bearer.name, via: 'api' })
      const asked = (options: Told): Asked<Operation> =>
        ({ ...input, yard, arrivals: open.arrivals, options, ...blobOf(route, request) }) as Asked<Operation>
      if (operation === 'readFile') return answerFile(reply, asked({}) as Asked<'readFile'>)
      const answerer = answerers[operation] as (asked: Asked<Operation>) => Promise<never>
      const signal = signalOf(reply)
      const answer = async (options: Told) =>
        encodeAnswer(operation as JsonOperation, await answerer(asked(options)))
      if (route.isLong !== true || !wantsLines(request)) return answer({ signal })
      const told = await eventLines(
        told => answer({ signal, ...told }),
        error => bodyOfError(request, error, scrub),
      )
      cutOffWhenStalled(reply)
      return reply.type(lines).send(Readable.from(told, { objectMode: false }))
    },
  })
}

function checkScopes({ rights }: Route, bearer: Bearer | undefined, input: InputOf<Operation>): void {
  if (rights !== undefined && bearer !== undefined) checkRights(bearer, rights(input))
}

function wantsLines({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes(lines) === true
}

/** A client that goes away before its answer cancels what it asked for, as Ctrl-C does on the command line. */
function signalOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort()
  })
  return gone.signal
}

function blobOf({ body }: Route, request: FastifyRequest): { blob?: Asked<Operation>['blob'] } {
  if (body !== 'blob') return {}
  const size = Number(request.headers['content-length'])
  if (!(request.body instanceof Readable) || !Number.isSafeInteger(size))
    throw new YardError('usage', 'a blob comes as application/octet-stream with its Content-Length')
  return { blob: { chunks: request.body, size } }
}

async function answerFile(reply: FastifyReply, { yard, parameters, query }: Asked<'readFile'>) {
  const chunks = await yard.cat(parameters.reference, byteStringOfText(query.path))
  cutOffWhenStalled(reply)
  return reply.type('application/octet-stream').send(Readable.from(chunks, { objectMode: false }))
}

/** Of an answer that is sent bit by bit: a client that takes nothing of it must not hold what it comes from. */
function cutOffWhenStalled({ raw }: FastifyReply): void {
  raw.setTimeout(stallMilliseconds, () => raw.destroy())
}

function apiHeaders(reply: FastifyReply): FastifyReply {
  return reply.headers({ 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' })
}
