import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto'
import {
  bitString,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  tagged,
  time,
  utf8String,
  yes,
} from '../der.ts'

/** A moment in milliseconds since the epoch. */
type Moment = number

/** Who signs: its name, and its Ed25519 key. */
export interface Issuer {
  name: string
  privateKey: KeyObject
}

export interface CertificateFields {
  /** Hexadecimal digits, as `randomSerial` makes them. */
  serial: string
  /** Common name. */
  subject: string
  publicKey: KeyObject
  begins: Moment
  expires: Moment
  /** `authority`: signs other certificates, and no further authority. `names`: of the server, DNS names or addresses. */
  use: { kind: 'authority' } | { kind: 'host' } | { kind: 'server'; names: string[] }
}

/** A certificate (RFC 5280, 4.1) as PEM, signed with Ed25519 (RFC 8410). */
export function signCertificate(issuer: Issuer, fields: CertificateFields): string {
  const { serial, subject, publicKey, begins, expires, use } = fields
  const body = sequence(
    tagged(0, { parts: [version3] }),
    integer(Buffer.from(serial, 'hex')),
    ed25519,
    nameOf(issuer.name),
    sequence(time(begins), time(expires)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, { parts: [sequence(...extensionsFor(use, issuer, publicKey))] }),
  )
  return signed('CERTIFICATE', issuer, body)
}

/** Certificates that are good no more (RFC 5280, 5.1), as PEM. @param number higher with each list. */
export function signRevocations(
  issuer: Issuer,
  {
    number,
    issued,
    next,
    revoked,
  }: { number: number; issued: Moment; next: Moment; revoked: RevokedSerial[] },
): string {
  const entries = revoked.map(({ serial, at }) => sequence(integer(Buffer.from(serial, 'hex')), time(at)))
  const body = sequence(
    version2,
    ed25519,
    nameOf(issuer.name),
    time(issued),
    time(next),
    // An empty list would have to be absent.
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    tagged(0, {
      parts: [sequence(authorityKey(issuer), extension(oids.crlNumber, integer(bigEndian(number))))],
    }),
  )
  return signed('X509 CRL', issuer, body)
}

export interface RevokedSerial {
  serial: string
  at: Moment
}

const oids = {
  ed25519: '2b6570',
  commonName: '550403',
  subjectKeyIdentifier: '551d0e',
  keyUsage: '551d0f',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  crlNumber: '551d14',
  authorityKeyIdentifier: '551d23',
  extendedKeyUsage: '551d25',
  serverAuth: '2b06010505070301',
  clientAuth: '2b06010505070302',
} as const

const ed25519 = sequence(objectIdentifier(oids.ed25519))
const version2 = integer(Buffer.from([1]))
const version3 = integer(Buffer.from([2]))

/** Bits as RFC 5280, 4.2.1.3 counts them: digitalSignature; keyCertSign and cRLSign. */
const usages = { signature: bitString(Buffer.from([0x80]), 7), signing: bitString(Buffer.from([0x06]), 1) }

function extensionsFor(use: CertificateFields['use'], issuer: Issuer, publicKey: KeyObject): Buffer[] {
  if (use.kind === 'authority')
    return [
      // No authority below it.
      critical(oids.basicConstraints, sequence(yes, integer(Buffer.from([])))),
      critical(oids.keyUsage, usages.signing),
      extension(oids.subjectKeyIdentifier, octetString(keyIdentifier(publicKey))),
    ]
  const purpose = use.kind === 'server' ? oids.serverAuth : oids.clientAuth
  return [
    critical(oids.basicConstraints, sequence()),
    critical(oids.keyUsage, usages.signature),
    extension(oids.extendedKeyUsage, sequence(objectIdentifier(purpose))),
    authorityKey(issuer),
    ...(use.kind === 'server'
      ? [extension(oids.subjectAltName, sequence(...use.names.map(alternativeName)))]
      : []),
  ]
}

/** A DNS name, or the bytes of an address (RFC 5280, 4.2.1.6). */
function alternativeName(name: string): Buffer {
  const address = addressBytes(name)
  return address === undefined
    ? tagged(2, { bytes: Buffer.from(name, 'ascii') })
    : tagged(7, { bytes: address })
}

function addressBytes(name: string): Buffer | undefined {
  if (/^\d+(\.\d+){3}$/.test(name)) return Buffer.from(name.split('.').map(Number))
  if (!name.includes(':')) return undefined
  const [head = '', tail] = name.split('::')
  const groups = (text: string | undefined) => (text ? text.split(':') : [])
  const gap = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array(gap).fill('0'), ...groups(tail)]
  return Buffer.from(all.map(group => group.padStart(4, '0')).join(''), 'hex')
}

function authorityKey({ privateKey }: Issuer): Buffer {
  const identifier = keyIdentifier(createPublicKey(privateKey))
  return extension(oids.authorityKeyIdentifier, sequence(tagged(0, { bytes: identifier })))
}

/** RFC 7093, 2: the first 160 bits of the SHA-256 of the key. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  const { x } = publicKey.export({ format: 'jwk' })
  return createHash('sha256').update(Buffer.from(x!, 'base64url')).digest().subarray(0, 20)
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(objectIdentifier(oids.commonName), utf8String(commonName))))
}

function extension(oid: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(oid), octetString(value))
}

function critical(oid: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(oid), yes, octetString(value))
}

function bigEndian(number: number): Buffer {
  const digits = number.toString(16)
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
}

function signed(label: string, { privateKey }: Issuer, body: Buffer): string {
  const whole = sequence(body, ed25519, bitString(sign(null, body, privateKey)))
  const lines = whole.toString('base64').match(/.{1,64}/g)!
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
