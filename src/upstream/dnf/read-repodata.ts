import type { DnfUpstream } from '../../config/index.ts'
import { type MetalinkFile, parseRepomd, type Repomd } from '../../formats/index.ts'
import {
  type ByteString,
  digestOf,
  isYardError,
  type Timestamp,
  type TrustAnchor,
  timestampOf,
  YardError,
} from '../../model/index.ts'
import { type Keyring, verifyDetached } from '../../trust/index.ts'
import { joinPath } from '../apt/index.ts'
import type { Fetcher } from '../fetcher.ts'
import type { PartAnswer, PartMemory } from '../part.ts'
import { checkAgainstMetalink, namesDigest } from './metalink-check.ts'

/** One directory with repodata, verified: its repomd.xml, exactly as served. */
export interface RepodataReading {
  /** Above `repodata/`: `''` for the repository itself. */
  directory: ByteString
  repomd: Repomd
  /** The newest timestamp that it gives. */
  date: Timestamp
  /** repomd.xml and what vouches for it, by path within the files tree. */
  documents: { path: ByteString; bytes: Buffer }[]
  /** Keys that we name verify repomd.xml.asc. */
  signed: boolean
  trust: TrustAnchor
  memory: PartMemory
  mirror: string
}

export interface ReadRepodataOptions {
  /** The repository's name, for messages. */
  object: string
  upstream: DnfUpstream
  directory: ByteString
  /** Of `verify: metadata` and `verify: packages`. */
  keyring: Keyring | undefined
  /** Of `verify: metalink`, as it was read in this sync. */
  metalink: MetalinkFile | undefined
  memory: PartMemory | undefined
  /** Milliseconds since the epoch. */
  now: number
  signal?: AbortSignal | undefined
}

/** Fedora's largest repomd.xml has some 10 KB. */
const maxRepomdBytes = 8 * 1024 * 1024
const maxSignatureBytes = 1024 * 1024

/** How often a repomd.xml that its signature does not fit is read again: a mirror may be replacing both at this moment. */
const rereads = 2

/**
 * Reads one directory's repomd.xml from the first mirror that has it, verified as `verify` says and not older than what
 * we hold. One conditional request when nothing changed; none where a metalink names the one that we hold. A mirror whose
 * copy is unusable is reported only when no other is good.
 * @throws YardError `untrusted` (signature, metalink), `invalid` (malformed), `not-found`, `unavailable`.
 */
export async function readRepodata(
  fetcher: Fetcher,
  options: ReadRepodataOptions,
): Promise<PartAnswer<RepodataReading>> {
  const { memory, metalink, upstream, object } = options
  const isNamed = memory !== undefined && metalink !== undefined && namesDigest(metalink, memory.document)
  if (upstream.verify === 'metalink' && isNamed) return { kind: 'unchanged', memory }
  const failures: YardError[] = []
  let stale: PartAnswer<RepodataReading> | undefined
  for (const mirror of fetcher.mirrors) {
    try {
      const answer = await readFromMirror(fetcher, mirror, options)
      if (answer.kind !== 'stale') return answer
      if (stale?.kind !== 'stale' || answer.date > stale.date) stale = answer
    } catch (error) {
      if (!isYardError(error) || error.code === 'cancelled' || error.code === 'configuration') throw error
      failures.push(error)
    }
  }
  if (stale !== undefined) return stale
  throw mostTelling(failures, object)
}

/** Of what went wrong at each mirror the worst, and at how many others something did. */
function mostTelling(failures: YardError[], object: string): YardError {
  const worst = (['untrusted', 'invalid', 'unavailable'] as const)
    .map(code => failures.find(failure => failure.code === code))
    .find(failure => failure !== undefined)
  const told = worst ?? failures[0]
  if (told === undefined)
    return new YardError(
      'unavailable',
      `${object}: upstream's list names no mirror at an http or https URL; nothing was changed, the last snapshot is still served`,
    )
  if (failures.length === 1) return told
  return new YardError(told.code, `${told.message} (and ${failures.length - 1} more mirrors gave none)`, {
    ...(told.hint === undefined ? {} : { hint: told.hint }),
    cause: told,
  })
}

async function readFromMirror(
  fetcher: Fetcher,
  mirror: string,
  options: ReadRepodataOptions,
): Promise<PartAnswer<RepodataReading>> {
  const { directory, object, upstream } = options
  const path = joinPath(directory, 'repodata/repomd.xml')
  const where = `${object}: ${mirror}/${path}`
  // A mirror that lags behind would say of an old document that it has not changed.
  const memory = upstream.verify === 'metalink' ? undefined : options.memory
  const request = { mirror, signal: options.signal }
  let refused: unknown
  let last: Buffer | undefined
  for (let attempt = 0; attempt <= rereads; attempt++) {
    const answer = await fetcher.document(path, {
      ...request,
      maxBytes: maxRepomdBytes,
      validators: attempt === 0 ? memory?.validators[mirror] : undefined,
    })
    if (answer.kind === 'not-modified') return { kind: 'unchanged', memory: memory! }
    if (answer.kind === 'absent')
      throw new YardError('not-found', `${object}: ${mirror} has no ${path}; nothing was changed`, {
        hint: 'check the URL: it is the directory that `repodata` lies in',
      })
    if (last?.equals(answer.bytes)) break
    last = answer.bytes
    const document = digestOf(answer.bytes)
    if (document === memory?.document)
      return {
        kind: 'unchanged',
        memory: { ...memory, validators: { ...memory.validators, [mirror]: answer.validators } },
      }
    const isSigned = upstream.verify === 'metadata'
    const readSignature = () => readBeside(fetcher, `${path}.asc`, request, !isSigned)
    const signature = isSigned ? await readSignature() : undefined
    try {
      const vouched = await vouchFor(answer.bytes, signature, where, options)
      const repomd = parseRepomd(answer.bytes, where)
      const date = timestampOf(newestTimestamp(repomd))
      if (options.memory !== undefined && date < options.memory.date) return { kind: 'stale', date, mirror }
      const key = await readBeside(fetcher, `${path}.key`, request, true)
      const documents = [answer.bytes, signature ?? (await readSignature()), key].flatMap((bytes, i) =>
        bytes === undefined ? [] : [{ path: `${path}${['', '.asc', '.key'][i]}`, bytes }],
      )
      // What other mirrors said belongs to another document.
      const remembered = { validators: { [mirror]: answer.validators }, document, date }
      return {
        kind: 'changed',
        reading: { directory, repomd, date, documents, ...vouched, memory: remembered, mirror },
      }
    } catch (error) {
      if (!isYardError(error, 'untrusted')) throw error
      refused = error
      if (!isSigned) break
    }
  }
  throw refused
}

/** A file that may lie beside repomd.xml; one that nothing hangs on is done without when a server does not give it. */
async function readBeside(
  fetcher: Fetcher,
  path: ByteString,
  request: { mirror: string; signal: AbortSignal | undefined },
  isOptional: boolean,
): Promise<Buffer | undefined> {
  try {
    const answer = await fetcher.document(path, { ...request, maxBytes: maxSignatureBytes })
    return answer.kind === 'document' ? answer.bytes : undefined
  } catch (error) {
    if (isOptional && isYardError(error, 'unavailable', 'invalid')) return undefined
    throw error
  }
}

/** Fails closed: what `verify` asks for is there and good, or nothing is read. */
async function vouchFor(
  bytes: Buffer,
  signature: Buffer | undefined,
  where: string,
  { upstream, keyring, metalink, now }: ReadRepodataOptions,
): Promise<{ trust: TrustAnchor; signed: boolean }> {
  switch (upstream.verify) {
    case undefined:
      return { trust: { kind: 'trusted' }, signed: false }
    case 'metalink':
      if (metalink === undefined)
        throw new YardError('untrusted', `${where}: the metalink does not name it; nothing was read`, {
          hint: 'use verify: packages, or spell out `trusted: true`',
        })
      checkAgainstMetalink(bytes, metalink, where)
      return { trust: { kind: 'metalink', url: upstream.mirrors!.url }, signed: false }
    case 'packages':
      return {
        trust: { kind: 'packages', fingerprints: keyring!.keys.map(key => key.fingerprint) },
        signed: false,
      }
    case 'metadata': {
      if (signature === undefined)
        throw new YardError(
          'untrusted',
          `${where}: it is not signed (there is no repomd.xml.asc); nothing was read`,
          {
            hint: 'where upstream signs no metadata, verify: packages or verify: metalink may do; to go without, spell out `trusted: true`',
          },
        )
      const { fingerprints } = await verifyDetached(bytes, signature, keyring!, { now, object: where })
      return { trust: { kind: 'keys', fingerprints }, signed: true }
    }
  }
}

/** The newest timestamp that a repomd.xml gives, in milliseconds since the epoch; 0 where it gives none. */
export function newestTimestamp(repomd: Repomd): number {
  return 1000 * Math.max(0, ...repomd.files.map(({ timestamp }) => Math.floor(timestamp ?? 0)))
}
