import type { SecretKeyPacket } from 'openpgp'
import { messageOf, YardError } from '../model/index.ts'
import type { SigningKey } from './key-directory.ts'
import { checkArithmetic } from './openpgp/arithmetic.ts'
import { writeArmour } from './openpgp/armour.ts'
import { clearTextFault, dashEscaped, hashedFormOfClearText } from './openpgp/clear-text.ts'
import { readPublicKey } from './openpgp/key-packet.ts'
import { packetTags, writePacket } from './openpgp/packets.ts'
import { readSignature, signatureTypes } from './openpgp/signature-packet.ts'

/**
 * Signs text in the clear (`InRelease`; RFC 4880, 7), by every key, in their order, with SHA-512. The same text, keys and
 * date (milliseconds since the epoch) give the same bytes. `verifyClearSigned`, and `gpgv --output`, give back the text byte for byte.
 * @throws YardError `invalid` when the text would not survive (see `clearText`) or a key is younger than the date;
 *   `damaged` when a private key does not make good signatures; `not-found` without a key.
 */
export async function signClear(text: Buffer, keys: readonly SigningKey[], date: number): Promise<Buffer> {
  const fault = clearTextFault(text)
  if (fault !== undefined) throw new YardError('invalid', `this text cannot be signed in the clear: ${fault}`)
  const signatures = await signWithAll(hashedFormOfClearText(text), signatureTypes.text, keys, date)
  return Buffer.concat([
    Buffer.from('-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n'),
    dashEscaped(text),
    Buffer.from(writeArmour('SIGNATURE', signatures)),
  ])
}

/** Signs bytes in a file of its own (`Release.gpg`), ASCII-armoured; else as `signClear`. Any bytes will do. */
export async function signDetached(
  bytes: Buffer,
  keys: readonly SigningKey[],
  date: number,
): Promise<Buffer> {
  const signatures = await signWithAll(bytes, signatureTypes.binary, keys, date)
  return Buffer.from(writeArmour('SIGNATURE', signatures))
}

async function signWithAll(
  data: Buffer,
  type: number,
  keys: readonly SigningKey[],
  date: number,
): Promise<Buffer> {
  if (keys.length === 0)
    throw new YardError('not-found', 'there is no key to sign with', { hint: 'switchyard init makes one' })
  const packets: Buffer[] = []
  for (const key of keys) packets.push(await signWith(key, data, type, date))
  return Buffer.concat(packets)
}

async function signWith(key: SigningKey, data: Buffer, type: number, date: number): Promise<Buffer> {
  if (date < key.created)
    throw new YardError('invalid', `key ${key.fingerprint} is younger than what it should sign`, {
      hint: 'no client accepts a signature that is older than its key; check the clock of this machine',
    })
  const body = await makeSignature(key, data, type, date)
  const signature = readSignature(body.signature)
  const publicKey = readPublicKey(body.publicKey)
  // A damaged private key would sign without complaint, and no client could read what the yard serves.
  if (publicKey?.fingerprint !== key.fingerprint || signature === undefined) throw damaged(key)
  if (checkArithmetic(publicKey, signature, [data]).kind !== 'agrees') throw damaged(key)
  return writePacket(packetTags.signature, body.signature)
}

async function makeSignature(key: SigningKey, data: Buffer, type: number, date: number) {
  const { config, enums, readPrivateKey, SignaturePacket } = await import('openpgp')
  try {
    const privateKey = await readPrivateKey({ armoredKey: key.privateKeyArmoured })
    const packet = new SignaturePacket()
    packet.signatureType = type
    packet.publicKeyAlgorithm = privateKey.keyPacket.algorithm
    packet.hashAlgorithm = enums.hash.sha512
    // Its high-level interface takes text only as a string; a Release file is bytes. Its types omit the configuration.
    const sign = packet.sign.bind(packet) as unknown as SignBytes
    await sign(
      privateKey.keyPacket as SecretKeyPacket,
      { text: null, getBytes: () => data },
      new Date(date),
      true,
      {
        ...config,
        nonDeterministicSignaturesViaNotation: false,
      },
    )
    return {
      signature: Buffer.from(packet.write()),
      publicKey: Buffer.from(privateKey.toPublic().keyPacket.write()),
    }
  } catch (error) {
    throw damaged(key, error)
  }
}

type SignBytes = (
  key: SecretKeyPacket,
  data: { text: null; getBytes: () => Uint8Array },
  date: Date,
  detached: boolean,
  config: object,
) => Promise<void>

function damaged(key: SigningKey, cause?: unknown): YardError {
  const reason = cause === undefined ? '' : `: ${messageOf(cause)}`
  return new YardError('damaged', `private key ${key.file} does not make good signatures${reason}`, {
    hint: 'restore the directory of keys from a backup',
    cause,
  })
}
