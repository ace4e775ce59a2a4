import { z } from 'zod'
import { type ErrorCode, errorCodes } from '../model/index.ts'
import { apiPrefix, type Operation, type Route, routeOf, routes } from './routes/index.ts'
import { components, errorBody } from './schemas/index.ts'

type JsonObject = { [key: string]: unknown }

/** The API's description (OpenAPI 3.1), made from the route table alone. */
export function openApiDocument(): JsonObject {
  const paths: { [path: string]: JsonObject } = {}
  for (const operation of Object.keys(routes) as Operation[]) {
    const route = routeOf(operation)
    const path = apiPrefix + route.path
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(operation, route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Switchyard',
      version: '1',
      description:
        'What can be asked of a yard. Names, versions and paths of repositories are bytes; they leave as UTF-8 text. Whatever changes something needs a token, which `switchyard token create` makes. An operation that takes its time answers whoever accepts application/x-ndjson with a line for each event, `{"event": ...}`, empty lines meanwhile, and at the end `{"result": ...}` or `{"error": ...}`; whoever closes the connection before cancels it.',
    },
    paths,
    components: { schemas: schemasOf(), securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  }
}

function describe(operation: Operation, route: Route): JsonObject {
  const { right } = route
  const body = bodyOf(route)
  return {
    operationId: operation,
    summary: route.summary,
    ...(right === undefined
      ? {}
      : { description: right === 'any' ? 'Any token.' : `A token with the right \`${right}\`.` }),
    ...(right === undefined ? {} : { security: [{ token: [] }] }),
    parameters: [...inputs('path', route.parameters), ...inputs('query', route.query)],
    ...(body === undefined ? {} : { requestBody: { required: true, content: body } }),
    responses: {
      200: { description: route.summary, content: answerOf(route) },
      ...errorResponses(route.errors),
    },
  }
}

function bodyOf({ body }: Route): JsonObject | undefined {
  if (body === 'blob') return { 'application/octet-stream': {} }
  const schema = schemaOf(body)
  return Object.keys(schema.properties ?? {}).length === 0 ? undefined : { 'application/json': { schema } }
}

function answerOf({ answer, isLong }: Route): JsonObject {
  if (answer === 'blob') return { 'application/octet-stream': {} }
  const lines = isLong === true ? { 'application/x-ndjson': {} } : {}
  return { ...jsonOf(answer), ...lines }
}

function inputs(place: 'path' | 'query', schema: z.ZodType): JsonObject[] {
  const { properties = {}, required = [] } = schemaOf(schema)
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: property,
  }))
}

/** As it is said, with all that it is made of. */
function schemaOf(schema: z.ZodType) {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io: 'input' })
  return described as { properties?: { [name: string]: JsonObject }; required?: string[] }
}

function errorResponses(codes: readonly ErrorCode[]): JsonObject {
  const byStatus = new Map<number, Set<ErrorCode>>()
  for (const code of [...codes, 'internal' as const]) {
    const status = errorCodes[code].http
    byStatus.set(status, new Set([...(byStatus.get(status) ?? []), code]))
  }
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      status,
      { description: [...of].join(', '), content: jsonOf(errorBody) },
    ]),
  )
}

function jsonOf(schema: z.ZodType): JsonObject {
  return { 'application/json': { schema: { $ref: uriOf(components.get(schema)!.id) } } }
}

function uriOf(id: string): string {
  return `#/components/schemas/${id}`
}

/** JSON Schema 2020-12, which OpenAPI 3.1 takes as it is; references point into the description itself. */
function schemasOf(): JsonObject {
  const { schemas } = z.toJSONSchema(components, { uri: uriOf, io: 'input' })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  )
}
