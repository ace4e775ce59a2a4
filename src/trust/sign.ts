import { messageOf, YardError } from '../model/index.ts'
import type { SigningKey } from './key-directory.ts'
import { checkArithmetic } from './openpgp/arithmetic.ts'
import { readArmour, writeArmour } from './openpgp/armour.ts'
import { clearTextFault, dashEscaped, hashedFormOfClearText } from './openpgp/clear-text.ts'
import { makeSignature } from './openpgp/make-signature.ts'
import { packetTags, readPackets, writePacket } from './openpgp/packets.ts'
import { readSecretKey, type SecretKey } from './openpgp/secret-key.ts'
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
  const secret = secretKeyOf(key)
  const body = await makeSignature(secret, data, type, date).catch(error => {
    throw damaged(key, error)
  })
  const signature = readSignature(body)
  // A damaged private key would sign without complaint, and no client could read what the yard serves.
  if (signature === undefined || checkArithmetic(secret.publicKey, signature, [data]).kind !== 'agrees')
    throw damaged(key)
  return writePacket(packetTags.signature, body)
}

/** Reading a key takes longer than signing with it; a promotion signs dozens of times. */
const secretKeys = new WeakMap<SigningKey, SecretKey>()

function secretKeyOf(key: SigningKey): SecretKey {
  const secret = secretKeys.get(key) ?? readSecret(key)
  secretKeys.set(key, secret)
  return secret
}

function readSecret(key: SigningKey): SecretKey {
  const armour = readArmour(Buffer.from(key.privateKeyArmoured, 'latin1'), 'PRIVATE KEY BLOCK', false)
  const packet = armour.fault === undefined ? readPackets(armour.value).packets[0] : undefined
  try {
    const secret = packet?.tag === packetTags.secretKey ? readSecretKey(packet.body) : undefined
    if (secret?.publicKey.fingerprint === key.fingerprint) return secret
  } catch (error) {
    throw damaged(key, error)
  }
  throw damaged(key)
}

function damaged(key: SigningKey, cause?: unknown): YardError {
  const reason = cause === undefined ? '' : `: ${messageOf(cause)}`
  return new YardError('damaged', `private key ${key.file} does not make good signatures${reason}`, {
    hint: 'restore the directory of keys from a backup',
    cause,
  })
}
