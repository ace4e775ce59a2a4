import { createHash } from 'node:crypto'
import type { MetalinkFile } from '../../formats/index.ts'
import { type Digest, YardError } from '../../model/index.ts'

/** Digests that prove something; a metalink names weaker ones too. */
const strong = ['sha512', 'sha384', 'sha256'] as const

/**
 * A repomd.xml counts when it is the one that the metalink names now: a mirror that lags or lies has another.
 * @throws YardError `untrusted`
 */
export function checkAgainstMetalink(bytes: Buffer, metalink: MetalinkFile, where: string): void {
  const { checksums } = metalink
  const named = strong.flatMap(algorithm => checksums.filter(each => each.algorithm === algorithm))
  if (named.length === 0)
    throw new YardError('untrusted', `${where}: the metalink names no SHA-256 of it; nothing was read`, {
      hint: 'use verify: packages, or spell out `trusted: true`',
    })
  const { algorithm, hex } = named[0]!
  if (createHash(algorithm).update(bytes).digest('hex') !== hex)
    throw new YardError(
      'untrusted',
      `${where}: it is not the one that the metalink names by ${algorithm} ${hex.slice(0, 16)}...; nothing was read from there`,
      { hint: 'the mirror lags behind or has other content: the next one is tried' },
    )
}

/** Whether the document with that SHA-256 is the one that the metalink names now, as far as it says so by SHA-256. */
export function namesDigest({ checksums }: MetalinkFile, digest: Digest): boolean {
  return checksums.some(({ algorithm, hex }) => algorithm === 'sha256' && hex === digest)
}
