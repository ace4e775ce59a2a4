import type { TransportConfiguration } from '../../config/index.ts'
import { YardError } from '../../model/index.ts'
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
import { foreignMirrors, type Mirror, pageMirror, parseMirrors } from './mirror.ts'
import { createMirrorOrder } from './mirror-order.ts'
import { type AptProxy, chooseProxy, type ProxyChoice } from './proxy.ts'
import { createRateLimit } from './rate-limit.ts'
import { rawBody } from './raw-body.ts'
import { readDocument } from './read-document.ts'
import { createScrubber } from './secrets.ts'
import { createSlots } from './slots.ts'
import { streamBlob } from './stream-blob.ts'
import { realSurroundings, type Surroundings } from './surroundings.ts'

export interface FetcherOptions {
  /** Base URLs, the first preferred: http, https, or `file:` for a tree on this machine. */
  urls: readonly string[]
  /** Documents at URLs of their own, which may have a query: lists of mirrors. */
  pages?: readonly string[]
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
  const { pages = [] } = options
  const lists = pages.map(page => pageMirror(page, object))
  const mirrors = options.urls.length === 0 && lists.length > 0 ? [] : parseMirrors(options.urls, object)
  const named = [...mirrors, ...lists]
  const proxy = await proxyFor(named, options)
  const credentials = await readCredentials(transport, named, environment, object)
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
  return fetcherAt(desk, named, connections.close)
}

/** Sets of other base URLs that are kept ready. */
const maxElsewhere = 16

/** `named`: what the operator named, the only ones to get credentials. */
function fetcherAt(
  desk: Desk,
  named: readonly Mirror[],
  closeConnections: () => void,
  parent?: AbortSignal,
): Fetcher {
  const closing = new AbortController()
  const closed = parent === undefined ? closing.signal : AbortSignal.any([closing.signal, parent])
  const elsewhere: { key: string; fetcher: Fetcher }[] = []
  const within = (signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? closed : AbortSignal.any([signal, closed])
  const flights = createFlights((request, blobs, mirror, broadcast, signal) =>
    fetchBlob(desk, request, blobs, mirror, broadcast, within(signal)),
  )
  const bring: Fetcher['blob'] = (request, blobs, options = {}) =>
    flights.board(request, blobs, options.mirror).join(options.signal)
  return {
    mirrors: desk.mirrors.map(mirror => mirror.base),
    document: (path, options) => readDocument(desk, path, options, within(options.signal)),
    page(url, options) {
      const page = named.find(mirror => mirror.page === url)
      if (page === undefined)
        throw new YardError('internal', `${desk.object}: a page that its upstream does not name`)
      const there = { ...desk, mirrors: [page], order: createMirrorOrder([page]) }
      return readDocument(there, '', options, within(options.signal))
    },
    raw: (path, options) => rawBody(desk, path, options, within(options.signal)),
    at(urls) {
      const key = urls.join(' ')
      const known = elsewhere.find(other => other.key === key)
      if (known !== undefined) return known.fetcher
      const mirrors = foreignMirrors(urls, named)
      const there = { ...desk, mirrors, order: createMirrorOrder(mirrors) }
      const fetcher = fetcherAt(there, named, () => {}, closed)
      elsewhere.push({ key, fetcher })
      // Lists of mirrors come in another order every time: whoever still holds an old one may use it, here it is forgotten.
      if (elsewhere.length > maxElsewhere) elsewhere.shift()
      return fetcher
    },
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
      for (const { fetcher } of elsewhere) await fetcher.close()
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
