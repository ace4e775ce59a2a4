import http, { type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { acceptFirst } from './accept-first.ts'
import { guardBody } from './body-guard.ts'
import { maxUrlLength } from './content/content-path.ts'

/** At one moment; as many may wait to be accepted, where the system lets them (Linux: net.core.somaxconn). */
const mostConnections = 4096

/** What a client may take of the server; times in milliseconds. */
const limits = {
  /** For the whole head of a request. */
  headersTimeout: 15_000,
  /** A body has its own bounds (`guardBody`): a large package over a slow line takes its time. */
  requestTimeout: 0,
  /** Between two requests of one connection. */
  keepAliveTimeout: 65_000,
  /** Of a request's head, in bytes; twice the longest URL. */
  maxHeaderSize: 2 * maxUrlLength,
}

/** How long running answers may take after the server was told to stop, in milliseconds. */
const graceMilliseconds = 10_000

/** A server that begins and ends. */
export interface HttpServer {
  server: Server
  /** Listens on TCP; answers where. @throws NodeJS.ErrnoException when the address cannot be had. */
  listen(where: { host: string; port: number }): Promise<AddressInfo>
  /** Accepts nothing more, lets running answers finish within the time of grace, and then cuts them off. */
  drain(): Promise<void>
}

/** How a server begins and ends. `isDraining`: it was told to end. */
export function controlled(server: Server): HttpServer & { isDraining(): boolean } {
  let draining = false
  return {
    server,
    isDraining: () => draining,
    listen: where => listen(server, where),
    async drain() {
      draining = true
      if (!server.listening) return
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      // Connections whose answers were begun with keep-alive become idle one by one.
      const idle = setInterval(() => server.closeIdleConnections(), 50)
      const cut = setTimeout(() => server.closeAllConnections(), graceMilliseconds)
      await closed
      clearInterval(idle)
      clearTimeout(cut)
    },
  }
}

/** A server that hands trees to `content`, and the rest to `other`. */
export function createHttpServer(
  content: (request: IncomingMessage, response: ServerResponse) => void,
  other: RequestListener,
): HttpServer {
  const server = http.createServer(limits)
  const control = controlled(server)
  acceptFirst(server, (request, response) => {
    if (control.isDraining()) response.shouldKeepAlive = false
    request.url = originForm(request.url!)
    guardBody(request)
    if (isContent(request.url)) content(request, response)
    else if (request.url.length > maxUrlLength) response.writeHead(414, { Connection: 'close' }).end()
    else other(request, response)
  })
  server.maxConnections = mostConnections
  return control
}

/** Whether files of some tree lie below a path: not a release's record, nor setup files and the pages of trains. */
export function isContent(target: string): boolean {
  return (
    target.startsWith('/content/') ||
    /^\/releases\/[^/]*\/[^/]*\/(?!setup\/|release\.json|$)/.test(target) ||
    /^\/channels\/[^/]*\/[^/]*\/(?!setup\/|$)/.test(target)
  )
}

function listen(server: Server, where: { host: string; port: number }): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // Of those for whom the backlog has no place the system resets some, and leaves others waiting for a second.
    server.listen({ ...where, backlog: mostConnections }, () => {
      server.off('error', reject)
      resolve(server.address() as AddressInfo)
    })
  })
}

/** A target may be given as a whole URL (RFC 9112, 3.2.2): its host does not matter to us. */
function originForm(target: string): string {
  if (target.startsWith('/')) return target
  const path = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1]
  return path === undefined ? target : path.startsWith('/') ? path : `/${path}`
}
