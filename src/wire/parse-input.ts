import type { z } from 'zod'
import { YardError } from '../model/index.ts'
import type { Operation, ParametersOf, QueryOf } from './routes.ts'
import { routes } from './routes.ts'

/**
 * The parameters and query of a request, checked against the route's schemas.
 * @throws YardError `usage` that names what is wrong, unknown keys included.
 */
export function parseInput<O extends Operation>(
  operation: O,
  parameters: unknown,
  query: unknown,
): { parameters: ParametersOf<O>; query: QueryOf<O> } {
  const { parameters: parametersSchema, query: querySchema } = routes[operation]
  return {
    parameters: check(parametersSchema, parameters) as ParametersOf<O>,
    query: check(querySchema, query) as QueryOf<O>,
  }
}

function check(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  )
  throw new YardError('usage', problems.join('; ').slice(0, 1000), {
    hint: '/api/v1/openapi.json describes the API',
  })
}
