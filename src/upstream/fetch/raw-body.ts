import type { ByteString } from '../../model/index.ts'
import { mirrorsFor } from './attempts.ts'
import type { Desk } from './desk.ts'
import { failureOf } from './failure.ts'
import { type Fault, faultOfStatus } from './fault.ts'
import { readLocalFile } from './local-file.ts'
import type { Mirror } from './mirror.ts'
import { discard } from './receive.ts'
import { cancelled } from './slots.ts'

/** @throws YardError as `Fetcher.raw`. */
export async function* rawBody(
  desk: Desk,
  path: ByteString,
  { mirror, maxBytes }: { mirror: string; maxBytes: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const [chosen] = mirrorsFor(desk, mirror)
  const failed = (fault: Fault) => failureOf(desk.object, path, [{ mirror: chosen!, path, fault }])
  await desk.slots.take(signal)
  let bytes = 0
  try {
    for await (const chunk of chunksOf(desk, chosen!, path, failed, signal)) {
      bytes += chunk.length
      desk.cost.bytes += chunk.length
      if (bytes > maxBytes)
        throw failed({ kind: 'differs', reason: `it sends more than the ${maxBytes} bytes that it may have` })
      yield chunk
      const pause = desk.pause(chunk.length)
      if (pause > 0) await desk.surroundings.sleep(pause, signal)
    }
    desk.cost.files++
  } finally {
    desk.slots.give()
  }
}

async function* chunksOf(
  desk: Desk,
  mirror: Mirror,
  path: ByteString,
  failed: (fault: Fault) => Error,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  if (mirror.protocol === 'file:') {
    const fault = yield* readLocalFile(mirror, path)
    if (fault !== undefined) throw failed(fault)
    return
  }
  const reply = await desk.ask(mirror, path, {}, signal)
  if (reply.kind !== 'reply') throw failed(reply)
  const { response, status } = reply
  if (status !== 200) {
    discard(response)
    throw failed(faultOfStatus(status, response.headers, desk.surroundings.now()))
  }
  const idle = setTimeout(() => response.destroy(new Error('idle')), desk.idleMilliseconds)
  const stop = () => response.destroy(new Error('cancelled'))
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const chunk of response) {
      idle.refresh()
      yield chunk as Buffer
    }
  } catch {
    if (signal.aborted) throw cancelled()
    throw failed({ kind: 'broken', reason: 'the connection broke off, or nothing came for too long' })
  } finally {
    clearTimeout(idle)
    signal.removeEventListener('abort', stop)
    response.destroy()
  }
}
