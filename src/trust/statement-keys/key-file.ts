import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { open } from 'node:fs/promises'
import { messageOf, YardError } from '../../model/index.ts'
import { createDurably } from '../durable-file.ts'
import {
  publicKeyObject,
  type StatementKey,
  type StatementSigner,
  statementKeyOf,
  statementSignerOf,
} from '../statements/statement-key.ts'
import { encryptKey } from './encrypt-key.ts'

/** Enough for any PEM file of one Ed25519 key. */
const maximumBytes = 16 * 1024

/**
 * Makes a key that signs statements: its private half as PKCS#8 PEM (RFC 7468, section 10) that only its owner can read.
 * @param passphrase encrypts it (RFC 7468, section 11).
 * @throws YardError `exists` when there is a file of that name, whatever it holds; `unavailable` when it cannot be written.
 */
export async function createKeyFile(
  file: string,
  { passphrase }: { passphrase?: string | undefined } = {},
): Promise<StatementKey> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const text =
    passphrase === undefined
      ? (privateKey.export({ format: 'pem', type: 'pkcs8' }) as string)
      : await encryptKey(privateKey, passphrase)
  await createFile(file, text, 0o600)
  return statementSignerOf(privateKey).key
}

/** Writes the public half of a key as PEM (RFC 7468, section 13): for who lists it among those that may sign. @throws as createKeyFile. */
export function createPublicKeyFile(file: string, key: StatementKey): Promise<void> {
  return createFile(file, publicKeyObject(key).export({ format: 'pem', type: 'spki' }) as string, 0o644)
}

/**
 * The key of a file, ready to sign.
 * @param passphrase asked for when the file is encrypted.
 * @throws YardError `not-found`; `configuration` when others on this machine can read the file; `invalid` when it holds no Ed25519 key;
 *   `usage` when it is encrypted and the passphrase is wrong or not to be had. Never with a word of its content.
 */
export async function loadKeyFile(
  file: string,
  { passphrase }: { passphrase?: (() => Promise<string>) | undefined } = {},
): Promise<StatementSigner> {
  const { text, mode } = await readFile(file)
  if ((mode & 0o077) !== 0)
    throw new YardError('configuration', `private key ${file} can be read by others on this machine`, {
      hint: `run: chmod 600 ${file}; if others had access to this machine, replace the key`,
    })
  const isEncrypted = text.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----')
  if (isEncrypted && passphrase === undefined)
    throw new YardError('usage', `private key ${file} is encrypted; nothing was signed`, {
      hint: 'name the file that holds its passphrase, or run the command on a terminal',
    })
  const secret = isEncrypted ? await passphrase!() : undefined
  return statementSignerOf(ed25519(file, () => decrypt(file, text, secret)))
}

/** The public half of a key, from the file that holds it alone. @throws YardError `not-found`, `invalid`. */
export async function readPublicKeyFile(file: string): Promise<StatementKey> {
  const { text } = await readFile(file)
  if (text.includes('PRIVATE KEY-----'))
    throw new YardError('invalid', `${file} holds a private key, where the public half is asked for`, {
      hint: 'name the file that was made beside it, ending in .pub; the private one is shown to nobody',
    })
  return keyOf(ed25519(file, () => createPublicKey(text)))
}

function decrypt(file: string, key: string, passphrase: string | undefined): KeyObject {
  if (passphrase === undefined) return createPrivateKey(key)
  try {
    return createPrivateKey({ key, passphrase })
  } catch {
    throw new YardError('usage', `the passphrase is not that of private key ${file}; nothing was signed`, {
      hint: 'try again; nobody can recover a passphrase, so a key without it is lost and has to be replaced',
    })
  }
}

function ed25519(file: string, read: () => KeyObject): KeyObject {
  let fault = 'it is no PEM file of a key'
  try {
    const key = read()
    if (key.asymmetricKeyType === 'ed25519') return key
    fault = `it is a key of the kind ${key.asymmetricKeyType}`
  } catch (error) {
    if (error instanceof YardError) throw error
  }
  throw new YardError('invalid', `${file} holds no Ed25519 key: ${fault}`, {
    hint: '`switchyard trust keys create` makes one',
  })
}

function keyOf(publicKey: KeyObject): StatementKey {
  const { x } = publicKey.export({ format: 'jwk' })
  return statementKeyOf(Buffer.from(x!, 'base64url').toString('hex'))
}

async function createFile(file: string, text: string, mode: number): Promise<void> {
  try {
    await createDurably(file, text, mode)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST')
      throw new YardError('exists', `there is a file ${file} already; it was not changed`, {
        hint: 'name another one: a key that is overwritten is lost',
      })
    throw new YardError('unavailable', `${file} cannot be written: ${messageOf(cause)}; no key was made`, {
      cause,
    })
  }
}

async function readFile(file: string): Promise<{ text: string; mode: number }> {
  try {
    const handle = await open(file)
    try {
      const { size, mode } = await handle.stat()
      if (size <= maximumBytes) return { text: await handle.readFile('latin1'), mode }
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw new YardError('not-found', `key file ${file} cannot be read: ${messageOf(cause)}`, { cause })
  }
  throw new YardError('invalid', `${file} is too large to hold a key`)
}
