import type { IncomingMessage } from 'node:http'
import type { Fault } from './fault.ts'
import { cancelled } from './slots.ts'

/** What reading a body needs to know. */
export interface Reception {
  /** The most bytes that the body may have. */
  maxBytes: number
  idleMilliseconds: number
  /** Called with each chunk in order; what it returns must resolve before the next one is read. */
  take: (chunk: Buffer) => Promise<void> | undefined
  /** Milliseconds to rest after so many bytes. */
  pause: (bytes: number) => number
}

/** How a body ended: complete as HTTP tells it, cut off by us because it is too long, or broken off. */
export type Ending = { kind: 'complete' } | { kind: 'too-long' } | Extract<Fault, { kind: 'broken' }>

/**
 * Reads a body by its raw events: a promise a body, not one a chunk. Reading stops while `take` or the rate asks for it.
 * @throws what `take` throws, and YardError `cancelled`; the connection is then closed.
 */
export function receive(
  response: IncomingMessage,
  reception: Reception,
  signal: AbortSignal,
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    let received = 0
    let resting = false
    const idle = setTimeout(onIdle, reception.idleMilliseconds)
    const settle = (): void => {
      clearTimeout(idle)
      signal.removeEventListener('abort', onAbort)
      response.off('data', onData).off('end', onEnd).off('error', onError).off('close', onError)
    }
    const finish = (ending: Ending): void => {
      settle()
      if (ending.kind !== 'complete') response.destroy()
      resolve(ending)
    }
    const fail = (error: unknown): void => {
      settle()
      response.destroy()
      reject(error)
    }
    function onIdle(): void {
      if (resting) idle.refresh()
      else finish({ kind: 'broken', reason: `nothing came for ${reception.idleMilliseconds / 1000} s` })
    }
    function onAbort(): void {
      fail(cancelled())
    }
    function onData(chunk: Buffer): void {
      idle.refresh()
      received += chunk.length
      if (received > reception.maxBytes) {
        finish({ kind: 'too-long' })
        return
      }
      const rest = restAfter(reception, chunk)
      if (rest === undefined) return
      resting = true
      response.pause()
      rest.then(() => {
        resting = false
        idle.refresh()
        response.resume()
      }, fail)
    }
    function onEnd(): void {
      finish({ kind: 'complete' })
    }
    function onError(): void {
      finish({ kind: 'broken', reason: `the connection broke off after ${received} bytes` })
    }
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    if (response.destroyed) return onError()
    response.on('data', onData).on('end', onEnd).on('error', onError).on('close', onError)
  })
}

/** Reads what is left of a small answer that nobody wants, so that its connection can be used again; closes it when it is large or slow. */
export function discard(response: IncomingMessage): void {
  const enough = 64 * 1024
  if (Number(response.headers['content-length'] ?? 0) > enough) {
    response.destroy()
    return
  }
  let received = 0
  const late = setTimeout(() => response.destroy(), 5000)
  response.on('data', chunk => {
    received += chunk.length
    if (received > enough) response.destroy()
  })
  response.on('close', () => clearTimeout(late))
}

function restAfter(reception: Reception, chunk: Buffer): Promise<void> | undefined {
  const taken = reception.take(chunk)
  const pause = reception.pause(chunk.length)
  if (pause <= 0) return taken
  // The connection keeps the process alive, not the rest; an aborted one ends at once.
  const paused = new Promise<void>(resolve => setTimeout(resolve, pause).unref())
  return taken === undefined ? paused : Promise.all([taken, paused]).then(() => {})
}
