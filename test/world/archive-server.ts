import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hash } from './hash.ts'

/** One request as the log keeps it. */
export interface LoggedRequest {
  /** Decoded, without the leading slash. */
  path: string
  /** 0: hung up without an answer. */
  status: number
  range: string | undefined
  conditional: boolean
}

/** Answers a request itself and says so with true, or leaves it to the archive. Its path is decoded, without the leading slash. */
export type Hook = (
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
) => boolean | Promise<boolean>

export interface ArchiveServer {
  url: string
  requests: LoggedRequest[]
  /** May misbehave; undefined serves the archive as it is. */
  onRequest: Hook | undefined
  /** Forgets the log and answers what it held. */
  drain(): LoggedRequest[]
  close(): Promise<void>
}

export interface Served {
  files: ReadonlyMap<string, Buffer>
  modified?: ReadonlyMap<string, number>
}

/** Serves an archive over HTTP as a good mirror does: ETag, Last-Modified, conditional requests, ranges. */
export async function serveArchive(archive: Served): Promise<ArchiveServer> {
  const requests: LoggedRequest[] = []
  const server = http.createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://archive').pathname).slice(1)
    const logged: LoggedRequest = {
      path,
      status: 0,
      range: request.headers.range,
      conditional: 'if-none-match' in request.headers || 'if-modified-since' in request.headers,
    }
    requests.push(logged)
    response.on('close', () => {
      if (response.headersSent) logged.status = response.statusCode
    })
    if ((await served.onRequest?.(path, request, response)) ?? false) return
    answer(archive, path, request, response)
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const served: ArchiveServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    onRequest: undefined,
    drain: () => requests.splice(0),
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return served
}

function answer(archive: Served, path: string, request: IncomingMessage, response: ServerResponse): void {
  const bytes = archive.files.get(path)
  if (bytes === undefined) {
    response.writeHead(404, { 'Content-Length': 3 }).end('no\n')
    return
  }
  const etag = `"${hash('sha256', bytes).slice(0, 20)}"`
  const modified = new Date(archive.modified?.get(path) ?? 1_700_000_000_000).toUTCString()
  const headers = { ETag: etag, 'Last-Modified': modified, 'Accept-Ranges': 'bytes' }
  const match = request.headers['if-none-match']
  if (match === etag || (match === undefined && request.headers['if-modified-since'] === modified)) {
    response.writeHead(304, headers).end()
    return
  }
  const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
  if (start > 0 && start < bytes.length) {
    const part = bytes.subarray(start)
    const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`
    response.writeHead(206, { ...headers, 'Content-Range': range, 'Content-Length': part.length }).end(part)
    return
  }
  response.writeHead(200, { ...headers, 'Content-Length': bytes.length }).end(bytes)
}

/** Hooks for the ways in which servers misbehave. `which` says for which paths. */
export const misbehave = {
  status:
    (code: number, which: (path: string) => boolean): Hook =>
    (path, _, response) => {
      if (!which(path)) return false
      response.writeHead(code, { 'Content-Length': 3 }).end('no\n')
      return true
    },
  /** Other bytes than the archive's; `length` may lie about them. */
  bytes:
    (make: (path: string) => { body: Buffer; length?: number } | undefined): Hook =>
    (path, _, response) => {
      const made = make(path)
      if (made === undefined) return false
      response.writeHead(200, { 'Content-Length': made.length ?? made.body.length })
      response.write(made.body)
      // What was announced and does not come is a connection that breaks off.
      if (made.length !== undefined && made.length > made.body.length)
        setTimeout(() => response.destroy(), 20)
      else response.end()
      return true
    },
  redirectLoop:
    (which: (path: string) => boolean): Hook =>
    (path, request, response) => {
      if (!which(path)) return false
      response.writeHead(302, { Location: request.url!, 'Content-Length': 0 }).end()
      return true
    },
  /** Hangs up without an answer. */
  hangUp:
    (which: (path: string) => boolean): Hook =>
    (path, request) => {
      if (!which(path)) return false
      request.socket.destroy()
      return true
    },
  delay:
    (milliseconds: number, which: (path: string) => boolean): Hook =>
    async path => {
      if (which(path)) await new Promise(resolve => setTimeout(resolve, milliseconds))
      return false
    },
}
