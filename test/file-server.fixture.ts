import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, normalize } from 'node:path'

/** How a server misbehaves for a path. */
export type Misbehaviour =
  | { kind: 'status'; status: number }
  /** Announces the whole file, sends so many bytes, and breaks off. */
  | { kind: 'truncate'; bytes: number }
  /** Sends other bytes of the same length. */
  | { kind: 'corrupt' }
  /** Waits before the first byte, in milliseconds. */
  | { kind: 'delay'; milliseconds: number }
  /** Sends so many bytes a second. */
  | { kind: 'slow'; bytesPerSecond: number }
  /** Anything else. */
  | { kind: 'answer'; answer(request: IncomingMessage, response: ServerResponse): void }

export interface FileServer {
  url: string
  /** Every request, in order. */
  requests: { method: string; path: string; headers: http.IncomingHttpHeaders }[]
  /** From now on, for paths that match (the decoded path, with its leading slash); `times` bounds how often. */
  misbehave(pattern: RegExp, misbehaviour: Misbehaviour, times?: number): void
  /** Forgets requests and misbehaviour. */
  reset(): void
  close(): Promise<void>
}

/** Serves a directory as a plain web server does: conditional requests and single ranges included. */
export async function serveFiles(directory: string): Promise<FileServer> {
  const requests: FileServer['requests'] = []
  let rules: { pattern: RegExp; misbehaviour: Misbehaviour; left: number }[] = []
  const server = http.createServer((request, response) => {
    const path = normalize(decodeURIComponent(request.url!.split('?')[0]!))
    requests.push({ method: request.method!, path, headers: request.headers })
    const rule = rules.find(({ pattern, left }) => left > 0 && pattern.test(path))
    if (rule !== undefined) rule.left--
    answer(directory, path, request, response, rule?.misbehaviour).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    misbehave(pattern, misbehaviour, times = Number.POSITIVE_INFINITY) {
      rules.unshift({ pattern, misbehaviour, left: times })
    },
    reset() {
      requests.length = 0
      rules = []
    },
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

async function answer(
  directory: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  misbehaviour: Misbehaviour | undefined,
): Promise<void> {
  if (misbehaviour?.kind === 'answer') return misbehaviour.answer(request, response)
  if (misbehaviour?.kind === 'status') return void response.writeHead(misbehaviour.status).end('no\n')
  if (misbehaviour?.kind === 'delay')
    await new Promise(resolve => setTimeout(resolve, misbehaviour.milliseconds))
  const file = join(directory, path)
  const stats = await stat(file).catch(() => undefined)
  if (!stats?.isFile()) return void response.writeHead(404).end('not found\n')
  const modified = new Date(Math.floor(stats.mtimeMs / 1000) * 1000).toUTCString()
  const etag = `"${stats.mtimeMs.toString(16)}-${stats.size.toString(16)}"`
  const validators = { 'Last-Modified': modified, ETag: etag }
  const { headers } = request
  const known = headers['if-none-match'] ?? headers['if-modified-since']
  if (known === etag || known === modified) return void response.writeHead(304, validators).end()
  const start = Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0)
  const length = stats.size - start
  const partial = start > 0 ? { 'Content-Range': `bytes ${start}-${stats.size - 1}/${stats.size}` } : {}
  response.writeHead(start > 0 ? 206 : 200, { 'Content-Length': length, ...validators, ...partial })
  if (request.method === 'HEAD') return void response.end()
  await send(response, file, start, misbehaviour)
}

async function send(
  response: ServerResponse,
  file: string,
  start: number,
  misbehaviour: Misbehaviour | undefined,
): Promise<void> {
  let left = misbehaviour?.kind === 'truncate' ? misbehaviour.bytes : Number.POSITIVE_INFINITY
  const slow = misbehaviour?.kind === 'slow' ? misbehaviour.bytesPerSecond : undefined
  const pace = slow === undefined ? {} : { highWaterMark: Math.max(1, Math.ceil(slow / 20)) }
  for await (const chunk of createReadStream(file, { start, ...pace }) as AsyncIterable<Buffer>) {
    const part = chunk.subarray(0, left)
    left -= part.length
    if (misbehaviour?.kind === 'corrupt') part.reverse()
    if (!(await written(response, part))) return
    if (left === 0) {
      await new Promise(resolve => setTimeout(resolve, 30))
      response.destroy()
      return
    }
    if (slow !== undefined) await new Promise(resolve => setTimeout(resolve, 50))
  }
  response.end()
}

/** False when the client has gone. */
function written(response: ServerResponse, chunk: Buffer): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false)
  return new Promise(resolve => {
    const gone = () => resolve(false)
    response.once('close', gone)
    response.write(chunk, error => {
      response.off('close', gone)
      resolve(error == null)
    })
  })
}
