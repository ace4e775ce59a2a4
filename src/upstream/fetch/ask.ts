import type { IncomingMessage } from 'node:http'
import type { TransportConfiguration } from '../../config/index.ts'
import type { ByteString } from '../../model/index.ts'
import type { FetchCost } from '../fetcher.ts'
import type { Connections } from './connections.ts'
import type { Credentials } from './credentials.ts'
import { exchange, type Reply } from './exchange.ts'
import type { Fault } from './fault.ts'
import { type Mirror, urlIn } from './mirror.ts'
import { discard } from './receive.ts'
import { followRedirect, isRedirect, startTrail, type Trail } from './redirects.ts'
import { shownUrl } from './url.ts'

/** The head of a final answer: not a redirect. Its body must be read or discarded. */
export type FinalReply = { kind: 'reply'; response: IncomingMessage; status: number } | Fault

/** Asks a mirror for a path over HTTP, redirects followed. @throws YardError `cancelled`. */
export type Ask = (
  mirror: Mirror,
  path: ByteString,
  headers: { [name: string]: string },
  signal: AbortSignal,
) => Promise<FinalReply>

const commonHeaders = { 'User-Agent': 'switchyard/0.1.0', Accept: '*/*', 'Accept-Encoding': 'identity' }

export function createAsk(parts: {
  transport: TransportConfiguration
  connections: Connections
  credentials: Credentials
  cost: FetchCost
  scrub: (text: string) => string
}): Ask {
  const { transport, connections, credentials, cost, scrub } = parts
  const idleMilliseconds = transport.idleTimeoutSeconds * 1000
  const connectMilliseconds = transport.connectTimeoutSeconds * 1000

  function step(mirror: Mirror, trail: Trail, headers: object, signal: AbortSignal): Promise<Reply> {
    cost.requests++
    const secret = trail.trusted ? credentials.headersFor(mirror) : {}
    return exchange(
      {
        url: trail.url,
        headers: { ...commonHeaders, ...headers, ...secret },
        agent: connections.agentFor(trail.url, trail.trusted),
        connectMilliseconds,
        idleMilliseconds,
        tunnelMilliseconds: connections.tunnels ? connectMilliseconds : undefined,
        scrub,
      },
      signal,
    )
  }

  return async (mirror, path, headers, signal) => {
    let trail = startTrail(new URL(urlIn(mirror, path)), mirror.foreign !== true)
    for (;;) {
      const reply = await step(mirror, trail, headers, signal)
      if (reply.kind !== 'reply') return told(reply, trail)
      const status = reply.response.statusCode ?? 0
      if (!isRedirect(status)) return { ...reply, status }
      discard(reply.response)
      const next = followRedirect(trail, reply.response.headers.location)
      if ('refused' in next) return told({ kind: 'unusable', reason: next.refused }, trail)
      trail = next
    }
  }
}

/** A fault at the end of a redirect names the host that it happened at. */
function told(fault: Fault, trail: Trail): Fault {
  if (trail.seen.length === 1) return fault
  return { ...fault, reason: `redirected to ${shownUrl(trail.url)}: ${fault.reason}` }
}
