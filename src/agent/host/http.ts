import type { Agent as HttpAgent, IncomingMessage } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import { messageOf, YardError } from '../../model/index.ts'
import type { Limits } from '../settings.ts'
import { type Pace, startPace } from './pace.ts'

/** Who a server must be to us, and who we are to it. PEM. */
export interface Credentials {
  /** The yard's authorities. */
  ca: string
  /** Those that the machine's operator trusts will do as well. */
  web?: boolean
  key?: string
  certificate?: string
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
  /**
   * For an answer that goes on: its status and bytes as they come.
   * @param silence milliseconds without a byte after which it is given up.
   */
  open(path: string, silence: number): Promise<IncomingMessage>
  close(): void
}

/**
 * Redirects are not followed and nothing is decompressed: what is asked for is small and lies where it is said to be.
 * @param origin of which only protocol, host and port count.
 */
export function connectTo(origin: URL, credentials: Credentials, limits: Limits): Connection {
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
  let spent = 0
  /** Why it is asked no more: whoever was too slow once would be waited for again and again. */
  let givenUp: unknown

  function send({ path, method = 'GET', body }: Omit<Question, 'maximum'>, signal?: AbortSignal) {
    const length =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = request(new URL(path, origin), {
      agent,
      method,
      headers: { 'accept-encoding': 'identity', 'user-agent': 'switchyard-agent', ...length },
      ...(signal && { signal }),
    })
    sent.end(body)
    return sent
  }

  function exchange(question: Question, pace: Pace): Promise<Answer> {
    return new Promise((resolve, reject) => {
      let isAnswering = false
      const fail = (error: Error) => {
        if (!pace.signal.aborted) reject(error)
        else reject(isAnswering ? pace.signal.reason : Object.assign(error, { code: 'ETIMEDOUT' }))
      }
      const sent = send(question, pace.signal)
      sent.on('error', fail)
      sent.on('response', answer => {
        isAnswering = true
        const chunks: Buffer[] = []
        let length = 0
        const done = () => resolve({ status: answer.statusCode!, body: Buffer.concat(chunks) })
        answer.on('data', (chunk: Buffer) => {
          pace.add(chunk.length)
          chunks.push(chunk.subarray(0, question.maximum + 1 - length))
          length += chunk.length
          if (length <= question.maximum) return
          done()
          sent.destroy()
        })
        answer.on('end', done)
        answer.on('error', fail)
      })
    })
  }

  return {
    async ask(question) {
      if (givenUp !== undefined) throw givenUp
      const pace = startPace(limits, spent)
      try {
        return await exchange(question, pace)
      } catch (error) {
        if (pace.signal.aborted) givenUp = error
        throw error
      } finally {
        spent = pace.end()
      }
    },
    open(path, silence) {
      return new Promise((resolve, reject) => {
        const sent = send({ path })
        sent.setTimeout(silence, () => sent.destroy(new Error(`${origin.origin} has gone silent`)))
        sent.on('error', reject)
        sent.on('response', resolve)
      })
    },
    close: () => agent.destroy(),
  }
}

/**
 * Who vouches for a server. For the yard's own only the yard's CA does: it hands out cards and certificates. A mirror or a bucket may have a
 * certificate of the web, since it only brings statements, whose signatures the host verifies wherever they lie. Somebody always has to.
 */
function tlsOptions({ ca, web, key, certificate }: Credentials) {
  const system = web ? process.getBuiltinModule('node:tls').getCACertificates('system') : []
  return {
    ca: [...system, ca],
    ...(key !== undefined && certificate !== undefined && { key, cert: certificate }),
  }
}

/** For messages: what kept a server from answering, with the codes of TLS and of the network in words. */
export function unreachable(origin: string, error: unknown): YardError {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return new YardError('unavailable', `${origin}: ${reasons[code] ?? messageOf(error)}`, { cause: error })
}

const unvouched = 'nobody whom this host trusts vouches for its certificate'
const untimely = "by this machine's clock its certificate is not good"
const reasons: { [code: string]: string } = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it does not answer',
  CERT_HAS_EXPIRED: untimely,
  CERT_NOT_YET_VALID: untimely,
  SELF_SIGNED_CERT_IN_CHAIN: unvouched,
  DEPTH_ZERO_SELF_SIGNED_CERT: unvouched,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unvouched,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unvouched,
  CERT_SIGNATURE_FAILURE: unvouched,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
}
