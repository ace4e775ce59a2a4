import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson, messageOf, YardError } from '../model/index.ts'
import { writeDurably } from './durable-file.ts'
import { type ArmourLabel, readArmour, writeArmour } from './openpgp/armour.ts'
import { readPublicKey } from './openpgp/key-packet.ts'
import { readPackets } from './openpgp/packets.ts'
import { createSigningKey, type SigningKeyOptions } from './signing-key.ts'

/** A key that signs what the yard serves. */
export interface SigningKey {
  /** 40 upper-case hexadecimal digits. */
  fingerprint: string
  /** In milliseconds since the epoch: nothing that is older can be signed. */
  created: number
  /** The file that holds its private half, for messages. */
  file: string
  /** Its private half, ASCII-armoured: never to be shown. */
  privateKeyArmoured: string
}

/**
 * The yard's own keys. Several may sign at once, so that a key can be replaced without a moment at which some client
 * trusts none: `rotate`, hand the new `publicKey` to every client, `retire` the old one. Every call answers for what
 * the directory says at that moment: another process may have changed it.
 */
export interface KeyDirectory {
  /** The keys that sign, oldest first; every one signs everything. Empty before the first `rotate`. */
  signers(): Promise<readonly SigningKey[]>
  /**
   * The public halves of `signers`, or of the keys with these fingerprints whether or not they sign still, as one
   * ASCII-armoured block. @throws YardError `not-found` when there is none; `damaged` when a file is missing.
   */
  publicKey(fingerprints?: readonly string[]): Promise<string>
  /** Makes a key and adds it to `signers`; durable when it resolves. @throws YardError `configuration`. */
  rotate(options: SigningKeyOptions): Promise<SigningKey>
  /**
   * The key signs no more. Its files stay: they verify what it signed, and it may have been the wrong one.
   * @throws YardError `not-found` when it does not sign now; `refused` when it is the only one.
   */
  retire(fingerprint: string): Promise<void>
}

interface LoadedKey extends SigningKey {
  publicKey: Buffer
}

const maxBytes = 1024 * 1024

/**
 * Opens the directory that keeps the yard's keys: `FINGERPRINT.private.asc` (mode 0600), `FINGERPRINT.public.asc`, and
 * `current.json`, which names those that sign. A directory that does not exist is made by the first `rotate`. The caller sees to
 * it that nobody else changes it during a `rotate` or `retire`.
 * @throws YardError, as every call does, `configuration` when somebody else on this machine can read a private key;
 *   `damaged` when a file is missing, cannot be read, or holds another key than its name says.
 */
export async function openKeys(directory: string): Promise<KeyDirectory> {
  let known: { list: string; keys: LoadedKey[] } | undefined
  const signers = async () => {
    const current = await readIfThere(currentFile(directory))
    if (current === undefined && known !== undefined) throw damaged(currentFile(directory), 'it is missing')
    if (current !== undefined && current.text !== known?.list)
      known = { list: current.text, keys: await loadAll(directory, current) }
    return known?.keys ?? []
  }
  await signers()
  return {
    signers,
    async publicKey(fingerprints) {
      const keys = fingerprints === undefined ? await signers() : await loadPublic(directory, fingerprints)
      return armouredTogether(keys, directory)
    },
    async rotate(options) {
      const keys = await signers()
      const key = await addKey(directory, options)
      await writeCurrent(directory, [...keys, key])
      return key
    },
    async retire(fingerprint) {
      const keys = await signers()
      const rest = keys.filter(key => key.fingerprint !== fingerprint)
      if (rest.length === keys.length)
        throw new YardError('not-found', `no key ${fingerprint} signs for this yard`, {
          hint: `these do: ${keys.map(key => key.fingerprint).join(', ')}`,
        })
      if (rest.length === 0)
        throw new YardError('refused', `key ${fingerprint} is the only one that signs for this yard`, {
          hint: 'make a new key first, and hand it to every client',
        })
      await writeCurrent(directory, rest)
    },
  }
}

async function loadAll(directory: string, current: { text: string }): Promise<LoadedKey[]> {
  return Promise.all(parseCurrent(current, directory).map(fingerprint => loadKey(directory, fingerprint)))
}

async function addKey(directory: string, options: SigningKeyOptions): Promise<LoadedKey> {
  const { fingerprint, privateKeyArmoured, publicKeyArmoured } = await createSigningKey(options)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeDurably(privateFile(directory, fingerprint), privateKeyArmoured, 0o600)
  await writeDurably(publicFile(directory, fingerprint), publicKeyArmoured, 0o644)
  return loadKey(directory, fingerprint)
}

async function loadKey(directory: string, fingerprint: string): Promise<LoadedKey> {
  const file = privateFile(directory, fingerprint)
  const privateKey = await readKey(file, 'PRIVATE KEY BLOCK', fingerprint)
  const publicKey = await readPublic(directory, fingerprint)
  if ((privateKey.mode & 0o077) !== 0)
    throw new YardError('configuration', `private key ${file} can be read by others on this machine`, {
      hint: `run: chmod 600 ${file}; if others had access to this machine, make a new key and retire this one`,
    })
  return {
    fingerprint,
    created: publicKey.created,
    file,
    privateKeyArmoured: privateKey.text,
    publicKey: publicKey.content,
  }
}

/** Each key once. */
function loadPublic(directory: string, fingerprints: readonly string[]): Promise<{ publicKey: Buffer }[]> {
  return Promise.all(
    [...new Set(fingerprints)].map(async fingerprint => ({
      publicKey: (await readPublic(directory, fingerprint)).content,
    })),
  )
}

function readPublic(directory: string, fingerprint: string) {
  return readKey(publicFile(directory, fingerprint), 'PUBLIC KEY BLOCK', fingerprint)
}

/** The key's packets, which begin with the key that the file is named for. */
async function readKey(file: string, label: ArmourLabel, fingerprint: string) {
  const read = await readIfThere(file)
  if (read === undefined) throw damaged(file, 'it is missing')
  const armour = readArmour(Buffer.from(read.text, 'latin1'), label, false)
  if (armour.fault !== undefined) throw damaged(file, armour.fault)
  const { packets, fault } = readPackets(armour.value)
  if (fault !== undefined) throw damaged(file, fault)
  // A private-key packet begins with the public key.
  const key = readPublicKey(packets[0]!.body)
  if (key?.fingerprint !== fingerprint) throw damaged(file, 'it holds another key than its name says')
  return { ...read, content: armour.value, created: key.created * 1000 }
}

async function readIfThere(file: string): Promise<{ text: string; mode: number } | undefined> {
  try {
    const handle = await open(file)
    try {
      const { size, mode } = await handle.stat()
      if (size > maxBytes) throw damaged(file, 'it is too large')
      return { text: await handle.readFile('latin1'), mode }
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof YardError) throw error
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw damaged(file, messageOf(error), error)
  }
}

function parseCurrent({ text }: { text: string }, directory: string): string[] {
  const file = currentFile(directory)
  try {
    const { version, signing } = JSON.parse(text) as { version: unknown; signing: unknown }
    if (version === 1 && Array.isArray(signing) && signing.every(isFingerprint)) return signing
  } catch (error) {
    throw damaged(file, 'it is not JSON', error)
  }
  throw damaged(file, 'it does not list fingerprints')
}

function isFingerprint(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9A-F]{40}$/.test(value)
}

async function writeCurrent(directory: string, keys: readonly SigningKey[]): Promise<void> {
  const record = canonicalJson({ version: 1, signing: keys.map(key => key.fingerprint) })
  await writeDurably(currentFile(directory), `${record}\n`, 0o644)
}

function armouredTogether(keys: readonly { publicKey: Buffer }[], directory: string): string {
  if (keys.length === 0)
    throw new YardError('not-found', `there is no signing key in ${directory}`, {
      hint: 'switchyard init makes one',
    })
  return writeArmour('PUBLIC KEY BLOCK', Buffer.concat(keys.map(key => key.publicKey)))
}

function damaged(file: string, fault: string, cause?: unknown): YardError {
  return new YardError('damaged', `${file}, which the yard signs with, is unusable: ${fault}`, {
    hint: 'restore the directory of keys from a backup; a new key would have to be handed to every client',
    cause,
  })
}

function privateFile(directory: string, fingerprint: string): string {
  return join(directory, `${fingerprint}.private.asc`)
}

function publicFile(directory: string, fingerprint: string): string {
  return join(directory, `${fingerprint}.public.asc`)
}

function currentFile(directory: string): string {
  return join(directory, 'current.json')
}
