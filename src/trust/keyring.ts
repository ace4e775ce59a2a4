import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Digest, digestOf, messageOf, YardError } from '../model/index.ts'
import { readArmour, writeArmour } from './openpgp/armour.ts'
import { type Certificate, readCertificates } from './openpgp/certificate.ts'
import type { PublicKey } from './openpgp/key-packet.ts'
import { packetTags, readPackets } from './openpgp/packets.ts'

/** One key of a keyring, as a person knows it. */
export interface KeyringKey {
  /** 40 upper-case hexadecimal digits. */
  fingerprint: string
  /** Of its subkeys. */
  subkeys: string[]
  userIds: string[]
  /** Algorithm and size: `RSA 4096`. */
  description: string
  /** In milliseconds since the epoch. */
  created: number
}

/** The keys that an operator trusts to sign one upstream. Whether a key is expired or revoked is decided when it is used. */
export interface Keyring {
  /** Where it was read from, for messages. */
  readonly file: string
  readonly keys: readonly KeyringKey[]
  /** Of its packets, whether they came armoured or not: the same keyring has the same digest. */
  readonly digest: Digest
  /** All keys as one ASCII-armoured block, as `Signed-By` takes it. */
  armoured(): string
  /** The key that claims to have made a signature, and the certificate that it is part of. */
  find(issuer: { fingerprint: string | undefined; keyId: string }): FoundKey | undefined
}

export interface FoundKey {
  certificate: Certificate
  key: PublicKey
}

const maxBytes = 16 * 1024 * 1024

/** Well-known keyring files by the beginning of their name, and the Debian package that ships them. */
const packages: [prefix: string, name: string][] = [
  ['debian-ports-archive-', 'debian-ports-archive-keyring'],
  ['debian-archive-', 'debian-archive-keyring'],
  ['ubuntu-', 'ubuntu-keyring'],
]

/**
 * Reads an OpenPGP keyring, binary or ASCII-armoured, with any number of keys.
 * @throws YardError `configuration`, naming file and reason: missing, unreadable, larger than 16 MiB, no keyring, a
 *   GnuPG keybox, or without a key.
 */
export async function loadKeyring(file: string): Promise<Keyring> {
  return parseKeyring(await readBounded(file), file)
}

/** As `loadKeyring`, of bytes that are already here; `file` is for messages. @throws YardError `configuration`. */
export function parseKeyring(bytes: Buffer, file: string): Keyring {
  const { packets, fault } = readPackets(binaryOf(bytes, file))
  if (fault !== undefined) throw noKeyring(file, `it is damaged: ${fault}`)
  if (packets.some(({ tag }) => tag === packetTags.secretKey))
    throw noKeyring(file, 'it holds a private key', 'export the public key alone (gpg --export KEYID)')
  const certificates = readCertificates(packets)
  if (certificates.length === 0) throw noKeyring(file, 'it holds no key that gpgv can use', packageHint(file))
  const content = Buffer.concat(certificates.map(certificate => certificate.bytes))
  return {
    file,
    keys: certificates.map(describe),
    digest: digestOf(content),
    armoured: () => writeArmour('PUBLIC KEY BLOCK', content),
    find: finderOf(certificates),
  }
}

async function readBounded(file: string): Promise<Buffer> {
  try {
    const found = await stat(file)
    if (!found.isFile()) throw noKeyring(file, 'it is not a regular file')
    if (found.size > maxBytes) throw noKeyring(file, `it is larger than ${maxBytes >> 20} MiB`)
    return await readFile(file)
  } catch (error) {
    throw error instanceof YardError ? error : unreadable(file, error)
  }
}

function unreadable(file: string, error: unknown): YardError {
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  return new YardError(
    'configuration',
    missing ? `keyring ${file} does not exist` : `keyring ${file} cannot be read: ${messageOf(error)}`,
    { hint: packageHint(file) ?? 'name the file that holds the keys which sign this upstream', cause: error },
  )
}

function binaryOf(bytes: Buffer, file: string): Buffer {
  if (bytes.length === 0) throw noKeyring(file, 'it is empty', packageHint(file))
  if (bytes.toString('latin1', 8, 12) === 'KBXf')
    throw noKeyring(
      file,
      'it is a GnuPG keybox',
      `export its keys: gpg --no-default-keyring --keyring ${file} --export --output KEYRING.gpg`,
    )
  if (bytes[0]! >= 0x80) return bytes
  const armoured = readArmour(bytes, 'PUBLIC KEY BLOCK', false)
  if (armoured.fault !== undefined) throw noKeyring(file, armoured.fault)
  return armoured.value
}

function noKeyring(file: string, reason: string, hint?: string): YardError {
  return new YardError('configuration', `${file} is no usable keyring: ${reason}`, {
    hint: hint ?? 'name a file of OpenPGP public keys, as gpg --export or gpg --export --armor writes it',
  })
}

function packageHint(file: string): string | undefined {
  const name = packageOf(file)
  return name === undefined ? undefined : `install the Debian package ${name}, which ships it`
}

/** The Debian package that ships a keyring file of this name, where it is a well-known one. */
export function packageOf(file: string): string | undefined {
  const name = basename(file)
  return packages.find(([prefix]) => name.startsWith(prefix))?.[1]
}

function describe({ primary, subkeys, users }: Certificate): KeyringKey {
  return {
    fingerprint: primary.fingerprint,
    subkeys: subkeys.map(({ key }) => key.fingerprint),
    userIds: users.map(({ id }) => id.toString('utf8')),
    description: primary.description,
    created: primary.created * 1000,
  }
}

/** By fingerprint, where the signature names one that is here, else by key ID; of several the first, as gpgv. */
function finderOf(certificates: readonly Certificate[]): Keyring['find'] {
  const byFingerprint = new Map<string, FoundKey>()
  const byKeyId = new Map<string, FoundKey>()
  for (const certificate of certificates) {
    for (const key of [certificate.primary, ...certificate.subkeys.map(subkey => subkey.key)]) {
      const found = { certificate, key }
      if (!byFingerprint.has(key.fingerprint)) byFingerprint.set(key.fingerprint, found)
      if (!byKeyId.has(key.keyId)) byKeyId.set(key.keyId, found)
    }
  }
  return ({ fingerprint, keyId }) =>
    (fingerprint === undefined ? undefined : byFingerprint.get(fingerprint)) ?? byKeyId.get(keyId)
}
