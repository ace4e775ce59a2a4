import { z } from 'zod'
import type { ErrorCode, Right, RightName } from '../../model/index.ts'

/** What a request says, checked. */
export interface Input<P, Q, B> {
  parameters: P
  query: Q
  body: B
}

/** One operation of the API. */
export interface Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  A = unknown,
> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `apiPrefix`; `{name}` stands for a parameter. */
  path: string
  summary: string
  parameters: P
  query: Q
  /** JSON; `blob`: any bytes, whose number Content-Length tells. */
  body: B | 'blob'
  /** JSON, whose schema encodes what the yard answers and decodes it again; `blob`: the bytes of a file. */
  answer: z.ZodType<A> | 'blob'
  /**
   * The right that a token must have of something before anything else is looked at; `any`: any token will do; undefined:
   * everybody may ask.
   */
  right?: RightName | 'any'
  /** All that the token must have, once it is known what is asked for; beside `right`. */
  rights?: (input: Input<z.output<P>, z.output<Q>, z.output<B>>) => Right[]
  /** Takes its time and tells how far it is: whoever accepts `application/x-ndjson` gets events, a line each, then the result. */
  isLong?: boolean
  /** What it may answer beside `internal`. */
  errors: readonly ErrorCode[]
}

export const none = z.strictObject({})

/** What a route does not say it has not: parameters, a query, a body. */
export function route<
  A,
  P extends z.ZodType = typeof none,
  Q extends z.ZodType = typeof none,
  B extends z.ZodType = typeof none,
>(
  given: Omit<Route<P, Q, B, A>, 'parameters' | 'query' | 'body'> & {
    parameters?: P
    query?: Q
    body?: B | 'blob'
  },
): Route<P, Q, B, A> {
  return { parameters: none as never, query: none as never, body: none as never, ...given }
}

export const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform(text => text === 'true')

/** What the catalog may answer when it is asked. */
export const catalogErrors = ['busy', 'damaged', 'unavailable'] as const

/** What whoever changes something may be answered beside. */
export const mutationErrors = [
  'usage',
  'unauthenticated',
  'forbidden',
  'not-found',
  'no-space',
  ...catalogErrors,
] as const
