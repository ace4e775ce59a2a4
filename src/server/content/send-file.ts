import { read } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { BufferPool } from './buffer-pool.ts'
import type { Span } from './range.ts'
import { stallMilliseconds } from './stall.ts'

/**
 * Copies a part of a file to a response whose head is written, and ends it. One buffer is read while the other is being
 * written; the client's pace is the pace. A client that goes away, or stalls, ends it. Callbacks, not promises: this is the path of
 * every byte that is served. `onEnd` is called once, when the descriptor is no longer used: with the bytes handed to the
 * socket, and with the error when the file could not be read to the end (the connection is destroyed then, never
 * ended cleanly).
 */
export function sendFile(
  response: ServerResponse,
  fd: number,
  span: Span,
  pool: BufferPool,
  onEnd: (sent: number, error?: Error) => void,
): void {
  if (response.closed) {
    onEnd(0)
    return
  }
  const { size, count } = pool.begin()
  const free: Buffer[] = []
  let taken = 0
  let position = span.start
  let sent = 0
  let reading = false
  let writing = false
  let ready: { buffer: Buffer; length: number } | undefined
  let over = false
  let failure: Error | undefined

  function readNext(): void {
    if (over || reading || position >= span.end || ready !== undefined) return
    const buffer = free.pop() ?? (taken < count ? takeAnother() : undefined)
    if (buffer === undefined) return
    reading = true
    read(fd, buffer, 0, Math.min(size, span.end - position), position, (error, length) => {
      reading = false
      if (over) {
        pool.giveBack(buffer)
        return onEnd(sent, failure)
      }
      if (error !== null || length === 0) return fail(buffer, error ?? new Error('the file ended early'))
      position += length
      ready = { buffer, length }
      if (!writing) writeReady()
      readNext()
    })
  }

  function takeAnother(): Buffer {
    taken++
    return pool.take(size)
  }

  function writeReady(): void {
    const { buffer, length } = ready!
    ready = undefined
    writing = true
    response.write(length === size ? buffer : buffer.subarray(0, length), error => {
      writing = false
      if (over) return pool.giveBack(buffer)
      free.push(buffer)
      if (error != null) return stop()
      sent += length
      if (ready !== undefined) writeReady()
      if (!writing && position >= span.end) response.end()
      else readNext()
    })
  }

  function fail(buffer: Buffer, error: Error): void {
    failure = error
    free.push(buffer)
    response.destroy()
  }

  /** Runs once, when the response is closed; what is still under way gives its buffer back itself. */
  function stop(): void {
    if (over) return
    over = true
    response.off('close', stop)
    for (const buffer of free) pool.giveBack(buffer)
    if (ready !== undefined) pool.giveBack(ready.buffer)
    pool.end()
    if (!reading) onEnd(sent, failure)
  }

  response.on('close', stop)
  response.setTimeout(stallMilliseconds, () => response.destroy())
  readNext()
}
