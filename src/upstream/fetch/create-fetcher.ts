import type { TransportConfiguration } from '../../config/index.ts'
import type { FetchCost, Fetcher } from '../fetcher.ts'
import { readAptProxy } from './apt-proxy.ts'
import { createAsk } from './ask.ts'
import { createBuffers } from './batch.ts'
import { createConnections } from './connections.ts'
import { readCredentials } from './credentials.ts'
import type { Desk } from './desk.ts'
import { fetchBlob } from './fetch-blob.ts'
import { fetchMany } from './fetch-many.ts'
import { createFlights } from './flights.ts'
import { type Mirror, parseMirrors } from './mirror.ts'
import { createMirrorOrder } from './mirror-order.ts'
import { type AptProxy, chooseProxy, type ProxyChoice } from './proxy.ts'
import { createRateLimit } from './rate-limit.ts'
import { readDocument } from './read-document.ts'
import { createScrubber } from './secrets.ts'
import { createSlots } from './slots.ts'
import { streamBlob } from './stream-blob.ts'
import { realSurroundings, type Surroundings } from './surroundings.ts'

export interface FetcherOptions {
  /** Base URLs, the first preferred: http, https, or `file:` for a tree on this machine. */
  urls: readonly string[]
  transport: TransportConfiguration
  /** Where secrets and proxies are looked up; read once, here. */
  environment: NodeJS.ProcessEnv
  /** Asks the machine's apt for its proxy; called at most once, only when configuration and environment name none. */
  aptProxy?: () => Promise<AptProxy | undefined>
  /** The repository's name, for messages. */
  object: string
  surroundings?: Surroundings
}

/**
 * Opens the way to one upstream. Reads secrets, certificates and proxy settings; connects to nobody yet.
 * @throws YardError `configuration` when a URL, secret, certificate or proxy is missing or unusable.
 */
export async function createFetcher(options: FetcherOptions): Promise<Fetcher> {
  const { transport, environment, object } = options
  const mirrors = parseMirrors(options.urls, object)
  const proxy = await proxyFor(mirrors, options)
  const credentials = await readCredentials(transport, mirrors, environment, object)
  const connections = await createConnections(transport, proxy, object)
  const cost: FetchCost = { requests: 0, bytes: 0, files: 0 }
  const scrub = createScrubber([...credentials.secrets, ...proxy.secrets])
  const desk: Desk = {
    object,
    mirrors,
    order: createMirrorOrder(mirrors),
    ask: createAsk({ transport, connections, credentials, cost, scrub }),
    slots: createSlots(transport.concurrency),
    buffers: createBuffers(),
    cost,
    surroundings: options.surroundings ?? realSurroundings,
    attempts: transport.attempts,
    concurrency: transport.concurrency,
    idleMilliseconds: transport.idleTimeoutSeconds * 1000,
    pause: pauseFor(transport.rateLimit),
  }
  return fetcherAt(desk, connections.close)
}

function fetcherAt(desk: Desk, closeConnections: () => void): Fetcher {
  const closing = new AbortController()
  const flights = createFlights((request, blobs, mirror, broadcast, signal) =>
    fetchBlob(desk, request, blobs, mirror, broadcast, signal),
  )
  const within = (signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal])
  const bring: Fetcher['blob'] = (request, blobs, options = {}) =>
    flights.board(request, blobs, options.mirror).join(options.signal)
  return {
    mirrors: desk.mirrors.map(mirror => mirror.base),
    document: (path, options) => readDocument(desk, path, options, within(options.signal)),
    blob: bring,
    stream: (request, blobs, options = {}) => streamBlob(desk, flights, request, blobs, options.signal),
    blobs: (requests, blobs, options = {}) =>
      fetchMany(
        requests,
        desk.concurrency,
        request => bring(request, blobs, options),
        options.onDone,
        options.signal,
      ),
    cost: () => ({ ...desk.cost }),
    async close() {
      closing.abort()
      await flights.close()
      closeConnections()
    },
  }
}

/** No proxy is looked up for trees and servers on this machine. */
function proxyFor(mirrors: readonly Mirror[], options: FetcherOptions): Promise<ProxyChoice> {
  const isNear = (mirror: Mirror): boolean =>
    mirror.protocol === 'file:' || /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(mirror.base).hostname)
  const askApt = async (): Promise<AptProxy | undefined> =>
    mirrors.every(isNear) ? undefined : (options.aptProxy ?? readAptProxy)()
  return chooseProxy(options.transport.proxy, options.environment, askApt, options.object)
}

function pauseFor(bytesPerSecond: number | undefined): (bytes: number) => number {
  if (bytesPerSecond === undefined) return () => 0
  const limit = createRateLimit(bytesPerSecond)
  return bytes => limit.take(bytes, performance.now())
}
