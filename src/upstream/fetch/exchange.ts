import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import type https from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type Fault, faultOfError } from './fault.ts'
import { secureHttp } from './secure.ts'
import { cancelled } from './slots.ts'

/** One request as it goes over the wire. */
export interface Question {
  url: URL
  headers: OutgoingHttpHeaders
  agent: http.Agent
  connectMilliseconds: number
  /** From the connection to the first byte of the answer. */
  idleMilliseconds: number
  /** Set for requests through a CONNECT tunnel, which Node limits by itself. */
  tunnelMilliseconds: number | undefined
  scrub: (text: string) => string
}

export type Reply = { kind: 'reply'; response: IncomingMessage } | Fault

/** Kept-alive connections that the server closed just as we wrote are tried again so often, at once and uncounted. */
const staleConnections = 2

/**
 * Sends one GET and resolves with the head of the answer, its body still unread and paused.
 * @throws YardError `cancelled`; everything else that goes wrong is a Fault.
 */
export async function exchange(question: Question, signal: AbortSignal): Promise<Reply> {
  for (let stale = 0; ; stale++) {
    const reply = await exchangeOnce(question, signal)
    if (reply.kind !== 'stale') return reply
    if (stale === staleConnections) return { kind: 'broken', reason: reply.reason }
  }
}

type Attempt = Reply | { kind: 'stale'; reason: string }

function exchangeOnce(question: Question, signal: AbortSignal): Promise<Attempt> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(cancelled())
      return
    }
    let connected = false
    const request = send(question)
    const settle = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
    const give = (attempt: Attempt): void => {
      settle()
      resolve(attempt)
    }
    const abort = (): void => {
      settle()
      request.destroy()
      reject(cancelled())
    }
    const late = (): void => {
      give(lateFault(question, connected))
      request.destroy()
    }
    let timer = setTimeout(late, question.connectMilliseconds)
    signal.addEventListener('abort', abort, { once: true })
    request.on('socket', socket =>
      whenConnected(socket, () => {
        connected = true
        clearTimeout(timer)
        timer = setTimeout(late, question.idleMilliseconds)
      }),
    )
    request.on('error', error => {
      const fault = faultOfError(error, connected, question.scrub)
      give(request.reusedSocket && fault.kind === 'broken' ? { ...fault, kind: 'stale' } : fault)
    })
    request.on('response', response => {
      // Errors of the body are the reader's; one that comes before a reader listens must not end the process.
      response.on('error', () => {})
      give({ kind: 'reply', response })
    })
  })
}

function send(question: Question): http.ClientRequest {
  const { url } = question
  const options: https.RequestOptions = {
    hostname: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
    port: url.port,
    path: url.pathname + url.search,
    agent: question.agent,
    headers: question.headers,
    maxHeaderSize: 64 * 1024,
  }
  if (url.protocol === 'http:') return http.get(options)
  if (question.tunnelMilliseconds !== undefined) options.timeout = question.tunnelMilliseconds
  return secureHttp().get(options)
}

function whenConnected(socket: Socket, then: () => void): void {
  const { encrypted, secureConnecting } = socket as TLSSocket & { secureConnecting?: boolean }
  if (encrypted && secureConnecting) socket.once('secureConnect', then)
  else if (socket.connecting) socket.once('connect', then)
  else then()
}

function lateFault(question: Question, connected: boolean): Fault {
  if (connected) return { kind: 'broken', reason: `no answer within ${question.idleMilliseconds / 1000} s` }
  const reason = `no connection within ${question.connectMilliseconds / 1000} s`
  return { kind: 'unreachable', reason, lasting: false, hint: undefined }
}
