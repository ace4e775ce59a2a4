import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto'
import { YardError } from '../../model/index.ts'
import { type Issuer, signCertificate } from './x509.ts'

const day = 86_400_000

/** Milliseconds. */
export const certificateLifetimes = {
  authority: 3_650 * day,
  /** An authority with less left gets a successor, which hosts learn of when they renew. */
  succession: 365 * day,
  host: 90 * day,
  server: 90 * day,
  /** So long after it expired a host's certificate is accepted from a host that could not have fresh statements. */
  late: 30 * day,
  /** Certificates begin so long before they are made: a machine whose clock runs in its local time is up to 14 hours behind. */
  backdated: day,
} as const

/** A CA of the yard: signs the certificates of hosts, and of the server for hosts. */
export interface Authority extends Issuer {
  /** Of its certificate: lower-case hexadecimal digits. */
  serial: string
  /** PEM. */
  certificate: string
  publicKey: KeyObject
  /** Milliseconds since the epoch. */
  begins: number
  expires: number
}

/** A new CA, as the text of its file: private key and certificate, PEM. */
export function makeAuthority(now: number): { serial: string; text: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const serial = randomSerial()
  const name = `Switchyard hosts ${serial.slice(0, 8)}`
  const certificate = signCertificate(
    { name, privateKey },
    {
      serial,
      subject: name,
      publicKey,
      begins: now - certificateLifetimes.backdated,
      expires: now + certificateLifetimes.authority,
      use: { kind: 'authority' },
    },
  )
  return { serial, text: `${privateKey.export({ type: 'pkcs8', format: 'pem' })}${certificate}` }
}

/** @param file for messages. @throws YardError `damaged`, without a word of the text. */
export function parseAuthority(text: string, file: string): Authority {
  try {
    const privateKey = createPrivateKey(text)
    const parsed = new X509Certificate(text.slice(text.indexOf('-----BEGIN CERTIFICATE-----')))
    const publicKey = createPublicKey(privateKey)
    if (parsed.ca && parsed.verify(publicKey))
      return {
        serial: parsed.serialNumber.toLowerCase(),
        name: commonNameOf(parsed)!,
        certificate: `${parsed}`,
        privateKey,
        publicKey,
        begins: parsed.validFromDate.getTime(),
        expires: parsed.validToDate.getTime(),
      }
  } catch {
    // As below: what the parsers say may quote the key.
  }
  throw new YardError('damaged', `${file} does not hold a CA for hosts: a private key and its certificate`, {
    hint: 'restore the directory of keys from a backup; with a new CA every host would have to enrol again',
  })
}

/** Signs what hosts show: the youngest. @param authorities by age, the oldest first; at least one. */
export function issuerForHosts(authorities: readonly Authority[]): Authority {
  return authorities.at(-1)!
}

/**
 * Signs what the server shows to hosts: the oldest that outlives that certificate, so that hosts that have not renewed since a
 * younger one was made still know it. @param authorities as of issuerForHosts.
 */
export function issuerForServer(authorities: readonly Authority[], now: number): Authority {
  const outlives = ({ expires }: Authority) => expires >= now + certificateLifetimes.server
  return authorities.find(outlives) ?? issuerForHosts(authorities)
}

/** Whether a younger one has to be made. */
export function needsSuccessor(authorities: readonly Authority[], now: number): boolean {
  const youngest = authorities.at(-1)
  return youngest === undefined || youngest.expires - now < certificateLifetimes.succession
}

/** 127 random bits as 32 lower-case hexadecimal digits: positive, without leading zeros. */
export function randomSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

export function commonNameOf({ subject }: X509Certificate): string | undefined {
  return /^CN=(.+)$/m.exec(subject)?.[1]
}
