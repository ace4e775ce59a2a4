import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isSignedBy } from '../statements/statement-key.ts'
import { createKeyFile, createPublicKeyFile, loadKeyFile, readPublicKeyFile } from './key-file.ts'

const directory = mkdtempSync(join(tmpdir(), 'switchyard-keys-'))
afterAll(() => rmSync(directory, { recursive: true }))
const at = (name: string) => join(directory, name)
const text = Buffer.from('stop')
const passphrase = 'correct horse'

describe('a key file', () => {
  it('signs what its public half verifies, and openssl agrees', async () => {
    const key = await createKeyFile(at('ada.pem'))
    await createPublicKeyFile(at('ada.pub'), key)
    const signer = await loadKeyFile(at('ada.pem'))
    expect(signer.key).toEqual(key)
    expect(await readPublicKeyFile(at('ada.pub'))).toEqual(key)
    expect(isSignedBy(key, text, signer.sign(text))).toBe(true)

    writeFileSync(at('text'), text)
    writeFileSync(at('signature'), signer.sign(text))
    const openssl = ['pkeyutl', '-verify', '-rawin', '-in', at('text'), '-sigfile', at('signature')]
    expect(execFileSync('openssl', [...openssl, '-pubin', '-inkey', at('ada.pub')]).toString()).toMatch(
      /Verified Successfully/,
    )
  })

  it('is readable by its owner alone, and refused when others may read it', async () => {
    await createKeyFile(at('open.pem'))
    expect(statSync(at('open.pem')).mode & 0o777).toBe(0o600)
    chmodSync(at('open.pem'), 0o640)
    await expect(loadKeyFile(at('open.pem'))).rejects.toMatchObject({
      code: 'configuration',
      hint: expect.stringContaining('chmod 600'),
    })
  })

  it('is never overwritten', async () => {
    await createKeyFile(at('kept.pem'))
    const before = readFileSync(at('kept.pem'))
    await expect(createKeyFile(at('kept.pem'))).rejects.toMatchObject({ code: 'exists' })
    expect(readFileSync(at('kept.pem'))).toEqual(before)
  })

  it('that openssl made is as good', async () => {
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', at('foreign.pem')])
    chmodSync(at('foreign.pem'), 0o600)
    const { key, sign } = await loadKeyFile(at('foreign.pem'))
    expect(isSignedBy(key, text, sign(text))).toBe(true)
  })

  it.each([
    [
      'an RSA key',
      () => execFileSync('openssl', ['genrsa', '2048'], { stdio: 'pipe' }).toString(),
      /kind rsa/,
    ],
    ['nothing', () => '', /no PEM/],
    ['noise', () => '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', /no PEM/],
    ['too much', () => 'x'.repeat(20_000), /too large/],
  ])('with %s is refused', async (_, content, message) => {
    writeFileSync(at('bad.pem'), content(), { mode: 0o600 })
    await expect(loadKeyFile(at('bad.pem'))).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(message),
    })
    await expect(readPublicKeyFile(at('bad.pem'))).rejects.toMatchObject({ code: 'invalid' })
  })

  it('that is not there is named', async () => {
    await expect(loadKeyFile(at('gone.pem'))).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('gone.pem'),
    })
  })
})

describe('an encrypted key file', () => {
  it('opens with its passphrase, here and in openssl', async () => {
    const key = await createKeyFile(at('ben.pem'), { passphrase })
    expect((await loadKeyFile(at('ben.pem'), { passphrase: async () => passphrase })).key).toEqual(key)
    const shown = spawnSync(
      'openssl',
      ['pkey', '-in', at('ben.pem'), '-passin', 'stdin', '-noout', '-text'],
      {
        input: `${passphrase}\n`,
        encoding: 'utf8',
      },
    )
    expect(shown.stdout.replace(/\W/g, '')).toContain(key.public)
  })

  it('of openssl opens too', async () => {
    execFileSync('openssl', [
      'genpkey',
      '-algorithm',
      'ed25519',
      '-aes-256-cbc',
      '-pass',
      `pass:${passphrase}`,
      '-out',
      at('foreign-encrypted.pem'),
    ])
    chmodSync(at('foreign-encrypted.pem'), 0o600)
    const { key, sign } = await loadKeyFile(at('foreign-encrypted.pem'), {
      passphrase: async () => passphrase,
    })
    expect(isSignedBy(key, text, sign(text))).toBe(true)
  })

  it('stays closed without it, or with another one', async () => {
    await createKeyFile(at('shut.pem'), { passphrase })
    await expect(loadKeyFile(at('shut.pem'))).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/is encrypted/),
    })
    await expect(loadKeyFile(at('shut.pem'), { passphrase: async () => 'wrong' })).rejects.toMatchObject({
      code: 'usage',
      message: expect.not.stringContaining('wrong'),
    })
  })
})
