import { z } from 'zod'
import { YardError } from '../model/index.ts'
import { type AnswerOf, type Operation, routeOf } from './routes/index.ts'

/** What the yard answers, as it leaves: byte strings become UTF-8 text. */
export function encodeAnswer<O extends Operation>(operation: O, answer: AnswerOf<O>): unknown {
  return z.encode(schemaOf(operation), answer)
}

/** The other way round. @throws YardError `unavailable` when the server does not speak as we do. */
export function decodeAnswer<O extends Operation>(operation: O, received: unknown): AnswerOf<O> {
  const result = z.safeDecode(schemaOf(operation), received as never)
  if (result.success) return result.data as AnswerOf<O>
  const [problem] = result.error.issues
  throw new YardError(
    'unavailable',
    `the server answers ${operation} in a way that is not understood: ${problem?.path.join('.')}: ${problem?.message}`,
    { hint: 'use the version of switchyard that the server runs' },
  )
}

function schemaOf(operation: Operation): z.ZodType {
  const { answer } = routeOf(operation)
  if (answer === 'blob') throw new YardError('internal', `${operation} answers bytes`)
  return answer
}
