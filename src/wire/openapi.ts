import { z } from 'zod'
import { type ErrorCode, errorCodes } from '../model/index.ts'
import { apiPrefix, type Route, routes } from './routes.ts'
import { components, errorBody } from './schemas.ts'

type JsonObject = { [key: string]: unknown }

/** The API's description (OpenAPI 3.1), made from the route table alone. */
export function openApiDocument(): JsonObject {
  const paths: { [path: string]: JsonObject } = {}
  for (const [operation, route] of Object.entries(routes)) {
    const path = apiPrefix + route.path
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(operation, route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Switchyard',
      version: '1',
      description:
        'What can be asked of a yard. Names, versions and paths of repositories are bytes; they leave as UTF-8 text. Nothing can be changed here.',
    },
    paths,
    components: { schemas: schemasOf() },
  }
}

function describe(operation: string, route: Route): JsonObject {
  return {
    operationId: operation,
    summary: route.summary,
    parameters: [...inputs('path', route.parameters), ...inputs('query', route.query)],
    responses: { 200: response(route.summary, route.answer), ...errorResponses(route.errors) },
  }
}

function inputs(place: 'path' | 'query', schema: z.ZodObject): JsonObject[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' }) as {
    properties?: { [name: string]: JsonObject }
    required?: string[]
  }
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: property,
  }))
}

function errorResponses(codes: readonly ErrorCode[]): JsonObject {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of [...codes, 'internal' as const]) {
    const status = errorCodes[code].http
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries([...byStatus].map(([status, of]) => [status, response(of.join(', '), errorBody)]))
}

function response(description: string, schema: z.ZodType): JsonObject {
  return {
    description,
    content: { 'application/json': { schema: { $ref: uriOf(components.get(schema)!.id) } } },
  }
}

function uriOf(id: string): string {
  return `#/components/schemas/${id}`
}

/** JSON Schema 2020-12, which OpenAPI 3.1 takes as it is; references point into the description itself. */
function schemasOf(): JsonObject {
  const { schemas } = z.toJSONSchema(components, { uri: uriOf })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  )
}
