import type { ByteString } from '../../model/index.ts'
import { mirrorsFor, rest, worthwhile } from './attempts.ts'
import type { Desk } from './desk.ts'
import { failureOf } from './failure.ts'
import { type Fault, faultOfStatus } from './fault.ts'
import { readLocalFile } from './local-file.ts'
import type { Mirror } from './mirror.ts'
import { discard } from './receive.ts'
import { pauseBeforeRetry } from './retry.ts'
import { cancelled } from './slots.ts'

/** One body, by however many answers it comes. */
interface Body {
  mirror: Mirror
  path: ByteString
  maxBytes: number
  /** Bytes that were passed on so far. */
  position: number
}

/** @throws YardError as `Fetcher.raw`. */
export async function* rawBody(
  desk: Desk,
  path: ByteString,
  { mirror, maxBytes }: { mirror: string; maxBytes: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const body: Body = { mirror: mirrorsFor(desk, mirror)[0]!, path, maxBytes, position: 0 }
  for (let attempt = 1; ; attempt++) {
    const before = body.position
    const fault = yield* oneAnswer(desk, body, signal)
    if (fault?.kind === 'unreachable') desk.order.notReached(body.mirror, desk.surroundings.now())
    else desk.order.reached(body.mirror)
    if (fault === undefined) break
    if (body.position - before >= worthwhile) attempt = 1
    const pause = pauseBeforeRetry(fault, attempt, desk.attempts, desk.surroundings.random())
    if (pause === undefined) throw failureOf(desk.object, path, [{ mirror: body.mirror, path, fault }])
    await rest(desk, pause, signal)
  }
  desk.cost.files++
}

/** What one request gives of what is still missing, in its slot; returns why it ended early. */
async function* oneAnswer(
  desk: Desk,
  body: Body,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, Fault | undefined> {
  const { mirror, path, position } = body
  const isLocal = mirror.protocol === 'file:'
  await desk.slots.take(signal)
  const chunks = isLocal ? readLocalFile(mirror, path) : chunksOf(desk, body, position, signal)
  let passed = isLocal ? position : 0
  try {
    for (;;) {
      const next = await chunks.next()
      if (next.done === true) return next.value
      const skipped = Math.min(passed, next.value.length)
      passed -= skipped
      const chunk = next.value.subarray(skipped)
      desk.cost.bytes += chunk.length
      if (body.position + chunk.length > body.maxBytes)
        return { kind: 'differs', reason: `it has more than the ${body.maxBytes} bytes that it may have` }
      body.position += chunk.length
      if (chunk.length > 0) yield chunk
      const pause = desk.pause(next.value.length)
      if (pause > 0) await rest(desk, pause, signal)
    }
  } finally {
    await chunks.return(undefined)
    desk.slots.give()
  }
}

/** The body's bytes from `start` on. */
async function* chunksOf(
  desk: Desk,
  { mirror, path }: Body,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, Fault | undefined> {
  const headers: { [name: string]: string } = start === 0 ? {} : { Range: `bytes=${start}-` }
  const reply = await desk.ask(mirror, path, headers, signal)
  if (reply.kind !== 'reply') return reply
  const { response, status } = reply
  const isRest =
    status === 206 && new RegExp(`^bytes ${start}-`).test(response.headers['content-range'] ?? '')
  if (status !== 200 && !isRest) {
    discard(response)
    return status === 206 || status === 416
      ? { kind: 'unusable', reason: 'the server answered with another range than asked for' }
      : faultOfStatus(status, response.headers, desk.surroundings.now())
  }
  let skip = isRest ? 0 : start
  const idle = setTimeout(() => response.destroy(new Error('idle')), desk.idleMilliseconds)
  const stop = () => response.destroy(new Error('cancelled'))
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      idle.refresh()
      const skipped = Math.min(skip, chunk.length)
      skip -= skipped
      if (skipped < chunk.length) yield chunk.subarray(skipped)
      idle.refresh()
    }
    return undefined
  } catch (error) {
    if (signal.aborted) throw cancelled()
    return { kind: 'broken', reason: `the connection broke off: ${(error as Error).message}` }
  } finally {
    clearTimeout(idle)
    signal.removeEventListener('abort', stop)
    response.destroy()
  }
}
