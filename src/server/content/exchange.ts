import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import type { RequestKind, RequestMeter } from '../operations/request-meter.ts'
import { shownTarget } from './content-path.ts'
import { endWithin } from './stall.ts'

/** What content says of its answers, and at which level. */
export type ContentLog = Pick<FastifyBaseLogger, 'level' | 'info' | 'warn' | 'error'>

/** One request for content and its response. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly headOnly: boolean
  /** Writes the head; once. `headers` are names and values in turn. */
  head(status: number, headers: readonly string[]): void
  /** Writes head and body at once; only the head for HEAD. As one string they leave in one write. */
  answer(status: number, headers: readonly string[], body: string): void
  /** Counts bytes of the body that were handed to the socket. */
  sent(bytes: number): void
}

export function createExchange(
  request: IncomingMessage,
  response: ServerResponse,
  surroundings: { meter: RequestMeter; log: ContentLog; kind: RequestKind },
): Exchange {
  const { meter, log, kind } = surroundings
  const logsAnswers = log.level === 'info' || log.level === 'debug'
  const began = performance.now()
  const headOnly = request.method === 'HEAD'

  function head(status: number, headers: readonly string[]): void {
    response.writeHead(status, headers as string[])
    const milliseconds = performance.now() - began
    meter.answered(kind, status, milliseconds / 1000)
    if (logsAnswers)
      log.info({ method: request.method, path: shownTarget(request.url!), status, milliseconds }, 'answered')
  }

  return {
    request,
    response,
    headOnly,
    head,
    sent: bytes => meter.sent(kind, bytes),
    answer(status, headers, body) {
      const length = Buffer.byteLength(body)
      head(status, ['Content-Length', String(length), ...headers])
      if (headOnly) {
        response.end()
        return
      }
      endWithin(response, body)
      meter.sent(kind, length)
    },
  }
}

const textHeaders = [
  'Content-Type',
  'text/plain; charset=utf-8',
  'X-Content-Type-Options',
  'nosniff',
  'Cache-Control',
  'no-cache',
] as const

/** A short answer for people in plain text. */
export function answerText(exchange: Exchange, status: number, text: string, headers: string[] = []): void {
  exchange.answer(status, [...textHeaders, ...headers], `${text}\n`)
}
