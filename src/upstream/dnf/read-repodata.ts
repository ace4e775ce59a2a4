import type { DnfUpstream } from '../../config/index.ts'
import { type Metalink, parseRepomd, type Repomd } from '../../formats/index.ts'
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
import type { DocumentAnswer, Fetcher } from '../fetcher.ts'
import type { PartAnswer, PartMemory } from '../part.ts'
import { checkAgainstMetalink } from './metalink-check.ts'

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
  metalink: Metalink | undefined
  memory: PartMemory | undefined
  /** Milliseconds since the epoch. */
  now: number
  signal?: AbortSignal | undefined
}

/** Fedora's largest repomd.xml has some 10 KB. */
const maxRepomdBytes = 8 * 1024 * 1024
const maxSignatureBytes = 1024 * 1024

/**
 * Reads one directory's repomd.xml from the first mirror that has it, verified as `verify` says and not older than what
 * we hold. One conditional request when nothing changed. A mirror whose copy is unusable is reported only when no other is good.
 * @throws YardError `untrusted` (signature, metalink), `invalid` (malformed), `not-found`, `unavailable`.
 */
export async function readRepodata(
  fetcher: Fetcher,
  options: ReadRepodataOptions,
): Promise<PartAnswer<RepodataReading>> {
  let failure: unknown
  let stale: PartAnswer<RepodataReading> | undefined
  for (const mirror of fetcher.mirrors) {
    try {
      const answer = await readFromMirror(fetcher, mirror, options)
      if (answer.kind !== 'stale') return answer
      if (stale?.kind !== 'stale' || answer.date > stale.date) stale = answer
    } catch (error) {
      if (!isYardError(error) || error.code === 'cancelled' || error.code === 'configuration') throw error
      failure ??= error
    }
  }
  if (stale !== undefined) return stale
  throw (
    failure ??
    new YardError('unavailable', `${options.object}: upstream's list names no mirror; nothing was changed`)
  )
}

async function readFromMirror(
  fetcher: Fetcher,
  mirror: string,
  options: ReadRepodataOptions,
): Promise<PartAnswer<RepodataReading>> {
  const { memory, directory, object } = options
  const path = joinPath(directory, 'repodata/repomd.xml')
  const validators = memory?.validators[mirror]
  const request = { mirror, signal: options.signal }
  const answer = await fetcher.document(path, { ...request, maxBytes: maxRepomdBytes, validators })
  if (answer.kind === 'not-modified') return { kind: 'unchanged', memory: memory! }
  if (answer.kind === 'absent')
    throw new YardError('not-found', `${object}: ${mirror} has no ${path}; nothing was changed`, {
      hint: 'check the URL: it is the directory that `repodata` lies in',
    })
  const document = digestOf(answer.bytes)
  const seen = { ...memory?.validators, [mirror]: answer.validators }
  if (document === memory?.document) return { kind: 'unchanged', memory: { ...memory, validators: seen } }

  const where = `${object}: ${mirror}/${path}`
  const beside = await Promise.all(
    ['.asc', '.key'].map(ending =>
      fetcher.document(`${path}${ending}`, { ...request, maxBytes: maxSignatureBytes }),
    ),
  )
  const signature = bytesOf(beside[0]!)
  const vouched = await vouchFor(answer.bytes, signature, where, options)
  const repomd = parseRepomd(answer.bytes, where)
  const date = timestampOf(newestTimestamp(repomd))
  if (memory !== undefined && date < memory.date) return { kind: 'stale', date, mirror }
  const documents = [answer.bytes, signature, bytesOf(beside[1]!)].flatMap((bytes, i) =>
    bytes === undefined ? [] : [{ path: `${path}${['', '.asc', '.key'][i]}`, bytes }],
  )
  return {
    kind: 'changed',
    reading: {
      directory,
      repomd,
      date,
      documents,
      ...vouched,
      memory: { validators: seen, document, date },
      mirror,
    },
  }
}

function bytesOf(answer: DocumentAnswer): Buffer | undefined {
  return answer.kind === 'document' ? answer.bytes : undefined
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
      checkAgainstMetalink(bytes, metalink!, where)
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

/** In milliseconds since the epoch; 0 where it gives none. */
function newestTimestamp(repomd: Repomd): number {
  return 1000 * Math.max(0, ...repomd.files.map(({ timestamp }) => Math.floor(timestamp ?? 0)))
}
