import { createHash, hash } from 'node:crypto'

/** A SHA-256 as 64 lower-case hexadecimal digits: the name of a blob, a page or a tree. */
export type Digest = string & { readonly Digest: unique symbol }

const shape = /^[0-9a-f]{64}$/

export function isDigest(text: string): text is Digest {
  return shape.test(text)
}

/** The SHA-256 of bytes that are already in memory. */
export function digestOf(bytes: Uint8Array): Digest {
  return hash('sha256', bytes, 'hex') as Digest
}

/** A running SHA-256: `update` with each chunk in order, then `digest` once. */
export interface Hasher {
  update(chunk: Uint8Array): void
  digest(): Digest
}

export function createHasher(): Hasher {
  const running = createHash('sha256')
  return {
    update: chunk => {
      running.update(chunk)
    },
    digest: () => running.digest('hex') as Digest,
  }
}
