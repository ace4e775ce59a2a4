import type { AptUpstream } from '../../config/index.ts'
import { parseRelease, type Release } from '../../formats/index.ts'
import {
  type ByteString,
  digestOf,
  isYardError,
  type TrustAnchor,
  timestampOf,
  YardError,
} from '../../model/index.ts'
import { type Keyring, textOf, verifyClearSigned, verifyDetached } from '../../trust/index.ts'
import type { Fetcher } from '../fetcher.ts'
import type { PartAnswer, PartMemory } from '../part.ts'
import { directoryOf, type IndexFile, isFlat, joinPath, selectIndexFiles } from './select-files.ts'

/** One suite, verified: its Release, exactly as served, and the files that we want of it. */
export interface SuiteReading {
  suite: ByteString
  directory: ByteString
  release: Release
  /** The Release files as upstream serves them, by path within the files tree. */
  documents: { path: ByteString; bytes: Buffer }[]
  /** The signed text: what a sealed Release is made from. */
  signed: Buffer
  indexFiles: IndexFile[]
  trust: TrustAnchor
  memory: PartMemory
  mirror: string
}

export type SuiteAnswer = PartAnswer<SuiteReading>

export interface ReadSuiteOptions {
  /** The repository's name, for messages. */
  object: string
  upstream: AptUpstream
  suite: ByteString
  /** Undefined only with `trusted: true`. */
  keyring: Keyring | undefined
  memory: PartMemory | undefined
  /** Milliseconds since the epoch. */
  now: number
  signal?: AbortSignal | undefined
}

/** A Release file of a hundred suites' worth of indexes is below 8 MiB; more is not one. */
const maxReleaseBytes = 32 * 1024 * 1024
/** How far ahead a Date may be of our clock before the Release is "not valid yet" (apt: Acquire::Max-FutureTime). */
const maxFutureMilliseconds = 300_000

/**
 * Reads one suite's Release from the first mirror that has it, verified and not older than what we hold.
 * One conditional request when nothing changed. A mirror whose copy is unusable is reported only when no other is good.
 * @throws YardError `untrusted` (signature, weak digests), `stale` (Valid-Until passed, Date in the future),
 *   `configuration` (a component or architecture that the suite has not), `not-found`, `unavailable`.
 */
export async function readSuite(fetcher: Fetcher, options: ReadSuiteOptions): Promise<SuiteAnswer> {
  let failure: unknown
  let stale: SuiteAnswer | undefined
  for (const mirror of fetcher.mirrors) {
    try {
      const answer = await readFromMirror(fetcher, mirror, options)
      if (answer.kind !== 'stale') return answer
      if (stale?.kind !== 'stale' || answer.date > stale.date) stale = answer
    } catch (error) {
      if (!(error instanceof YardError) || error.code === 'cancelled' || error.code === 'configuration')
        throw error
      failure ??= error
    }
  }
  if (stale !== undefined) return stale
  throw failure
}

async function readFromMirror(
  fetcher: Fetcher,
  mirror: string,
  options: ReadSuiteOptions,
): Promise<SuiteAnswer> {
  const { memory, suite, now } = options
  const directory = directoryOf(suite)
  const validators = memory?.validators[mirror]
  const request = { maxBytes: maxReleaseBytes, mirror, ...(options.signal ? { signal: options.signal } : {}) }
  const inRelease = await fetcher.document(joinPath(directory, 'InRelease'), {
    ...request,
    // As apt does: with Release it is told the same again, if access is refused to everything.
    refusedIsAbsent: true,
    ...(validators ? { validators } : {}),
  })
  if (inRelease.kind === 'not-modified') return unchanged(memory!, options)
  const answer =
    inRelease.kind === 'absent'
      ? await fetcher.document(joinPath(directory, 'Release'), {
          ...request,
          ...(validators ? { validators } : {}),
        })
      : inRelease
  if (answer.kind === 'not-modified') return unchanged(memory!, options)
  if (answer.kind === 'absent')
    throw new YardError(
      'not-found',
      `${options.object}: ${mirror} has neither InRelease nor Release for the suite ${suite}; nothing was changed`,
      {
        hint: isFlat(suite) ? 'check the directory' : 'check the name of the suite and the URL',
      },
    )
  const document = digestOf(answer.bytes)
  if (document === memory?.document)
    return unchanged(
      { ...memory, validators: { ...memory.validators, [mirror]: answer.validators } },
      options,
    )

  const where = `${options.object}: ${mirror}/${joinPath(directory, inRelease.kind === 'absent' ? 'Release' : 'InRelease')}`
  const verified =
    inRelease.kind === 'absent'
      ? await verifyPair(fetcher, answer.bytes, directory, request, where, options)
      : await verifyInline(answer.bytes, where, options)
  const release = parseRelease(verified.signed, where)
  checkDates(release, where, options.upstream, now)
  const date = timestampOf(release.date)
  if (memory !== undefined && date < memory.date) return { kind: 'stale', date, mirror }
  const documents =
    inRelease.kind === 'absent'
      ? verified.documents
      : [
          ...verified.documents,
          ...(await readDetachedPair(fetcher, verified.signed, directory, request, options)),
        ]
  const remembered: PartMemory = {
    validators: { ...memory?.validators, [mirror]: answer.validators },
    document,
    date,
    ...(release.validUntil === undefined ? {} : { validUntil: timestampOf(release.validUntil) }),
  }
  return {
    kind: 'changed',
    reading: {
      suite,
      directory,
      release,
      documents,
      signed: verified.signed,
      indexFiles: selectIndexFiles(release, directory, suite, options.upstream),
      trust: verified.trust,
      memory: remembered,
      mirror,
    },
  }
}

/** Nothing new, but what we hold may have expired meanwhile. */
function unchanged(memory: PartMemory, options: ReadSuiteOptions): SuiteAnswer {
  if (
    options.upstream.checkValidUntil &&
    memory.validUntil !== undefined &&
    timestampOf(options.now) > memory.validUntil
  )
    throw new YardError(
      'stale',
      `${options.object}: the Release of ${options.suite} expired at ${memory.validUntil} and upstream has no newer one; the last snapshot is still served`,
      {
        hint: 'the mirror may have stopped updating: name another one, or set check-valid-until: false',
      },
    )
  return { kind: 'unchanged', memory }
}

interface Verified {
  signed: Buffer
  trust: TrustAnchor
  documents: { path: ByteString; bytes: Buffer }[]
}

async function verifyInline(bytes: Buffer, object: string, options: ReadSuiteOptions): Promise<Verified> {
  const documents = [{ path: joinPath(directoryOf(options.suite), 'InRelease'), bytes }]
  if (options.keyring === undefined)
    return { signed: textOf(bytes, object), trust: { kind: 'trusted' }, documents }
  const verdict = await verifyClearSigned(bytes, options.keyring, { now: options.now, object })
  return { signed: verdict.signed, trust: { kind: 'keys', fingerprints: verdict.fingerprints }, documents }
}

async function verifyPair(
  fetcher: Fetcher,
  release: Buffer,
  directory: ByteString,
  request: { maxBytes: number; mirror: string },
  object: string,
  options: ReadSuiteOptions,
): Promise<Verified> {
  const documents = [{ path: joinPath(directory, 'Release'), bytes: release }]
  const signature = await fetcher.document(joinPath(directory, 'Release.gpg'), request)
  if (signature.kind === 'document')
    documents.push({ path: joinPath(directory, 'Release.gpg'), bytes: signature.bytes })
  if (options.keyring === undefined) return { signed: release, trust: { kind: 'trusted' }, documents }
  if (signature.kind !== 'document')
    throw new YardError(
      'untrusted',
      `${object}: it is not signed (there is no InRelease and no Release.gpg); nothing was read`,
      {
        hint: 'an unsigned repository needs `trusted: true` spelled out',
      },
    )
  const verdict = await verifyDetached(release, signature.bytes, options.keyring, {
    now: options.now,
    object,
  })
  return { signed: release, trust: { kind: 'keys', fingerprints: verdict.fingerprints }, documents }
}

/**
 * Release and Release.gpg beside an InRelease, for clients that ask for them; only when they say the same, and the
 * signature only when it is as good as the other: it is a file of its own, which nothing else vouches for.
 */
async function readDetachedPair(
  fetcher: Fetcher,
  signed: Buffer,
  directory: ByteString,
  request: { maxBytes: number; mirror: string },
  options: ReadSuiteOptions,
): Promise<{ path: ByteString; bytes: Buffer }[]> {
  const optional = { ...request, refusedIsAbsent: true }
  const [release, signature] = await Promise.all([
    fetcher.document(joinPath(directory, 'Release'), optional),
    fetcher.document(joinPath(directory, 'Release.gpg'), optional),
  ])
  if (release.kind !== 'document' || !release.bytes.equals(signed)) return []
  const pair = [{ path: joinPath(directory, 'Release'), bytes: release.bytes }]
  return signature.kind === 'document' && (await isSignedBy(release.bytes, signature.bytes, options))
    ? [...pair, { path: joinPath(directory, 'Release.gpg'), bytes: signature.bytes }]
    : pair
}

async function isSignedBy(release: Buffer, signature: Buffer, options: ReadSuiteOptions): Promise<boolean> {
  const { keyring, now, object } = options
  if (keyring === undefined) return true
  try {
    await verifyDetached(release, signature, keyring, { now, object })
    return true
  } catch (error) {
    if (isYardError(error, 'untrusted')) return false
    throw error
  }
}

function checkDates(release: Release, object: string, upstream: AptUpstream, now: number): void {
  if (release.date > now + maxFutureMilliseconds)
    throw new YardError(
      'stale',
      `${object}: it is dated ${timestampOf(release.date)}, which is in the future; nothing was read`,
      { hint: "check this machine's clock" },
    )
  if (upstream.checkValidUntil && release.validUntil !== undefined && release.validUntil < now)
    throw new YardError(
      'stale',
      `${object}: it expired at ${timestampOf(release.validUntil)} (Valid-Until); nothing was read`,
      {
        hint: 'the mirror may have stopped updating: name another one, or set check-valid-until: false',
      },
    )
}
