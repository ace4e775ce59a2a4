import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openKeys } from './key-directory.ts'
import { parseKeyring } from './keyring.ts'
import { signClear } from './sign.ts'
import { verifyClearSigned } from './verify.ts'

const now = Date.UTC(2026, 10, 21, 6, 45)
const first = { algorithm: 'ed25519', userId: 'Example Yard <yard@example.org>', now } as const
const second = { ...first, now: now + 1000 }

let directory: string

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'keys-')), 'keys')
})

afterEach(() => rmSync(join(directory, '..'), { recursive: true }))

describe('a directory of keys', () => {
  it('is empty before the first key', async () => {
    const keys = await openKeys(directory)
    expect(await keys.signers()).toEqual([])
    await expect(keys.publicKey()).rejects.toThrow('no signing key')
  })

  it('keeps the key that was made, private for its owner alone', async () => {
    const { fingerprint } = await (await openKeys(directory)).rotate(first)
    expect(readdirSync(directory).sort()).toEqual(
      [`${fingerprint}.private.asc`, `${fingerprint}.public.asc`, 'current.json'].sort(),
    )
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(statSync(join(directory, `${fingerprint}.private.asc`)).mode & 0o777).toBe(0o600)
    const again = await openKeys(directory)
    expect((await again.signers()).map(key => key.fingerprint)).toEqual([fingerprint])
    expect((await again.signers())[0]!.created).toBe(now)
    const [key] = parseKeyring(Buffer.from(await again.publicKey()), 'x').keys
    expect(key).toMatchObject({ fingerprint, userIds: [first.userId], created: now })
  })

  it('overwrites what a crashed attempt left, without its permissions', async () => {
    const keys = await openKeys(directory)
    await keys.rotate(first)
    const left = join(directory, 'current.json.new')
    writeFileSync(left, 'half', { mode: 0o666 })
    await keys.rotate(second)
    expect(readdirSync(directory)).not.toContain('current.json.new')
    expect(await (await openKeys(directory)).signers()).toHaveLength(2)
  })
})

describe('changing the key', () => {
  it('lets clients with only the old key and clients with only the new key accept, until the old one is retired', async () => {
    const keys = await openKeys(directory)
    const old = await keys.rotate(first)
    const oldClient = parseKeyring(Buffer.from(await keys.publicKey()), 'old client')
    const fresh = await keys.rotate(second)
    const both = await keys.publicKey()
    await keys.retire(old.fingerprint)
    const newClient = parseKeyring(Buffer.from(await keys.publicKey()), 'new client')
    expect(parseKeyring(Buffer.from(both), 'x').keys.map(key => key.fingerprint)).toEqual([
      old.fingerprint,
      fresh.fingerprint,
    ])

    const text = Buffer.from('Suite: stable\n')
    const options = { now: now + 2000, object: 'InRelease' }
    const during = await signClear(text, [old, fresh], now + 2000)
    expect((await verifyClearSigned(during, oldClient, options)).fingerprints).toEqual([old.fingerprint])
    expect((await verifyClearSigned(during, newClient, options)).fingerprints).toEqual([fresh.fingerprint])

    const after = await signClear(text, await (await openKeys(directory)).signers(), now + 2000)
    expect((await verifyClearSigned(after, newClient, options)).signed).toEqual(text)
    await expect(verifyClearSigned(after, oldClient, options)).rejects.toThrow(fresh.fingerprint)
  })

  it('goes on from what another process made of it meanwhile', async () => {
    const [ours, theirs] = [await openKeys(directory), await openKeys(directory)]
    const old = await ours.rotate(first)
    const fresh = await theirs.rotate(second)
    const fingerprints = async () => (await ours.signers()).map(key => key.fingerprint)
    expect(await fingerprints()).toEqual([old.fingerprint, fresh.fingerprint])
    await ours.retire(old.fingerprint)
    expect(await fingerprints()).toEqual([fresh.fingerprint])
    expect((await theirs.signers()).map(key => key.fingerprint)).toEqual([fresh.fingerprint])
  })

  it('still gives out the public half of a key that was retired, to whoever asks for it by name', async () => {
    const keys = await openKeys(directory)
    const [old, fresh] = [await keys.rotate(first), await keys.rotate(second)]
    await keys.retire(old.fingerprint)
    const given = async (fingerprints: string[]) =>
      parseKeyring(Buffer.from(await keys.publicKey(fingerprints)), 'x').keys.map(key => key.fingerprint)
    expect(await given([old.fingerprint])).toEqual([old.fingerprint])
    expect(await given([fresh.fingerprint, old.fingerprint, fresh.fingerprint])).toEqual([
      fresh.fingerprint,
      old.fingerprint,
    ])
  })

  it('never leaves a yard without a key', async () => {
    const keys = await openKeys(directory)
    const { fingerprint } = await keys.rotate(first)
    await expect(keys.retire(fingerprint)).rejects.toMatchObject({ code: 'refused' })
    await expect(keys.retire('0'.repeat(40))).rejects.toMatchObject({ code: 'not-found' })
    expect(await keys.signers()).toHaveLength(1)
  })
})

describe('a directory that cannot be used', () => {
  it.each([0o640, 0o604, 0o644])('has a private key that others can read (%o)', async mode => {
    const { file } = await (await openKeys(directory)).rotate(first)
    chmodSync(file, mode)
    await expect(openKeys(directory)).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(file),
      hint: expect.stringContaining(`chmod 600 ${file}`),
    })
  })

  it.each([
    ['a missing private key', (file: string) => rmSync(file), /private.asc.*it is missing/],
    ['a missing public key', (file: string) => rmSync(publicOf(file)), /public.asc.*it is missing/],
    ['a truncated private key', (file: string) => cut(file), /private.asc.*its armour has no end/],
    ['a list that is not JSON', (file: string) => write(listOf(file), '{'), /current.json.*not JSON/],
    [
      'a list that leads elsewhere',
      (file: string) => write(listOf(file), '{"version":1,"signing":["../../etc/passwd"]}'),
      /current.json.*does not list fingerprints/,
    ],
  ])('has %s', async (_, damage, message) => {
    const { file } = await (await openKeys(directory)).rotate(first)
    damage(file)
    await expect(openKeys(directory)).rejects.toMatchObject({ code: 'damaged' })
    await expect(openKeys(directory)).rejects.toThrow(message)
  })

  it('has lost its list of keys while it was open', async () => {
    const keys = await openKeys(directory)
    const { file } = await keys.rotate(first)
    await keys.signers()
    rmSync(listOf(file))
    await expect(keys.signers()).rejects.toThrow(/current.json.*it is missing/)
  })

  it('has a key under the name of another', async () => {
    const keys = await openKeys(directory)
    const [one, two] = [await keys.rotate(first), await keys.rotate(second)]
    write(one.file, readFileSync(two.file, 'latin1'))
    await expect(openKeys(directory)).rejects.toThrow(/another key than its name says/)
  })

  function publicOf(file: string): string {
    return file.replace('.private.', '.public.')
  }

  function listOf(file: string): string {
    return join(file, '..', 'current.json')
  }

  function write(file: string, content: string): void {
    writeFileSync(file, content)
  }

  function cut(file: string): void {
    writeFileSync(file, readFileSync(file).subarray(0, 300))
  }
})
