import type { ByteString } from '../../model/index.ts'
import { YardError } from '../../model/index.ts'
import type { DocumentAnswer, Validators } from '../fetcher.ts'
import { mirrorsFor, type Outcome, retry } from './attempts.ts'
import type { Desk } from './desk.ts'
import { failureOf, type Trial } from './failure.ts'
import { faultOfStatus } from './fault.ts'
import { readLocalDocument } from './local-file.ts'
import { type Mirror, shownUrlIn } from './mirror.ts'
import { discard, receive } from './receive.ts'

export interface DocumentWish {
  maxBytes: number
  validators?: Validators | undefined
  mirror?: string | undefined
  refusedIsAbsent?: boolean | undefined
}

/** @throws YardError as `Fetcher.document`. */
export async function readDocument(
  desk: Desk,
  path: ByteString,
  wish: DocumentWish,
  signal: AbortSignal,
): Promise<DocumentAnswer> {
  const trials: Trial[] = []
  for (const mirror of mirrorsFor(desk, wish.mirror)) {
    const outcome = await retry(
      desk,
      mirror,
      () => 0,
      () => readOnce(desk, mirror, path, wish, signal),
      signal,
    )
    if (outcome.kind === 'done') return outcome.value
    trials.push({ mirror, path, fault: outcome })
  }
  const isAbsent = ({ fault: { kind } }: Trial) =>
    kind === 'absent' || (kind === 'forbidden' && wish.refusedIsAbsent === true)
  if (trials.every(isAbsent)) return { kind: 'absent' }
  throw failureOf(desk.object, path, trials)
}

type Answered = Outcome<Exclude<DocumentAnswer, { kind: 'absent' }>>

async function readOnce(
  desk: Desk,
  mirror: Mirror,
  path: ByteString,
  wish: DocumentWish,
  signal: AbortSignal,
): Promise<Answered> {
  await desk.slots.take(signal)
  try {
    return mirror.protocol === 'file:'
      ? await readLocally(desk, mirror, path, wish)
      : await readRemotely(desk, mirror, path, wish, signal)
  } finally {
    desk.slots.give()
  }
}

async function readLocally(
  desk: Desk,
  mirror: Mirror,
  path: ByteString,
  wish: DocumentWish,
): Promise<Answered> {
  const answer = await readLocalDocument(mirror, path, wish.maxBytes, wish.validators)
  if (answer.kind === 'too-long') throw tooLong(desk, mirror, path, wish)
  if (answer.kind !== 'document' && answer.kind !== 'not-modified') return answer
  if (answer.kind === 'document') {
    desk.cost.bytes += answer.bytes.length
    desk.cost.files++
  }
  return { kind: 'done', value: { ...answer, mirror: mirror.base } }
}

async function readRemotely(
  desk: Desk,
  mirror: Mirror,
  path: ByteString,
  wish: DocumentWish,
  signal: AbortSignal,
): Promise<Answered> {
  const reply = await desk.ask(mirror, path, conditions(wish.validators), signal)
  if (reply.kind !== 'reply') return reply
  const { response, status } = reply
  const { headers } = response
  if (status !== 200) {
    discard(response)
    if (status === 304 && wish.validators !== undefined)
      return { kind: 'done', value: { kind: 'not-modified', mirror: mirror.base } }
    return faultOfStatus(status, headers, desk.surroundings.now())
  }
  if (Number(headers['content-length'] ?? 0) > wish.maxBytes) {
    response.destroy()
    throw tooLong(desk, mirror, path, wish)
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity' && encoding !== '' && headers['content-length'] === undefined) {
    response.destroy()
    return { kind: 'unusable', reason: 'the server encoded the body though asked not to' }
  }
  const chunks: Buffer[] = []
  const ending = await receive(
    response,
    {
      maxBytes: wish.maxBytes,
      idleMilliseconds: desk.idleMilliseconds,
      pause: desk.pause,
      take: chunk => {
        desk.cost.bytes += chunk.length
        chunks.push(chunk)
        return undefined
      },
    },
    signal,
  )
  if (ending.kind === 'too-long') throw tooLong(desk, mirror, path, wish)
  if (ending.kind === 'broken') return ending
  desk.cost.files++
  const validators = validatorsOf(headers.etag, headers['last-modified'])
  return {
    kind: 'done',
    value: { kind: 'document', bytes: Buffer.concat(chunks), validators, mirror: mirror.base },
  }
}

function conditions(validators: Validators | undefined): { [name: string]: string } {
  return {
    ...(validators?.etag === undefined ? {} : { 'If-None-Match': validators.etag }),
    ...(validators?.lastModified === undefined ? {} : { 'If-Modified-Since': validators.lastModified }),
  }
}

function validatorsOf(etag: string | undefined, lastModified: string | undefined): Validators {
  return {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  }
}

function tooLong(desk: Desk, mirror: Mirror, path: ByteString, wish: DocumentWish): YardError {
  return new YardError(
    'invalid',
    `${desk.object}: ${shownUrlIn(mirror, path)} is larger than ${wish.maxBytes} bytes; nothing was read`,
    { hint: 'this is not the kind of file that a repository has here: check the URL' },
  )
}
