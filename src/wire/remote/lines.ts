import type { JobEvent } from '../../jobs/index.ts'
import { YardError } from '../../model/index.ts'
import type { Verdict } from '../../train/index.ts'
import type { Told } from './ask.ts'
import { errorOf } from './error-in.ts'

/** Of one line, in characters: a result is one. */
const maxLine = 512 * 1024 * 1024

interface Line {
  event?: JobEvent
  verdict?: Verdict
  result?: unknown
  error?: { code: string; message: string; hint?: string }
}

/**
 * Hands on the events of a long operation, and answers its result.
 * @throws YardError the one it ended with; `unavailable` when it ended without a result.
 */
export async function resultOfLines(
  body: AsyncIterable<Uint8Array>,
  { onEvent, onVerdict }: Omit<Told, 'signal'>,
): Promise<unknown> {
  for await (const text of linesOf(body)) {
    if (text === '') continue
    const line = JSON.parse(text) as Line
    if (line.event !== undefined) onEvent?.(line.event)
    else if (line.verdict !== undefined) onVerdict?.(line.verdict)
    else if (line.error !== undefined) throw errorOf(line.error)
    else return line.result
  }
  throw new YardError(
    'unavailable',
    'the server ended its answer before the result: it was stopped, or is gone',
    {
      hint: 'look at what it has done with `switchyard log`, then try again',
    },
  )
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let parts: string[] = []
  let length = 0
  for await (const chunk of body) {
    const pieces = decoder.decode(chunk, { stream: true }).split('\n')
    for (const piece of pieces.slice(0, -1)) {
      yield [...parts, piece].join('')
      parts = []
      length = 0
    }
    const rest = pieces.at(-1)!
    length += rest.length
    if (length > maxLine) throw new YardError('unavailable', 'the server answers a line without end')
    parts.push(rest)
  }
}
