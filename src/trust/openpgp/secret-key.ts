import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { publicKeyAlgorithmOf } from './algorithms.ts'
import { type PublicKey, readPublicKey } from './key-packet.ts'
import { padded, readNumbers } from './numbers.ts'

/** A key that signs: RSA, or Ed25519 as algorithm 22. */
export interface SecretKey {
  publicKey: PublicKey
  /** For `node:crypto`. It need not fit the public key: that shows when what it signed is verified. */
  keyObject: KeyObject
}

/**
 * Reads the body of a secret-key packet, version 4, that no passphrase protects (RFC 4880, 5.5.3). Undefined: malformed,
 * protected, or of an algorithm that we do not sign with.
 */
export function readSecretKey(body: Buffer): SecretKey | undefined {
  const publicKey = readPublicKey(body)
  if (publicKey === undefined) return undefined
  const kind = publicKeyAlgorithmOf(publicKey.algorithm)?.kind
  // It begins with the public part, which is hashed behind three bytes.
  const secret = body.subarray(publicKey.hashed.length - 3)
  const numbers = readSecretNumbers(secret, kind === 'rsa' ? 4 : 1)
  const publicPart = publicKey.keyObject()?.export({ format: 'jwk' })
  if (numbers === undefined || publicPart === undefined) return undefined
  const secretPart = kind === 'rsa' ? rsaPart(numbers) : kind === 'eddsa' ? ed25519Part(numbers) : undefined
  if (secretPart === undefined) return undefined
  return {
    publicKey,
    keyObject: createPrivateKey({ format: 'jwk', key: { ...publicPart, ...secretPart } }),
  }
}

/** After a zero (no passphrase) the numbers, then the sum of their bytes. */
function readSecretNumbers(secret: Buffer, count: number): Buffer[] | undefined {
  if (secret[0] !== 0) return undefined
  const read = readNumbers(secret, 1, count)
  if (read === undefined || secret.length !== read.end + 2) return undefined
  const sum = secret.subarray(1, read.end).reduce((total, byte) => total + byte, 0)
  return secret.readUInt16BE(read.end) === (sum & 0xffff) ? read.numbers : undefined
}

/** OpenPGP keeps d, p, q and the inverse of p modulo q; RFC 8017, 3.2 has the inverse of q, so p and q change places. */
function rsaPart(numbers: Buffer[]): JsonWebKey | undefined {
  if (numbers.some(number => number.length === 0)) return undefined
  const [d, q, p, qi] = numbers as [Buffer, Buffer, Buffer, Buffer]
  return { d: text(d), p: text(p), q: text(q), dp: exponent(d, p), dq: exponent(d, q), qi: text(qi) }
}

function exponent(d: Buffer, prime: Buffer): string {
  const remainder = (BigInt(`0x${d.toString('hex')}`) % (BigInt(`0x${prime.toString('hex')}`) - 1n)).toString(
    16,
  )
  return text(Buffer.from(remainder.padStart(prime.length * 2, '0'), 'hex'))
}

function ed25519Part(numbers: Buffer[]): JsonWebKey | undefined {
  const seed = padded(numbers[0]!, 32)
  return seed === undefined ? undefined : { d: text(seed) }
}

function text(number: Buffer): string {
  return number.toString('base64url')
}
