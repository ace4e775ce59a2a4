import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isYardError } from '../model/index.ts'
import { createGnupg, type Gnupg } from './gnupg.fixture.ts'
import { loadKeyring, parseKeyring } from './keyring.ts'
import { verifyClearSigned } from './verify.ts'

const debian = '/usr/share/keyrings/debian-archive-keyring.gpg'

let gnupg: Gnupg
let directory: string
let fingerprints: string[]

beforeAll(() => {
  gnupg = createGnupg()
  directory = mkdtempSync(join(tmpdir(), 'keyring-'))
  fingerprints = ['one', 'two'].map(name => gnupg.makeKey(name, 'ed25519'))
})

afterAll(() => {
  gnupg.remove()
  rmSync(directory, { recursive: true })
})

function kept(name: string, content: string | Uint8Array): string {
  const file = join(directory, name)
  writeFileSync(file, content)
  return file
}

describe('a keyring', () => {
  it('is read as gpg lists it: the real one of Debian', async () => {
    const keyring = await loadKeyring(debian)
    const listing = gnupg.gpg(['--no-default-keyring', '--keyring', debian, '--with-colons', '--list-keys'])
    const listed = [...listing.toString().matchAll(/^fpr:+([0-9A-F]{40}):/gm)].map(match => match[1])
    expect(keyring.keys.flatMap(key => [key.fingerprint, ...key.subkeys])).toEqual(listed)
    expect(keyring.keys[0]!.userIds[0]).toContain('Debian')
  })

  it('is the same, binary or armoured, in one block or in several', async () => {
    const binary = await loadKeyring(gnupg.keyring('one', 'two'))
    const blocks = fingerprints.map(fingerprint => gnupg.gpg(['--armor', '--export', fingerprint]).toString())
    const armoured = await loadKeyring(kept('several.asc', `Two keys.\n\n${blocks.join('\nAnd:\n')}\n`))
    expect(armoured.keys).toEqual(binary.keys)
    expect(armoured.digest).toBe(binary.digest)
    expect(armoured.keys.map(key => key.fingerprint)).toEqual(fingerprints)
  })

  it('can be handed on in armour, which gpg and we read back', async () => {
    const keyring = await loadKeyring(debian)
    expect(parseKeyring(Buffer.from(keyring.armoured()), 'x').digest).toBe(keyring.digest)
    const shown = gnupg.gpg(['--show-keys', '--with-colons'], { input: Buffer.from(keyring.armoured()) })
    for (const key of keyring.keys) expect(shown.toString()).toContain(key.fingerprint)
  })
})

describe('a keyring that cannot be used is a configuration error', () => {
  const cases: [string, () => string, RegExp, RegExp][] = [
    ['missing', () => join(directory, 'absent.gpg'), /absent.gpg does not exist/, /name the file/],
    [
      'missing, of Debian',
      () => join(directory, 'debian-archive-keyring.gpg'),
      /does not exist/,
      /install the Debian package debian-archive-keyring/,
    ],
    [
      'missing, of Ubuntu',
      () => join(directory, 'ubuntu-archive-keyring.gpg'),
      /does not exist/,
      /install the Debian package ubuntu-keyring/,
    ],
    ['a directory', () => directory, /not a regular file/, /name a file/],
    ['unreadable', () => join(debian, 'x'), /cannot be read/, /name the file/],
    ['empty', () => kept('empty.gpg', ''), /it is empty/, /gpg --export/],
    ['a keybox', () => join(gnupg.directory, 'pubring.kbx'), /a GnuPG keybox/, /--export --output/],
    ['no keyring', () => kept('text', 'hello\n'), /no public key block/, /gpg --export/],
    ['truncated', () => kept('cut.gpg', readFileSync(debian).subarray(0, 3000)), /damaged/, /gpg --export/],
    ['a private key', () => kept('private', privateKey()), /holds a private key/, /public key alone/],
    [
      'a signature',
      () => kept('signature', gnupg.detachSign(Buffer.from('x'), ['one'], [])),
      /no key/,
      /gpg/,
    ],
  ]

  it.each(cases)('%s', async (_, file, message, hint) => {
    const path = file()
    const error = await loadKeyring(path).catch((thrown: unknown) => thrown)
    if (!isYardError(error, 'configuration')) throw error
    expect(error.message).toMatch(message)
    expect(error.message).toContain(path)
    expect(error.hint).toMatch(hint)
  })

  it('larger than 16 MiB, before it is read', async () => {
    const file = kept('large.gpg', '')
    truncateSync(file, 16 * 1024 * 1024 + 1)
    await expect(loadKeyring(file)).rejects.toThrow('larger than 16 MiB')
  })

  function privateKey(): Buffer {
    return gnupg.gpg(['--export-secret-keys', 'one'])
  }
})

it('a damaged keyring is refused or read, and then verifies or refuses, but never fails otherwise', async () => {
  const bytes = readFileSync(gnupg.keyring('one'))
  const document = gnupg.clearSign(Buffer.from('Suite: x\n'), ['one'])
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, value) => {
      const damaged = Buffer.from(bytes)
      damaged[at] = value
      try {
        const keyring = parseKeyring(damaged, 'fuzz')
        await verifyClearSigned(document, keyring, { now: Date.now(), object: 'InRelease' })
      } catch (error) {
        expect(isYardError(error, 'configuration', 'untrusted')).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})
