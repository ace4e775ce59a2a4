import { type ByteString, YardError } from '../../model/index.ts'
import type { Blobs } from '../../store/index.ts'
import type { BlobRequest } from '../fetcher.ts'
import { mirrorsFor, type Outcome, retry } from './attempts.ts'
import type { Broadcast } from './broadcast.ts'
import type { Desk } from './desk.ts'
import { type Attempt, download } from './download.ts'
import { failureOf, type Trial } from './failure.ts'
import { type Incoming, openIncoming, type Verdict } from './incoming.ts'
import { copyFile } from './local-file.ts'
import type { Mirror } from './mirror.ts'

/**
 * Brings one blob into the store from the first mirror and path that gives its bytes; false when it was here already.
 * @throws YardError as `Fetcher.blob`.
 */
export async function fetchBlob(
  desk: Desk,
  request: BlobRequest,
  blobs: Blobs,
  mirror: string | undefined,
  broadcast: Broadcast,
  signal: AbortSignal,
): Promise<boolean> {
  if (await isHere(desk, request, blobs)) return false
  const incoming = await openIncoming(request, blobs, broadcast, desk.buffers, signal)
  if (incoming === undefined) {
    await isHere(desk, request, blobs)
    return false
  }
  try {
    const trials: Trial[] = []
    for (const each of mirrorsFor(desk, mirror)) {
      const verdict = await fromMirror(desk, each, request, incoming, trials, signal)
      if (verdict === undefined) continue
      if (verdict === 'committed') desk.cost.files++
      return verdict === 'committed'
    }
    throw failureOf(desk.object, `${request.paths[0]} (SHA-256 ${request.digest})`, trials)
  } finally {
    await incoming.keep()
  }
}

/** @throws YardError `damaged` when a blob of that digest is here but has another size than announced. */
export async function isHere(desk: Desk, request: BlobRequest, blobs: Blobs): Promise<boolean> {
  const size = await blobs.size(request.digest)
  if (size === undefined) return false
  if (size === request.size) return true
  throw new YardError(
    'damaged',
    `${desk.object}: the metadata says ${request.size} bytes of ${request.paths[0]}, but the blob with its SHA-256 ${request.digest} has ${size}; nothing was changed`,
  )
}

type Final = Extract<Verdict, 'committed' | 'elsewhere'>

/** Tries every path on one mirror; undefined when it gave nothing. */
async function fromMirror(
  desk: Desk,
  mirror: Mirror,
  request: BlobRequest,
  incoming: Incoming,
  trials: Trial[],
  signal: AbortSignal,
): Promise<Final | undefined> {
  for (const path of request.paths) {
    const outcome = await fromPath(desk, mirror, path, request.size, incoming, signal)
    if (outcome.kind === 'done') return outcome.value
    trials.push({ mirror, path, fault: outcome })
    if (outcome.kind !== 'absent' && outcome.kind !== 'forbidden') return undefined
  }
  return undefined
}

async function fromPath(
  desk: Desk,
  mirror: Mirror,
  path: ByteString,
  size: number,
  incoming: Incoming,
  signal: AbortSignal,
): Promise<Outcome<Final>> {
  let ranges = true
  const attemptOnce = async (): Promise<Outcome<Final>> => {
    for (;;) {
      const attempt = await bring(desk, mirror, path, incoming, { size, ranges }, signal)
      if (attempt.kind === 'no-range' && ranges) ranges = false
      else {
        const outcome = await judge(attempt, incoming)
        if (outcome !== 'mixed') return outcome
      }
    }
  }
  return retry(desk, mirror, () => incoming.position, attemptOnce, signal)
}

/** One attempt, in its slot. Everything may be here from an attempt that ended before it could commit. */
async function bring(
  desk: Desk,
  mirror: Mirror,
  path: ByteString,
  incoming: Incoming,
  wanted: { size: number; ranges: boolean },
  signal: AbortSignal,
): Promise<Attempt> {
  if (incoming.position === wanted.size) return { kind: 'arrived' }
  await desk.slots.take(signal)
  try {
    return mirror.protocol === 'file:'
      ? await copyFile(desk.cost, mirror, path, incoming, wanted.size, signal)
      : await download(desk, mirror, path, incoming, wanted, signal)
  } finally {
    desk.slots.give()
  }
}

/** Verifies what arrived. `mixed`: it was wrong, but perhaps not through this mirror, which is asked for the whole. */
async function judge(attempt: Attempt, incoming: Incoming): Promise<Outcome<Final> | 'mixed'> {
  if (attempt.kind === 'arrived') return blame(await incoming.commit(), 'its bytes have another SHA-256')
  if (attempt.kind === 'too-long') return blame(await incoming.reject(), attempt.reason)
  if (attempt.kind === 'no-range') return { kind: 'unusable', reason: attempt.reason }
  return attempt
}

function blame(verdict: Verdict, reason: string): Outcome<Final> | 'mixed' {
  if (verdict === 'mixed') return verdict
  return verdict === 'wrong' ? { kind: 'differs', reason } : { kind: 'done', value: verdict }
}
