import type { Agent as HttpAgent, IncomingMessage } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import { messageOf, YardError } from '../../model/index.ts'
import type { Limits } from '../settings.ts'

/** Who we are to a server, and who it must be to us. PEM. */
export interface Credentials {
  ca: string[]
  key?: string | undefined
  certificate?: string | undefined
}

export interface Question {
  /** Path and query below the origin. */
  path: string
  method?: 'GET' | 'POST'
  body?: string
  /** The most bytes of the answer that are wanted: it is read up to one byte more. */
  maximum: number
}

export interface Answer {
  status: number
  body: Buffer
}

/** One server, asked over one connection that is kept. */
export interface Connection {
  /**
   * @throws TooSlow when a window of time brought too little, or the server has used up its time.
   * @throws Error when there is no server, or the answer breaks off.
   */
  ask(question: Question): Promise<Answer>
  /** For an answer that goes on: its status and bytes as they come, without limits of time. */
  open(path: string): Promise<IncomingMessage>
  close(): void
}

/** The server answers, but so slowly that the answer may never be there. */
export class TooSlow extends Error {}

/**
 * Redirects are not followed and nothing is decompressed: what is asked for is small and lies where it is said to be.
 * @param origin of which only protocol, host and port count.
 */
export function connectTo(origin: URL, credentials: Credentials | undefined, limits: Limits): Connection {
  const isSecure = origin.protocol === 'https:'
  // Loaded here: commands that ask nobody never need it, and it is a third of the program's start.
  const { Agent, request } = isSecure
    ? process.getBuiltinModule('node:https')
    : process.getBuiltinModule('node:http')
  const agent = new (Agent as typeof HttpsAgent)({
    keepAlive: true,
    maxSockets: 1,
    ...(isSecure && tlsOptions(credentials)),
  }) as HttpsAgent & HttpAgent
  const deadline = performance.now() + limits.place * 1000

  function send(question: Omit<Question, 'maximum'>) {
    const { path, method = 'GET', body } = question
    const length =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = request(new URL(path, origin), {
      agent,
      method,
      headers: { 'accept-encoding': 'identity', 'user-agent': 'switchyard-agent', ...length },
    })
    sent.end(body)
    return sent
  }

  return {
    ask(question) {
      return new Promise((resolve, reject) => {
        const sent = send(question)
        let total = 0
        let before = 0
        const fail = (error: Error) => {
          clearInterval(watch)
          sent.destroy()
          reject(error)
        }
        const watch = setInterval(() => {
          if (total - before < limits.bytes)
            fail(
              new TooSlow(`${total - before} bytes came in ${limits.window} s, of at least ${limits.bytes}`),
            )
          else if (performance.now() > deadline)
            fail(new TooSlow(`it has taken more than ${limits.place} s in all`))
          before = total
        }, limits.window * 1000)
        sent.on('error', fail)
        sent.on('response', answer => {
          const chunks: Buffer[] = []
          const done = () => {
            clearInterval(watch)
            resolve({
              status: answer.statusCode!,
              body: Buffer.concat(chunks).subarray(0, question.maximum + 1),
            })
          }
          answer.on('data', (chunk: Buffer) => {
            chunks.push(chunk)
            total += chunk.length
            if (total <= question.maximum) return
            done()
            sent.destroy()
          })
          answer.on('end', done)
          answer.on('error', fail)
        })
      })
    },
    open(path) {
      return new Promise((resolve, reject) => {
        const sent = send({ path })
        sent.on('error', reject)
        sent.on('response', resolve)
      })
    },
    close: () => agent.destroy(),
  }
}

/** Whoever has no authority of the yard's is asked as any server of the web: by what the machine's operator trusts. */
function tlsOptions(credentials: Credentials | undefined) {
  if (credentials === undefined)
    return { ca: process.getBuiltinModule('node:tls').getCACertificates('system') }
  const { ca, key, certificate } = credentials
  return { ca, ...(key !== undefined && certificate !== undefined && { key, cert: certificate }) }
}

/** For messages: what kept a server from answering, with the codes of TLS and of the network in words. */
export function unreachable(origin: string, error: unknown): YardError {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return new YardError('unavailable', `${origin}: ${reasons[code] ?? messageOf(error)}`, { cause: error })
}

const reasons: { [code: string]: string } = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it does not answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not by the yard's authority",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not by the yard's authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not by the yard's authority",
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
}
