import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { byteStringOfText } from '../model/index.ts'
import {
  type AnswerOf,
  apiPrefix,
  encodeDiff,
  encodeListing,
  encodeRepositories,
  encodeSearchHits,
  encodeSnapshot,
  encodeSnapshots,
  type Operation,
  openApiDocument,
  type ParametersOf,
  parseInput,
  type QueryOf,
  routes,
} from '../wire/index.ts'
import type { Yard } from '../yard/index.ts'

type Answerers = {
  [O in Operation]: (
    yard: Yard,
    input: { parameters: ParametersOf<O>; query: QueryOf<O> },
  ) => Promise<AnswerOf<O>>
}

const answerers: Answerers = {
  listRepositories: async yard => encodeRepositories(await yard.repositories()),
  listSnapshots: async yard => encodeSnapshots(await yard.snapshots()),
  listRepositorySnapshots: async (yard, { parameters }) =>
    encodeSnapshots(await yard.snapshots(parameters.repository)),
  getSnapshot: async (yard, { parameters }) => encodeSnapshot(await yard.snapshot(parameters.reference)),
  listFiles: async (yard, { parameters, query }) =>
    encodeListing(await yard.list(parameters.reference, byteStringOfText(query.path))),
  diff: async (yard, { query: { from, to, files, changelogs } }) =>
    encodeDiff(await yard.diff(from, to, { files, changelogs })),
  search: async (yard, { query: { package: pattern, repository, limit } }) =>
    encodeSearchHits(
      await yard.search(pattern, { limit, ...(repository === undefined ? {} : { repository }) }),
    ),
}

/** Binds every route of the table to the yard. */
export function addApiRoutes(app: FastifyInstance, yard: Yard): void {
  for (const operation of Object.keys(routes) as Operation[]) addRoute(app, yard, operation)
  let document: string | undefined
  app.get(`${apiPrefix}/openapi.json`, async (_, reply) => {
    document ??= JSON.stringify(openApiDocument())
    return apiHeaders(reply).type('application/json').send(document)
  })
}

function addRoute<O extends Operation>(app: FastifyInstance, yard: Yard, operation: O): void {
  const { method, path } = routes[operation]
  app.route({
    method,
    url: apiPrefix + path.replace(/\{(\w+)\}/g, ':$1'),
    handler: async (request: FastifyRequest, reply) => {
      const input = parseInput(operation, request.params, request.query)
      apiHeaders(reply)
      return answerers[operation](yard, input)
    },
  })
}

function apiHeaders(reply: FastifyReply): FastifyReply {
  return reply.headers({ 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' })
}
