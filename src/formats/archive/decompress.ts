import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createGunzip, createZstdDecompress, gunzip } from 'node:zlib'
import { isYardError, messageOf, YardError } from '../../model/index.ts'
import { decodeBzip2 } from './bzip2.ts'
import { cutAtFrameEnds } from './zstd-frames.ts'

export type Compression = 'none' | 'gzip' | 'xz' | 'zstd' | 'bzip2'

export interface DecompressLimits {
  /** Most bytes that may come out. */
  maxBytes: number
  /** What is being read, for messages. */
  object: string
}

const suffixes: { [suffix: string]: Compression } = { gz: 'gzip', xz: 'xz', zst: 'zstd', bz2: 'bzip2' }
const chunkSize = 256 * 1024
const unzip = promisify(gunzip) as unknown as (bytes: Buffer, options: object) => Promise<UnzipResult>

/** With `info: true` node:zlib gives the engine too, which knows how many bytes it consumed. */
interface UnzipResult {
  buffer: Buffer
  engine: { bytesWritten: number }
}

/**
 * How a file of this name is compressed, by its suffix; `none` for a suffix that says nothing.
 * @throws YardError `invalid` for the obsolete `.lzma`, which is not read.
 */
export function compressionOf(fileName: string): Compression {
  const suffix = fileName.slice(fileName.lastIndexOf('.') + 1)
  if (suffix === 'lzma')
    throw new YardError('invalid', `${fileName} is compressed with lzma, which is not supported`, {
      hint: 'compress it with xz or zstd instead',
    })
  return Object.hasOwn(suffixes, suffix) ? suffixes[suffix]! : 'none'
}

/**
 * The decompressed bytes, as fast as they are taken (nothing is read ahead but a few chunks of 256 KiB and the decoder's own
 * window). Several members, frames, streams or blocks one after another are one content. Errors of `input` itself come through unchanged.
 * @throws YardError `invalid` when the data is corrupt, cut short, followed by something else, or more than `maxBytes`.
 */
export async function* decompress(
  kind: Compression,
  input: AsyncIterable<Uint8Array>,
  limits: DecompressLimits,
): AsyncGenerator<Buffer, void, undefined> {
  const watched = watchedInput(input)
  let size = 0
  try {
    for await (const chunk of decode(kind, watched.chunks)) {
      size += chunk.length
      if (size > limits.maxBytes) throw tooLarge(kind, limits)
      yield chunk
    }
  } catch (error) {
    throw watched.failedWith(error) ? error : faultOf(error, kind, limits)
  }
}

/**
 * The same for bytes that are in memory, whole and as fast as the decoder goes (gzip: 47 MB in about 0.1 s).
 * @throws YardError as `decompress`.
 */
export async function decompressAll(
  kind: Compression,
  bytes: Buffer,
  limits: DecompressLimits,
): Promise<Buffer> {
  if (kind === 'gzip') return await gunzipAll(bytes, limits)
  const chunks: Buffer[] = []
  for await (const chunk of decompress(kind, slicesOf(bytes), limits)) chunks.push(chunk)
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

/**
 * The same for content whose size is known, from a stream: no byte is held twice.
 * @throws YardError as `decompress`, and `invalid` when there is less than `size`.
 */
export async function decompressExactly(
  kind: Compression,
  input: AsyncIterable<Uint8Array>,
  size: number,
  object: string,
): Promise<Buffer> {
  const content = Buffer.allocUnsafeSlow(size)
  let filled = 0
  for await (const chunk of decompress(kind, input, { maxBytes: size, object }))
    filled += chunk.copy(content, filled)
  if (filled === size) return content
  throw new YardError('invalid', `${object} holds ${filled} bytes, not the ${size} that were announced`)
}

async function gunzipAll(bytes: Buffer, limits: DecompressLimits): Promise<Buffer> {
  try {
    const maxOutputLength = Math.min(Math.max(limits.maxBytes, 1), Number.MAX_SAFE_INTEGER)
    const { buffer, engine } = await unzip(bytes, { info: true, maxOutputLength, chunkSize })
    if (engine.bytesWritten !== bytes.length) throw trailing(engine.bytesWritten)
    if (buffer.length > limits.maxBytes) throw tooLarge('gzip', limits)
    return buffer
  } catch (error) {
    throw faultOf(error, 'gzip', limits)
  }
}

function decode(kind: Compression, input: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  switch (kind) {
    case 'none':
      return input
    case 'gzip':
      return throughGunzip(input)
    case 'zstd':
      return through(createZstdDecompress({ chunkSize }), cutAtFrameEnds(input))
    case 'xz':
      return lazilyDecodeXz(input)
    case 'bzip2':
      return decodeBzip2(input)
  }
}

/** Its WebAssembly, and the streams of the web behind it, are loaded by those alone that meet an .xz. */
async function* lazilyDecodeXz(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  const { decodeXz } = await import('./xz.ts')
  yield* decodeXz(input)
}

/** zlib passes over whatever follows a zero byte behind a member: what it did not consume is found by counting. */
async function* throughGunzip(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const engine = createGunzip({ chunkSize })
  let given = 0
  async function* counted(): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of input) {
      given += chunk.length
      yield chunk
    }
  }
  yield* through(engine, counted())
  if (engine.bytesWritten !== given) throw trailing(engine.bytesWritten)
}

async function* through(
  engine: Transform & { bytesWritten: number },
  input: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  const fed = pipeline(Readable.from(input, { objectMode: true, highWaterMark: 1 }), engine)
  // A failure reaches the reader through the engine; this only keeps it from being reported a second time.
  fed.catch(() => undefined)
  for await (const chunk of engine) yield chunk as Buffer
}

/** Passes chunks on and remembers whether the input itself failed, so that its error is not taken for corrupt data. */
function watchedInput(input: AsyncIterable<Uint8Array>) {
  let failure: { error: unknown } | undefined
  async function* chunks(): AsyncGenerator<Buffer, void, undefined> {
    try {
      for await (const chunk of input)
        if (chunk.length > 0) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    } catch (error) {
      failure = { error }
      throw error
    }
  }
  return {
    chunks: chunks(),
    failedWith: (error: unknown) => failure?.error === error && failure !== undefined,
  }
}

async function* slicesOf(bytes: Buffer): AsyncGenerator<Buffer, void, undefined> {
  for (let start = 0; start < bytes.length; start += 4 * chunkSize)
    yield bytes.subarray(start, start + 4 * chunkSize)
}

function faultOf(error: unknown, kind: Compression, limits: DecompressLimits): YardError {
  if (isYardError(error)) return error
  if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(kind, limits)
  const text = messageOf(error)
  const why = text === 'unexpected end of file' ? 'it is cut short' : text
  return new YardError('invalid', `${limits.object} cannot be decompressed with ${kind}: ${why}`, {
    cause: error,
  })
}

function tooLarge(kind: Compression, limits: DecompressLimits): YardError {
  return new YardError(
    'invalid',
    `${limits.object} cannot be decompressed with ${kind}: it holds more than the ${limits.maxBytes} bytes allowed`,
  )
}

function trailing(offset: number): Error {
  return new Error(`something else follows its end at byte ${offset}`)
}
