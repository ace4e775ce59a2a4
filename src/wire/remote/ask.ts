import { isYardError, messageOf, YardError } from '../../model/index.ts'
import type { JudgeOptions } from '../../train/index.ts'
import type { VerbOptions } from '../../yard/index.ts'
import { decodeAnswer } from '../codec.ts'
import { type AnswerOf, apiPrefix, type Operation, type RequestOf, routeOf } from '../routes/index.ts'
import { errorIn } from './error-in.ts'
import { resultOfLines } from './lines.ts'

export interface RemoteOptions {
  /** Base URL of a server, such as `https://yard.example.org`. */
  server: string
  /** The text of a token; without one only what everybody may see is answered. */
  token?: string | undefined
  /** Sends requests; a test's own. Default: the one of this Node. */
  fetch?: typeof globalThis.fetch
}

/** Who is told how far a long operation is, and what stops it. */
export type Told = { [Key in 'onEvent' | 'signal']?: VerbOptions[Key] | undefined } & Pick<
  JudgeOptions,
  'onVerdict'
>

export interface Asker {
  /** Asks for JSON. */
  ask<O extends Operation>(operation: O, request?: RequestOf<O>, options?: Told): Promise<AnswerOf<O>>
  /** Asks for bytes. */
  read<O extends Operation>(operation: O, request: RequestOf<O>): Promise<AsyncIterable<Uint8Array>>
  /** Sends bytes. */
  send<O extends Operation>(
    operation: O,
    request: RequestOf<O>,
    body: Blob,
    options?: Told,
  ): Promise<AnswerOf<O>>
}

/**
 * Asks a server what the route table describes. What it answers with an error is thrown as the error that it was there.
 * @throws (every method) YardError `unavailable` when the server cannot be reached or is none; `cancelled`.
 */
export function createAsker({ server, token, fetch = globalThis.fetch }: RemoteOptions): Asker {
  const base = baseOf(server)
  const authorization = token === undefined ? {} : { Authorization: `Bearer ${checked(token)}` }

  async function request(
    operation: Operation,
    { parameters, query }: { parameters?: unknown; query?: unknown },
    init: { headers: Record<string, string>; body?: string | Blob; signal?: AbortSignal | undefined },
  ): Promise<Response> {
    const { method, path } = routeOf(operation)
    const url = `${base}${apiPrefix}${pathOf(path, parameters)}${queryOf(query)}`
    const { headers, body, signal } = init
    try {
      const answer = await fetch(url, {
        method,
        headers: { ...authorization, ...headers },
        redirect: 'error',
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      })
      if (!answer.ok) throw await errorIn(answer, base)
      return answer
    } catch (error) {
      throw explained(error, base, signal)
    }
  }

  async function ask<O extends Operation>(
    operation: O,
    given: RequestOf<O> = {},
    options: Told = {},
  ): Promise<AnswerOf<O>> {
    const { body, isLong } = routeOf(operation)
    const isRead = routeOf(operation).method === 'GET' || routeOf(operation).method === 'DELETE'
    const content = isRead || body === 'blob' ? undefined : JSON.stringify(given.body ?? {})
    const { signal } = options
    const answer = await request(operation, given, {
      headers: {
        Accept: isLong === true ? 'application/x-ndjson' : 'application/json',
        ...(content === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(content === undefined ? {} : { body: content }),
      signal,
    })
    return received(operation, answer, options)
  }

  async function received<O extends Operation>(
    operation: O,
    answer: Response,
    { signal, ...told }: Told,
  ): Promise<AnswerOf<O>> {
    try {
      const isLines = answer.headers.get('content-type')?.startsWith('application/x-ndjson') === true
      const value = isLines ? await resultOfLines(answer.body!, told) : await answer.json()
      return decodeAnswer(operation, value)
    } catch (error) {
      throw explained(error, base, signal)
    }
  }

  return {
    ask,
    async read(operation, given) {
      const answer = await request(operation, given, { headers: { Accept: '*/*' } })
      return chunksOf(answer, base)
    },
    async send(operation, given, body, options = {}) {
      const { signal } = options
      const headers = { 'Content-Type': 'application/octet-stream', Accept: 'application/json' }
      return received(operation, await request(operation, given, { headers, body, signal }), options)
    },
  }
}

async function* chunksOf(answer: Response, base: string): AsyncIterable<Uint8Array> {
  try {
    if (answer.body !== null) yield* answer.body
  } catch (error) {
    throw explained(error, base, undefined)
  }
}

function baseOf(server: string): string {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '')
    return url.href.replace(/\/+$/, '')
  throw new YardError('usage', 'the URL of the server is none', {
    hint: 'write it as https://yard.example.org, without user, password or query',
  })
}

/** What cannot stand in a header would be quoted in the error that says so. */
function checked(token: string): string {
  if (/^[\x21-\x7e]{1,300}$/.test(token)) return token
  throw new YardError('usage', 'what is given as a token is none', {
    hint: '--token FILE names a file that holds the token alone',
  })
}

function pathOf(path: string, parameters: unknown): string {
  const given = new Map(Object.entries(parameters ?? {}))
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(given.get(name))))
}

function queryOf(query: unknown): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
  const text = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString()
  return text === '' ? '' : `?${text}`
}

function explained(error: unknown, base: string, signal: AbortSignal | undefined): unknown {
  if (isYardError(error)) return error
  if (signal?.aborted === true)
    return new YardError(
      'cancelled',
      'cancelled: the server was told to stop; what was served is still served',
    )
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return new YardError('unavailable', `the server ${base} cannot be asked: ${messageOf(cause)}`, {
    hint: 'is it running, and is the URL right? what it was asked to do it may have done',
    cause: error,
  })
}
