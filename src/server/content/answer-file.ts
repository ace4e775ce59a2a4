import { type ByteString, isYardError, millisecondsOf, YardError } from '../../model/index.ts'
import type { Content, OpenedFile, Resolution } from '../../repository/index.ts'
import type { BufferPool } from './buffer-pool.ts'
import { contentTypeOf } from './content-type.ts'
import { answerText, type Exchange } from './exchange.ts'
import type { OpenFile, OpenFiles } from './open-files.ts'
import { isNotModified, rangeHolds } from './preconditions.ts'
import { parseRange, type Span } from './range.ts'
import { sendFile } from './send-file.ts'
import { partOf, sendStream } from './send-stream.ts'
import type { SmallFiles } from './small-files.ts'
import { endWithin } from './stall.ts'

type File = Resolution & { kind: 'file' }

/** What answering with a file needs. */
export interface FileServices {
  content: Content
  pool: BufferPool
  openFiles: OpenFiles
  smallFiles: SmallFiles
  /** Told when a file could not be sent to its end. */
  onBroken(path: ByteString, error: unknown): void
}

/**
 * Answers GET or HEAD with one file of a tree, conditions and ranges included.
 * @throws YardError before a byte was sent: those of Content.open.
 */
export async function answerFile(
  services: FileServices,
  exchange: Exchange,
  file: File,
  path: ByteString,
): Promise<void> {
  const { headers } = exchange.request
  const { sha256, size } = file.entry
  const identity = { etag: `"${sha256}"`, modified: millisecondsOf(file.modified) }
  const validators = validatorHeaders(file, identity.etag, identity.modified)
  if (isNotModified(headers, identity)) return notModified(exchange, validators)
  const span =
    exchange.headOnly || !rangeHolds(headers, identity) ? undefined : parseRange(headers.range, size)
  if (span === 'unsatisfiable')
    return answerText(exchange, 416, `the file has ${size} bytes`, ['Content-Range', `bytes */${size}`])
  const head = headOf(exchange, path, size, span, validators)
  if (exchange.headOnly) {
    head()
    exchange.response.end()
    return
  }
  await sendBytes(services, exchange, { file, path, span, head })
}

interface Sending {
  file: File
  path: ByteString
  /** Undefined: the whole file. */
  span: Span | undefined
  head: () => void
}

async function sendBytes(services: FileServices, exchange: Exchange, sending: Sending): Promise<void> {
  const { sha256, size } = sending.file.entry
  if (!services.content.isGuarded(sending.file, sending.path)) {
    const known = services.smallFiles.find(sha256)
    if (known?.length === size) return sendBuffer(exchange, known, sending)
    const shared = services.openFiles.find(sha256, size)
    if (shared !== undefined) return sendDescriptor(services, exchange, shared, sending)
  }
  const opened = await openVerified(services, exchange, sending)
  if (opened === undefined) return
  if (opened.kind === 'stream') return sendPart(services, exchange, opened.stream, sending)
  if (size < services.smallFiles.limit)
    return sendBuffer(exchange, await services.smallFiles.read(sha256, opened.file), sending)
  const descriptor = await services.openFiles.open(sha256, opened.file, size)
  sendDescriptor(services, exchange, descriptor, sending)
}

/**
 * Opens the bytes, having them fetched when they are not here; a client that goes away ends that. A part of a file leaves
 * only when all of it is here, because only the whole can be verified. Undefined: it was sent while it came.
 */
async function openVerified(
  services: FileServices,
  exchange: Exchange,
  { file, path, span, head }: Sending,
): Promise<OpenedFile | undefined> {
  const gone = new AbortController()
  const abort = () => gone.abort()
  exchange.response.once('close', abort)
  try {
    const opened = await services.content.open(file, path, gone.signal)
    if (opened.kind === 'file') return opened
    if (span === undefined) {
      await sendStream(exchange.response, opened.stream, head, exchange.sent)
      return undefined
    }
    for await (const _ of opened.stream);
    return await services.content.open(file, path, gone.signal)
  } catch (error) {
    if (exchange.response.headersSent) services.onBroken(path, error)
    // What an upstream gave was not what it should be: the fault lies behind us.
    else if (isYardError(error, 'damaged'))
      throw new YardError('unavailable', error.message, { hint: error.hint ?? '', cause: error })
    else throw error
    return undefined
  } finally {
    exchange.response.off('close', abort)
  }
}

function sendBuffer(exchange: Exchange, bytes: Buffer, { span, head }: Sending): void {
  const part = span === undefined ? bytes : bytes.subarray(span.start, span.end)
  head()
  endWithin(exchange.response, part)
  exchange.sent(part.length)
}

function sendDescriptor(
  services: FileServices,
  exchange: Exchange,
  descriptor: OpenFile,
  { file, path, span, head }: Sending,
): void {
  head()
  const whole = { start: 0, end: file.entry.size }
  sendFile(exchange.response, descriptor.fd, span ?? whole, services.pool, (sent, error) => {
    services.openFiles.release(descriptor)
    exchange.sent(sent)
    if (error !== undefined) services.onBroken(path, error)
  })
}

/** From a store that has no files. */
async function sendPart(
  services: FileServices,
  exchange: Exchange,
  stream: AsyncIterable<Uint8Array>,
  { path, span, head }: Sending,
): Promise<void> {
  try {
    await sendStream(exchange.response, partOf(stream, span!), head, exchange.sent)
  } catch (error) {
    if (!exchange.response.headersSent) throw error
    services.onBroken(path, error)
  }
}

/** Which copies a cache may keep, and how it may ask whether they still hold (RFC 9111, 5.2; RFC 8246). */
export function cachingHeaders(immutable: boolean): string[] {
  return ['Cache-Control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache']
}

function validatorHeaders(file: File, etag: string, modified: number): string[] {
  const lastModified = new Date(modified).toUTCString()
  return ['ETag', etag, 'Last-Modified', lastModified, ...cachingHeaders(file.immutable)]
}

function notModified(exchange: Exchange, validators: string[]): void {
  exchange.head(304, validators)
  exchange.response.end()
}

/** The head of the whole file or of a part, to be written when the first byte is there. */
function headOf(
  exchange: Exchange,
  path: ByteString,
  size: number,
  span: Span | undefined,
  validators: string[],
): () => void {
  const length = span === undefined ? size : span.end - span.start
  const headers = [
    'Content-Length',
    String(length),
    'Content-Type',
    contentTypeOf(path),
    'X-Content-Type-Options',
    'nosniff',
    'Accept-Ranges',
    'bytes',
    ...validators,
  ]
  if (span === undefined) return () => exchange.head(200, headers)
  headers.push('Content-Range', `bytes ${span.start}-${span.end - 1}/${size}`)
  return () => exchange.head(206, headers)
}
