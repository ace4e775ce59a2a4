import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { bitString, integer, nothing, objectIdentifier, sequence } from '../der.ts'
import { curveOf, publicKeyAlgorithmOf } from './algorithms.ts'
import { bitLength, readNumbers } from './numbers.ts'

/** A public key or subkey, version 4. */
export interface PublicKey {
  /** 40 upper-case hexadecimal digits. */
  fingerprint: string
  /** The last 16 digits of the fingerprint. */
  keyId: string
  /** Seconds since the epoch. */
  created: number
  algorithm: number
  /** For people: `RSA 4096`, `Ed25519`. */
  description: string
  /** The packet as signatures over it hash it: 0x99, its length, its public part. */
  hashed: Buffer
  /** Bits of the group in which DSA and ECDSA sign; 0 for other algorithms. */
  groupBits: number
  /** Bytes of an RSA signature, or of one number of a DSA or elliptic-curve one. */
  numberLength: number
  /** The key for `node:crypto`, made once; undefined when its numbers make no key, or it cannot sign. */
  keyObject(): KeyObject | undefined
}

/** As gpg. */
const maxKeyLength = 256 * 1024

/** Reads the body of a public-key packet (RFC 4880, 5.5.2; RFC 6637, 9). Undefined: malformed, or not version 4 (gpgv 2.2 reads no other). */
export function readPublicKey(body: Buffer): PublicKey | undefined {
  if (body.length < 12 || body.length > maxKeyLength || body[0] !== 4) return undefined
  const algorithm = body[5]!
  const material = readMaterial(body, algorithm)
  if (material === undefined) return undefined
  const hashed = forHashing(body.subarray(0, material.end))
  const fingerprint = createHash('sha1').update(hashed).digest('hex').toUpperCase()
  let keyObject: KeyObject | undefined | null = null
  return {
    fingerprint,
    keyId: fingerprint.slice(24),
    created: body.readUInt32BE(1),
    algorithm,
    hashed,
    ...sizesOf(algorithm, material),
    keyObject: () => {
      if (keyObject === null) keyObject = makeKeyObject(algorithm, material)
      return keyObject
    },
  }
}

interface Material {
  /** Hexadecimal object identifier; empty where the algorithm has no curve. */
  curve: string
  numbers: Buffer[]
  /** One past the last byte of the public part. */
  end: number
}

function readMaterial(body: Buffer, number: number): Material | undefined {
  const algorithm = publicKeyAlgorithmOf(number)
  if (algorithm === undefined) return { curve: '', numbers: [], end: body.length }
  const curveLength = algorithm.curve ? body[6]! : 0
  const start = algorithm.curve ? 7 + curveLength : 6
  if (start > body.length) return undefined
  const read = readNumbers(body, start, algorithm.keyNumbers)
  if (read === undefined) return undefined
  const curve = algorithm.curve ? body.toString('hex', 7, start) : ''
  // What follows an encrypting key's numbers (ECDH parameters) is part of it; behind other keys nothing is.
  return { curve, numbers: read.numbers, end: algorithm.kind === 'encrypting' ? body.length : read.end }
}

function forHashing(publicPart: Buffer): Buffer {
  const header = Buffer.from([0x99, 0, 0])
  header.writeUInt16BE(publicPart.length & 0xffff, 1)
  return Buffer.concat([header, publicPart])
}

function sizesOf(number: number, { curve, numbers }: Material) {
  const algorithm = publicKeyAlgorithmOf(number)
  if (algorithm === undefined) return { description: `algorithm ${number}`, groupBits: 0, numberLength: 0 }
  if (algorithm.curve) {
    const bits = curveOf(curve)?.bits ?? 0
    return {
      description: curveOf(curve)?.name ?? `${algorithm.name} on an unknown curve`,
      groupBits: algorithm.kind === 'ecdsa' ? bits : 0,
      numberLength: (bits + 7) >> 3,
    }
  }
  const description = `${algorithm.name} ${bitLength(numbers[0]!)}`
  if (algorithm.kind !== 'dsa') return { description, groupBits: 0, numberLength: numbers[0]!.length }
  return { description, groupBits: bitLength(numbers[1]!), numberLength: numbers[1]!.length }
}

function makeKeyObject(number: number, material: Material): KeyObject | undefined {
  const information = publicKeyInformation(number, material)
  if (information === undefined) return undefined
  try {
    return createPublicKey({ key: information, format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

function publicKeyInformation(number: number, { curve, numbers }: Material): Buffer | undefined {
  switch (publicKeyAlgorithmOf(number)?.kind) {
    case 'rsa': {
      const key = sequence(integer(numbers[0]!), integer(numbers[1]!))
      return sequence(sequence(objectIdentifier('2a864886f70d010101'), nothing()), bitString(key))
    }
    case 'dsa': {
      const [p, q, g, y] = numbers.map(integer) as [Buffer, Buffer, Buffer, Buffer]
      return sequence(sequence(objectIdentifier('2a8648ce380401'), sequence(p, q, g)), bitString(y))
    }
    case 'ecdsa': {
      const parameters = sequence(objectIdentifier('2a8648ce3d0201'), objectIdentifier(curve))
      return curveOf(curve) === undefined ? undefined : sequence(parameters, bitString(numbers[0]!))
    }
    case 'eddsa': {
      const point = numbers[0]!
      // RFC 9580, 9.2: 0x40 marks a point in its curve's native form.
      if (curveOf(curve)?.name !== 'Ed25519' || point.length !== 33 || point[0] !== 0x40) return undefined
      return sequence(sequence(objectIdentifier('2b6570')), bitString(point.subarray(1)))
    }
    default:
      return undefined
  }
}
