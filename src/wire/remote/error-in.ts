import { type ErrorCode, errorCodes, YardError } from '../../model/index.ts'
import { errorBody } from '../schemas/index.ts'

/** The most of an error's body that is read, in bytes. */
const maxBytes = 65_536

/** The error that a server answered, as it was thrown there. */
export async function errorIn(answer: Response, base: string): Promise<YardError> {
  const text = await textOf(answer)
  const result = errorBody.safeParse(parsed(text))
  if (result.success) return errorOf(result.data.error)
  return new YardError(
    'unavailable',
    `${base} answers ${answer.status}, and not as a server of switchyard does`,
    {
      hint: 'check the URL, and what stands between',
    },
  )
}

export function errorOf({
  code,
  message,
  hint,
}: {
  code: string
  message: string
  hint?: string | undefined
}) {
  const known: ErrorCode = code in errorCodes ? (code as ErrorCode) : 'internal'
  return new YardError(known, message, hint === undefined ? {} : { hint })
}

async function textOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.body ?? []) {
    size += chunk.length
    if (size > maxBytes) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
