import { createHash, createVerify, verify } from 'node:crypto'
import { messageOf } from '../../model/index.ts'
import { hashAlgorithmOf, publicKeyAlgorithmOf } from './algorithms.ts'
import type { PublicKey } from './key-packet.ts'
import { padded } from './numbers.ts'
import type { Signature } from './signature-packet.ts'

/** Whether the numbers agree; `unusable` says why the question cannot even be asked (gpgv: an error, not a bad signature). */
export type Arithmetic = { kind: 'agrees' } | { kind: 'differs' } | { kind: 'unusable'; why: string }

/**
 * Does this key's signature over these bytes (followed by the signature's own trailer) hold? Pure arithmetic: nothing
 * about dates, revocation or what the key is for. Follows gpgv 2.2 in what it refuses to compute.
 */
export function checkArithmetic(
  key: PublicKey,
  signature: Signature,
  data: readonly Uint8Array[],
): Arithmetic {
  const hash = hashAlgorithmOf(signature.hashAlgorithm)
  if (hash === undefined)
    return unusable(`its digest algorithm (${signature.hashAlgorithm}) is not supported`)
  if (hash.strength === 'weak') return unusable(`${hash.name} is a weak digest`)
  const kind = publicKeyAlgorithmOf(key.algorithm)?.kind
  if (kind === undefined) return unusable(`the key's algorithm (${key.algorithm}) is not supported`)
  // gpgv goes by the key's algorithm whatever the signature says, so a mismatch is bad, not passed over.
  if (kind !== publicKeyAlgorithmOf(signature.publicKeyAlgorithm)?.kind) return { kind: 'differs' }
  if (kind === 'dsa' && (key.groupBits < 160 || key.groupBits % 8 !== 0))
    return unusable(`a DSA key with a group of ${key.groupBits} bits is unsafe`)
  if (tooShort(key, hash.bits)) return unusable(`${hash.name} is too short for this key`)
  const keyObject = key.keyObject()
  if (keyObject === undefined) return unusable(`a key of this kind (${key.description}) cannot be used`)
  const bytes = signatureBytes(key, signature)
  if (bytes === undefined) return { kind: 'differs' }
  try {
    const all = [...data, signature.trailer]
    const agrees =
      kind === 'eddsa'
        ? verify(null, digest(hash.node, all), keyObject, bytes)
        : feed(createVerify(hash.node), all).verify({ key: keyObject, dsaEncoding: 'ieee-p1363' }, bytes)
    return agrees && !signature.unknownCritical ? { kind: 'agrees' } : { kind: 'differs' }
  } catch (error) {
    return unusable(`it cannot be computed (${messageOf(error)})`)
  }
}

function unusable(why: string): Arithmetic {
  return { kind: 'unusable', why }
}

/** DSA and ECDSA sign as many bits as their group has; a shorter digest would be easier to forge than the key (FIPS 186-4, 4.2). */
function tooShort(key: PublicKey, hashBits: number): boolean {
  return Math.min(key.groupBits, 512) > hashBits
}

function signatureBytes(key: PublicKey, signature: Signature): Buffer | undefined {
  const numbers = signature.numbers.map(number => padded(number, key.numberLength))
  return numbers.includes(undefined) ? undefined : Buffer.concat(numbers as Buffer[])
}

function digest(algorithm: string, data: readonly Uint8Array[]): Buffer {
  return feed(createHash(algorithm), data).digest()
}

function feed<Sink extends { update(chunk: Uint8Array): unknown }>(
  sink: Sink,
  data: readonly Uint8Array[],
): Sink {
  for (const chunk of data) sink.update(chunk)
  return sink
}
