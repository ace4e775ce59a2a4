import type { ServerResponse } from 'node:http'
import { YardError } from '../../model/index.ts'
import type { Span } from './range.ts'
import { endWithin, stallMilliseconds } from './stall.ts'

/**
 * Sends chunks as they come, each when the one before has been handed to the socket. The head is written when the first chunk is there, so
 * that an error before it is still a proper answer: it is thrown. An error after it destroys the connection and is
 * thrown too. When the client goes away, or takes nothing of a chunk for `limit` milliseconds, the iterator is ended.
 */
export async function sendStream(
  response: ServerResponse,
  chunks: AsyncIterable<Uint8Array>,
  writeHead: () => void,
  onSent: (bytes: number) => void,
  limit = stallMilliseconds,
): Promise<void> {
  let begun = false
  response.on('timeout', () => response.destroy())
  try {
    for await (const chunk of chunks) {
      if (!begun) writeHead()
      begun = true
      if (!(await written(response, chunk, limit))) return
      onSent(chunk.length)
    }
    if (!begun) writeHead()
    endWithin(response, '', limit)
  } catch (error) {
    if (begun) response.destroy()
    throw error
  }
}

/** False when the client has gone. Only the client's pace counts, not that of whoever gives the chunks. */
function written(response: ServerResponse, chunk: Uint8Array, limit: number): Promise<boolean> {
  if (response.destroyed || response.socket?.destroyed) return Promise.resolve(false)
  return new Promise(resolve => {
    const gone = () => resolve(false)
    response.setTimeout(limit)
    response.once('close', gone)
    response.write(chunk, error => {
      response.setTimeout(0)
      response.off('close', gone)
      resolve(error == null)
    })
  })
}

/** The part of a stream that a range asks for. @throws YardError `damaged` when the stream is too short. */
export async function* partOf(chunks: AsyncIterable<Uint8Array>, span: Span): AsyncGenerator<Uint8Array> {
  let position = 0
  for await (const chunk of chunks) {
    const part = chunk.subarray(Math.max(0, span.start - position), Math.max(0, span.end - position))
    position += chunk.length
    if (part.length > 0) yield part
    if (position >= span.end) return
  }
  throw new YardError('damaged', 'the stored file ended early')
}
