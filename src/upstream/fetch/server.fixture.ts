import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TransportConfiguration } from '../../config/index.ts'
import { digestOf } from '../../model/index.ts'
import type { BlobRequest, Fetcher } from '../fetcher.ts'
import { createFetcher, type FetcherOptions } from './create-fetcher.ts'
import type { Surroundings } from './surroundings.ts'

export interface TestServer {
  url: string
  /** Every request: `GET /path` and its Range. */
  requests: { path: string; range: string | undefined; headers: http.IncomingHttpHeaders }[]
  close(): Promise<void>
}

export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void

/** A server that answers each request, counted from 1, as it is told. */
export async function startServer(answer: Answer, tls?: https.ServerOptions): Promise<TestServer> {
  const requests: TestServer['requests'] = []
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push({ path: request.url!, range: request.headers.range, headers: request.headers })
    answer(request, response, requests.length)
  }
  const server = tls === undefined ? http.createServer(handle) : https.createServer(tls, handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Serves bytes the way a good server does, Range included. */
export function serve(bytes: Buffer): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const part = bytes.subarray(start)
    const partial = request.headers.range !== undefined
    response.writeHead(partial ? 206 : 200, {
      'Content-Length': part.length,
      ...(partial ? { 'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
    })
    response.end(part)
  }
}

/** Announces everything, sends some of it, and breaks off. */
export function breakOffAfter(bytes: Buffer, sent: number): Answer {
  return (_, response) => {
    response.writeHead(200, { 'Content-Length': bytes.length })
    response.write(bytes.subarray(0, sent), () => setTimeout(() => response.destroy(), 30))
  }
}

export function status(code: number, headers: http.OutgoingHttpHeaders = {}): Answer {
  return (_, response) => response.writeHead(code, headers).end('no')
}

/** Bytes that differ from one seed to the next and compress badly. */
export function someBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed * 2654435761
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    bytes[i] = state >>> 24
  }
  return bytes
}

export function requestFor(bytes: Buffer, ...paths: string[]): BlobRequest {
  return { paths: paths.length > 0 ? paths : ['pool/a.deb'], digest: digestOf(bytes), size: bytes.length }
}

export function transportWith(changes: Partial<TransportConfiguration> = {}): TransportConfiguration {
  return {
    concurrency: 4,
    rateLimit: undefined,
    attempts: 3,
    connectTimeoutSeconds: 5,
    idleTimeoutSeconds: 5,
    proxy: undefined,
    basicAuth: undefined,
    headers: [],
    clientCertificate: undefined,
    certificateAuthority: undefined,
    ...changes,
  }
}

/** Surroundings that do not wait but remember how long they should have. */
export function hurried(pauses: number[] = []): Surroundings {
  return {
    now: Date.now,
    random: () => 0.5,
    sleep: async (milliseconds, signal) => {
      pauses.push(milliseconds)
      await new Promise(resolve => setTimeout(resolve, 1))
      signal.throwIfAborted()
    },
  }
}

/** A fetcher that never waits between attempts. */
export function fetcherFor(
  urls: string[],
  transport: Partial<TransportConfiguration> = {},
  options: Partial<FetcherOptions> = {},
): Promise<Fetcher> {
  return createFetcher({
    urls,
    transport: transportWith(transport),
    environment: {},
    object: 'debian',
    surroundings: hurried(),
    ...options,
  })
}
