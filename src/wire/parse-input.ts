import type { z } from 'zod'
import { YardError } from '../model/index.ts'
import type { InputOf, Operation } from './routes/index.ts'
import { routeOf } from './routes/index.ts'

/**
 * The parameters, query and body of a request, checked against the route's schemas; a body of bytes is left alone.
 * @throws YardError `usage` that names what is wrong, unknown keys included.
 */
export function parseInput<O extends Operation>(
  operation: O,
  given: { parameters: unknown; query: unknown; body?: unknown },
): InputOf<O> {
  const { parameters, query, body } = routeOf(operation)
  return {
    parameters: check(parameters, given.parameters),
    query: check(query, given.query),
    body: body === 'blob' ? undefined : check(body, given.body ?? {}),
  } as InputOf<O>
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
