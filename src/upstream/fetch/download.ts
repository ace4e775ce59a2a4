import type { ByteString } from '../../model/index.ts'
import { judgeBlobAnswer } from './blob-answer.ts'
import type { Desk } from './desk.ts'
import type { Fault } from './fault.ts'
import type { Incoming } from './incoming.ts'
import type { Mirror } from './mirror.ts'
import { discard, receive } from './receive.ts'

/** What one attempt to bring a blob came to: `arrived` says nothing yet about its hash. */
export type Attempt =
  | { kind: 'arrived' }
  /** The mirror sent more than the blob has. */
  | { kind: 'too-long'; reason: string }
  /** The server cannot continue where we stopped: ask for the whole. */
  | { kind: 'no-range'; reason: string }
  | Fault

/** One attempt to bring a blob, or the rest of it, over HTTP. With `ranges` false the whole is asked for and what we have is passed over. */
export async function download(
  desk: Desk,
  mirror: Mirror,
  path: ByteString,
  incoming: Incoming,
  wanted: { size: number; ranges: boolean },
  signal: AbortSignal,
): Promise<Attempt> {
  const start = incoming.position
  const headers: { [name: string]: string } =
    wanted.ranges && start > 0 ? { Range: `bytes=${start}-${wanted.size - 1}` } : {}
  const reply = await desk.ask(mirror, path, headers, signal)
  if (reply.kind !== 'reply') return reply
  const { response, status } = reply
  const answer = judgeBlobAnswer(
    status,
    response.headers,
    { offset: 'Range' in headers ? start : 0, size: wanted.size },
    desk.surroundings.now(),
  )
  if (answer.kind !== 'body') {
    discard(response)
    return answer
  }
  // Without a Range the body begins at 0, whatever we hold already.
  let skip = 'Range' in headers ? answer.skip : start
  const ending = await receive(
    response,
    {
      maxBytes: skip + wanted.size - start,
      idleMilliseconds: desk.idleMilliseconds,
      pause: desk.pause,
      take(chunk) {
        desk.cost.bytes += chunk.length
        const passed = Math.min(skip, chunk.length)
        skip -= passed
        if (passed === chunk.length) return undefined
        return incoming.take(passed === 0 ? chunk : chunk.subarray(passed), mirror.base)
      },
    },
    signal,
  )
  await incoming.flush()
  if (ending.kind === 'broken') return ending
  if (ending.kind === 'too-long')
    return { kind: 'too-long', reason: `it sends more than the ${wanted.size} bytes that the metadata says` }
  if (incoming.position === wanted.size) return { kind: 'arrived' }
  return { kind: 'broken', reason: `the body ended after ${incoming.position} of ${wanted.size} bytes` }
}
