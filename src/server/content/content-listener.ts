import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorCodes, isYardError, type Name } from '../../model/index.ts'
import type { Content, Resolution } from '../../repository/index.ts'
import { htmlHeaders } from '../html.ts'
import type { RequestMeter } from '../operations/request-meter.ts'
import { answerFile, cachingHeaders, type FileServices } from './answer-file.ts'
import { createBufferPool } from './buffer-pool.ts'
import { maxUrlLength, parseContentUrl, shownTarget } from './content-path.ts'
import { directoryPage } from './directory-page.ts'
import { answerText, type ContentLog, createExchange, type Exchange } from './exchange.ts'
import { createOpenFiles } from './open-files.ts'
import { createSmallFiles } from './small-files.ts'

export interface ContentListener {
  answer(request: IncomingMessage, response: ServerResponse): void
  /** Closes the files that are kept open. */
  close(): void
}

export interface ContentListenerOptions {
  content: Content
  meter: RequestMeter
  log: ContentLog
  /** Takes out of a message what must not leave. */
  scrub(message: string): string
  /** The page of a repository's snapshots; undefined when there is no such repository. */
  repositoryPage(repository: Name): Promise<string | undefined>
}

/** Answers everything below `/content/`, in front of the framework: this is the path of nearly every byte and request. */
export function createContentListener(options: ContentListenerOptions): ContentListener {
  const { meter, log } = options
  const services: FileServices = {
    content: options.content,
    pool: createBufferPool(),
    openFiles: createOpenFiles(),
    smallFiles: createSmallFiles(),
    onBroken: (path, error) => log.warn({ path, err: error }, 'a file was not sent to its end'),
  }
  return {
    answer(request, response) {
      const exchange = createExchange(request, response, { meter, log, kind: 'content' })
      respond(options, services, exchange).catch(error => answerError(options, exchange, error))
    },
    close: () => services.openFiles.close(),
  }
}

async function respond(
  options: ContentListenerOptions,
  services: FileServices,
  exchange: Exchange,
): Promise<void> {
  const { method, url } = exchange.request
  const target = url!
  if (method !== 'GET' && method !== 'HEAD')
    return answerText(exchange, 405, `${method} is not for content`, ['Allow', 'GET, HEAD'])
  if (target.length > maxUrlLength) return answerText(exchange, 414, 'the URL is too long')
  const asked = parseContentUrl(target)
  switch (asked.kind) {
    case 'malformed':
      return answerText(exchange, 400, `bad path: ${shownTarget(target)}: ${asked.fault}`)
    case 'unknown':
      return notFound(exchange)
    case 'unfinished':
      return withSlash(exchange)
    case 'repository':
      return answerPage(exchange, await options.repositoryPage(asked.repository))
    case 'tree': {
      const found = await services.content.resolve(asked.repository, asked.view, asked.path)
      if (found?.kind === 'file') return answerFile(services, exchange, found, asked.path)
      if (found?.kind === 'directory') return answerDirectory(exchange, found)
      return found?.kind === 'slash-missing' ? withSlash(exchange) : notFound(exchange)
    }
  }
}

function answerDirectory(exchange: Exchange, found: Resolution & { kind: 'directory' }): void {
  const page = directoryPage(shownTarget(exchange.request.url!), found.entries)
  const headers = [...Object.entries(htmlHeaders).flat(), ...cachingHeaders(found.immutable)]
  exchange.answer(200, headers, page)
}

function answerPage(exchange: Exchange, page: string | undefined): void {
  if (page === undefined) {
    notFound(exchange)
    return
  }
  const headers = [...Object.entries(htmlHeaders).flat(), ...cachingHeaders(false)]
  exchange.answer(200, headers, page)
}

function notFound(exchange: Exchange): void {
  answerText(exchange, 404, `not found: ${shownTarget(exchange.request.url!)}`)
}

function withSlash(exchange: Exchange): void {
  const [path, ...query] = exchange.request.url!.split('?')
  const location = [`${path}/`, ...query].join('?')
  answerText(exchange, 301, `see ${shownTarget(location)}`, ['Location', location])
}

function answerError(options: ContentListenerOptions, exchange: Exchange, error: unknown): void {
  const { response } = exchange
  if (response.closed) return
  if (response.headersSent) {
    options.log.error({ err: error }, 'an answer failed')
    response.destroy()
    return
  }
  const path = shownTarget(exchange.request.url!)
  if (!isYardError(error)) {
    options.log.error({ err: error, path }, 'a request failed')
    answerText(exchange, 500, `${path}: internal error; the server's log says more`)
    return
  }
  const status = errorCodes[error.code].http
  if (status >= 500) options.log.warn({ err: error, path }, 'a file could not be served')
  answerText(exchange, status, `${path}: ${error.code}: ${options.scrub(error.message)}`)
}
