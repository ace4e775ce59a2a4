import { createHash } from 'node:crypto'

/** A digest in hexadecimal. */
export function hash(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex')
}
