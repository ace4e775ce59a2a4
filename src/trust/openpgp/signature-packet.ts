import { publicKeyAlgorithmOf } from './algorithms.ts'
import { readNumbers } from './numbers.ts'
import { readSubpackets, type Subpacket, understands } from './subpackets.ts'

/** What a signature is over (RFC 4880, 5.2.1). */
export const signatureTypes = {
  binary: 0x00,
  text: 0x01,
  firstCertification: 0x10,
  lastCertification: 0x13,
  subkeyBinding: 0x18,
  primaryKeyBinding: 0x19,
  directKey: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
  certificationRevocation: 0x30,
} as const

/** A signature packet, version 3 or 4. Moments are in seconds since the epoch. */
export interface Signature {
  version: 3 | 4
  type: number
  publicKeyAlgorithm: number
  hashAlgorithm: number
  created: number
  /** First second in which it no longer counts. */
  expires: number | undefined
  /** 16 upper-case hexadecimal digits; zeros when it names none. */
  issuerKeyId: string
  /** 40 upper-case hexadecimal digits. */
  issuerFingerprint: string | undefined
  /** It demands something that we (and gpgv) do not understand, so it counts as bad. */
  unknownCritical: boolean
  /** Undefined: it says nothing about what the key is for. */
  keyFlags: Buffer | undefined
  /** Seconds after the key's creation; 0 when the key does not expire. */
  keyLifetime: number
  /** Fingerprints of keys that may revoke this one. */
  revokers: string[]
  /** In a subkey binding: signatures of the subkey over its primary key, in either area. */
  embedded: Signature[]
  /** What is hashed after the data. */
  trailer: Buffer
  /** The signature's own numbers. */
  numbers: Buffer[]
}

/** As gpg: a longer area, or more behind the areas by an unknown algorithm, makes the packet invalid. */
const maxAreaLength = 10_000
const maxUnknownLength = 10_240

/** Reads the body of a signature packet (RFC 4880, 5.2.2 and 5.2.3). Undefined: malformed, or of a version that gpgv 2.2 cannot read. */
export function readSignature(body: Buffer): Signature | undefined {
  if (body.length < 16) return undefined
  if (body[0] === 4) return readVersion4(body)
  if (body[0] === 2 || body[0] === 3) return readVersion3(body)
  return undefined
}

function readVersion3(body: Buffer): Signature | undefined {
  if (body.length < 19) return undefined
  const publicKeyAlgorithm = body[15]!
  const numbers = readSignatureNumbers(body, 19, publicKeyAlgorithm)
  if (numbers === undefined) return undefined
  return {
    version: 3,
    type: body[2]!,
    publicKeyAlgorithm,
    hashAlgorithm: body[16]!,
    created: body.readUInt32BE(3),
    expires: undefined,
    issuerKeyId: hexadecimal(body.subarray(7, 15)),
    issuerFingerprint: undefined,
    unknownCritical: false,
    keyFlags: undefined,
    keyLifetime: 0,
    revokers: [],
    embedded: [],
    trailer: body.subarray(2, 7),
    numbers,
  }
}

function readVersion4(body: Buffer): Signature | undefined {
  const hashed = readArea(body, 4)
  if (hashed === undefined) return undefined
  const unhashed = readArea(body, hashed.end)
  if (unhashed === undefined || unhashed.end + 2 > body.length) return undefined
  const publicKeyAlgorithm = body[2]!
  const numbers = readSignatureNumbers(body, unhashed.end + 2, publicKeyAlgorithm)
  if (numbers === undefined) return undefined
  return {
    version: 4,
    type: body[1]!,
    publicKeyAlgorithm,
    hashAlgorithm: body[3]!,
    ...meaningOf(body[1]!, hashed.subpackets, unhashed.subpackets),
    unknownCritical: !understood(hashed) || !understood(unhashed),
    trailer: trailerOf(body.subarray(0, hashed.end)),
    numbers,
  }
}

interface Area {
  subpackets: Subpacket[]
  malformed: boolean
  end: number
}

function readArea(body: Buffer, offset: number): Area | undefined {
  if (offset + 2 > body.length) return undefined
  const length = body.readUInt16BE(offset)
  const end = offset + 2 + length
  if (length > maxAreaLength || end > body.length) return undefined
  return { ...readSubpackets(body.subarray(offset + 2, end)), end }
}

function understood(area: Area): boolean {
  return !area.malformed && area.subpackets.every(subpacket => !subpacket.critical || understands(subpacket))
}

/** Only the hashed area counts, except for who issued the signature and for the subkey's own signature: those prove themselves. */
function meaningOf(type: number, hashed: Subpacket[], unhashed: Subpacket[]) {
  const created = numberIn(hashed, 2) ?? 0
  const lifetime = numberIn(hashed, 3) ?? 0
  const issuer = bodyOf(hashed, 16, 8) ?? bodyOf(unhashed, 16, 8)
  const fingerprint = bodyOf(hashed, 33, 21)
  return {
    created,
    expires: expiryOf(created, lifetime),
    issuerKeyId: issuer === undefined ? '0'.repeat(16) : hexadecimal(issuer.subarray(0, 8)),
    issuerFingerprint:
      fingerprint?.length === 21 && fingerprint[0] === 4 ? hexadecimal(fingerprint.subarray(1)) : undefined,
    keyFlags: bodyOf(hashed, 27, 0),
    keyLifetime: numberIn(hashed, 9) ?? 0,
    revokers: hashed.filter(isRevoker).map(({ body }) => hexadecimal(body.subarray(2, 22))),
    embedded: type === signatureTypes.subkeyBinding ? backSignatures([...hashed, ...unhashed]) : [],
  }
}

/** Undefined: never. As in gpgv, moments have 32 bits, so what would expire after 2106 has expired long ago. */
export function expiryOf(created: number, lifetime: number): number | undefined {
  return lifetime === 0 ? undefined : (created + lifetime) >>> 0 || undefined
}

function isRevoker({ type, body }: Subpacket): boolean {
  return type === 12 && body.length >= 22 && (body[0]! & 0x80) !== 0
}

/** A back signature is no binding, so embedding does not nest. */
function backSignatures(subpackets: Subpacket[]): Signature[] {
  return subpackets
    .flatMap(({ type, body }) => (type === 32 && readSignature(body)) || [])
    .filter(({ type }) => type === signatureTypes.primaryKeyBinding)
}

function numberIn(subpackets: Subpacket[], type: number): number | undefined {
  return bodyOf(subpackets, type, 4)?.readUInt32BE(0)
}

/** The first of its type, as gpg; one that is too short counts as absent. */
function bodyOf(subpackets: Subpacket[], type: number, minLength: number): Buffer | undefined {
  const body = subpackets.find(subpacket => subpacket.type === type)?.body
  return body !== undefined && body.length >= minLength ? body : undefined
}

/** RFC 4880, 5.2.4: the packet up to its hashed area, its version, 0xff, and the length of the former. */
export function trailerOf(hashedPart: Buffer): Buffer {
  const end = Buffer.from([4, 0xff, 0, 0, 0, 0])
  end.writeUInt32BE(hashedPart.length, 2)
  return Buffer.concat([hashedPart, end])
}

function readSignatureNumbers(body: Buffer, start: number, algorithm: number): Buffer[] | undefined {
  const count = publicKeyAlgorithmOf(algorithm)?.signatureNumbers
  if (count === undefined) return body.length - start > maxUnknownLength ? undefined : []
  return readNumbers(body, start, count)?.numbers
}

function hexadecimal(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase()
}
