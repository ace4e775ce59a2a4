import { createHash } from 'node:crypto'
import type { Checksum } from '../../../formats/index.ts'
import { type ByteString, type FileEntry, isYardError, YardError } from '../../../model/index.ts'
import type { Fetcher } from '../../../upstream/index.ts'
import type { RepositoryContext } from '../../context.ts'

/** A file that metadata names by something else than its SHA-256. */
export interface UnnamedFile {
  path: ByteString
  checksum: Checksum
  /** In bytes, where it is known. */
  size?: number | undefined
  /** Something else vouches for it, so that even a checksum that proves nothing will do. */
  isTrustedWithout: boolean
}

/** Of a file whose size nobody tells; a larger one is refused. */
const maxUnknownBytes = 16 * 1024 ** 3
const strong = new Set(['sha256', 'sha384', 'sha512'])

/**
 * Fetches a file, checks it against what the metadata says, keeps it, and gives the SHA-256 and size that it has. Always
 * asks upstream: what is here cannot be found by another checksum.
 * @throws YardError `untrusted` for MD5, SHA-1 or SHA-224 where nothing else vouches; `damaged` for other bytes; what fetching throws.
 */
export async function bringUnnamed(
  context: RepositoryContext,
  fetcher: Fetcher,
  { path, checksum, size, isTrustedWithout }: UnnamedFile,
  options: { object: string; mirror?: string; signal: AbortSignal },
): Promise<FileEntry> {
  if (!strong.has(checksum.algorithm) && !isTrustedWithout)
    throw new YardError(
      'untrusted',
      `${options.object}: ${path} is named by ${checksum.algorithm} only, which proves nothing; no snapshot was made, the last one is still served`,
      { hint: 'use verify: packages, or spell out `trusted: true`' },
    )
  let failure: unknown = new YardError(
    'incomplete',
    `${options.object}: ${path} lies at no http or https URL; no snapshot was made, the last one is still served`,
  )
  let isFirst = true
  for (const mirror of options.mirror === undefined ? fetcher.mirrors : [options.mirror])
    try {
      const body = fetcher.raw(path, { maxBytes: size ?? maxUnknownBytes, mirror, signal: options.signal })
      const kept = await context.blobs.receive(
        checkedBody(body, checksum, size, `${options.object}: ${mirror}/${path}`),
      )
      return { sha256: kept.digest, size: kept.size }
    } catch (error) {
      if (!isYardError(error, 'damaged', 'incomplete', 'unavailable', 'invalid')) throw error
      if (isFirst) failure = error
      isFirst = false
    }
  throw failure
}

/** The same chunks; ends by throwing when they are not what the checksum says. */
async function* checkedBody(
  body: AsyncIterable<Uint8Array>,
  { algorithm, hex }: Checksum,
  size: number | undefined,
  object: string,
): AsyncGenerator<Uint8Array, void> {
  const hash = createHash(algorithm)
  let bytes = 0
  for await (const chunk of body) {
    hash.update(chunk)
    bytes += chunk.length
    yield chunk
  }
  if (bytes !== (size ?? bytes) || hash.digest('hex') !== hex)
    throw new YardError(
      'damaged',
      `${object}: its bytes are not the ones that the metadata names; nothing was kept`,
    )
}
