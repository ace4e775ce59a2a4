import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askApt, askGpgv, createGnupg, type Gnupg } from './gnupg.fixture.ts'
import { openKeys, type SigningKey } from './key-directory.ts'
import { parseKeyring } from './keyring.ts'
import { readArmour } from './openpgp/armour.ts'
import { clearText } from './openpgp/clear-text.ts'
import { signClear, signDetached } from './sign.ts'
import { createSigningKey } from './signing-key.ts'
import { verifyClearSigned, verifyDetached } from './verify.ts'

const made = Date.now() - 3_600_000
const date = made + 1_800_000
const release = Buffer.from('Origin: Example\nSuite: stable\n- odd\nSHA256:\n 00 1 main/Packages\n')

let gnupg: Gnupg
let directory: string
let signers: readonly SigningKey[]
let publicKey: string
let keyringFile: string

beforeAll(async () => {
  gnupg = createGnupg()
  directory = mkdtempSync(join(tmpdir(), 'sign-'))
  const keys = await openKeys(join(directory, 'keys'))
  const userId = 'Example Yard <yard@example.org>'
  await keys.rotate({ algorithm: 'rsa4096', userId, now: made })
  await keys.rotate({ algorithm: 'ed25519', userId, now: made })
  signers = await keys.signers()
  publicKey = await keys.publicKey()
  keyringFile = gnupg.file(readArmour(Buffer.from(publicKey), 'PUBLIC KEY BLOCK', true).value!)
})

afterAll(() => {
  gnupg.remove()
  rmSync(directory, { recursive: true })
})

const options = () => ({ now: Date.now(), object: 'InRelease' })
const ring = () => parseKeyring(readFileSync(keyringFile), keyringFile)

describe('signing in the clear', () => {
  it('is accepted by gpgv, by apt and by us, with every key, and gives the text back byte for byte', async () => {
    const document = await signClear(release, signers, date)
    const oracle = askGpgv(gnupg, keyringFile, document)
    expect(oracle.statuses).toEqual(['GOODSIG', 'VALIDSIG', 'GOODSIG', 'VALIDSIG'])
    expect(oracle.output).toEqual(release)
    expect(askApt(gnupg, keyringFile, document)).toBe(true)
    const ours = await verifyClearSigned(document, ring(), options())
    expect(ours.signed).toEqual(release)
    expect(ours.fingerprints).toEqual(signers.map(key => key.fingerprint))
    expect(ours.signedAt).toBe(Math.floor(date / 1000) * 1000)
  })

  it('gives the same bytes for the same text, keys and date, and others for another date', async () => {
    const one = await signClear(release, signers, date)
    expect(await signClear(Buffer.from(release), signers, date)).toEqual(one)
    const reopened = await openKeys(join(directory, 'keys'))
    expect(await signClear(release, await reopened.signers(), date)).toEqual(one)
    expect(await signClear(release, signers, date + 1000)).not.toEqual(one)
  })

  it('gives any clear text back through gpgv', async () => {
    const ed25519 = signers.slice(1)
    const piece = fc.constantFrom('a', '-', '- -', 'From ', '\xff', '\r', '\n', '\n\n', ' ', '\t', '\u00a0')
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1 }), async pieces => {
        const text = clearText(Buffer.from(pieces.join(''), 'latin1'))
        const document = await signClear(text, ed25519, date)
        expect(askGpgv(gnupg, keyringFile, document)).toMatchObject({ accepted: true, output: text })
      }),
      { numRuns: 30 },
    )
  })

  it.each([
    ['blanks before a line break', 'Suite: \n'],
    ['CR LF', 'Suite: x\r\n'],
    ['no last line break', 'Suite: x'],
    ['nothing', ''],
  ])('refuses text that would not come back: %s', async (_, text) => {
    const work = signClear(Buffer.from(text), signers, date)
    await expect(work).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('signing in a file of its own', () => {
  it('is accepted by gpgv, by apt and by us, whatever the bytes', async () => {
    const bytes = Buffer.from('any \0 bytes \r\n \xff at all', 'latin1')
    const signature = await signDetached(bytes, signers, date)
    expect(askGpgv(gnupg, keyringFile, signature, bytes).accepted).toBe(true)
    expect(askApt(gnupg, keyringFile, signature, bytes)).toBe(true)
    expect((await verifyDetached(bytes, signature, ring(), options())).signers).toHaveLength(2)
    expect(await signDetached(bytes, signers, date)).toEqual(signature)
  })
})

describe('signing is refused', () => {
  it('with a key that is younger than the date', async () => {
    const work = signClear(release, signers, made - 1000)
    await expect(work).rejects.toMatchObject({ code: 'invalid', hint: expect.stringContaining('clock') })
  })

  it('without a key', async () => {
    await expect(signDetached(release, [], date)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('with a private key that is damaged, and nothing of it is shown', async () => {
    const key = signers[1]!
    const { privateKeyArmoured } = await createSigningKey({
      algorithm: 'ed25519',
      userId: 'Other',
      now: made,
    })
    const damaged: SigningKey = {
      ...key,
      privateKeyArmoured: privateKeyArmoured.replace(/\n\n..../, '\n\nAAAA'),
    }
    const error = await signClear(release, [damaged], date).then(String, (thrown: Error) => thrown)
    expect(error).toMatchObject({ code: 'damaged', message: expect.stringContaining(key.file) })
    for (const line of damaged.privateKeyArmoured.split('\n').filter(line => line.length > 20))
      if (!line.startsWith('-----')) expect(String(error)).not.toContain(line)
  })

  it('when a key is asked for with a user ID of two lines', async () => {
    const work = createSigningKey({ algorithm: 'ed25519', userId: 'a\nb', now: made })
    await expect(work).rejects.toMatchObject({ code: 'configuration' })
  })
})

describe('a real apt', () => {
  it.each(['InRelease', 'Release.gpg'])('updates from a repository signed with %s', async file => {
    const { root, update } = isolatedApt(file)
    const suite = join(root, 'repository/dists/stable')
    const text = writeRepository(suite)
    if (file === 'InRelease') writeFileSync(join(suite, 'InRelease'), await signClear(text, signers, date))
    else {
      writeFileSync(join(suite, 'Release'), text)
      writeFileSync(join(suite, 'Release.gpg'), await signDetached(text, signers, date))
    }
    expect(update()).toMatchObject({ status: 0, stderr: '' })

    // The same repository, one byte changed: so the signature was what made it accept.
    const signed = join(suite, file === 'InRelease' ? 'InRelease' : 'Release')
    writeFileSync(signed, readFileSync(signed, 'latin1').replace('Example', 'Exemple'))
    rmSync(join(root, 'state'), { recursive: true })
    mkdirSync(join(root, 'state/lists/partial'), { recursive: true })
    expect(update()).toMatchObject({ status: 100, stderr: expect.stringContaining('BADSIG') })
  })

  function writeRepository(suite: string): Buffer {
    const packages = 'Package: a\nVersion: 1\nArchitecture: all\nFilename: a.deb\nSize: 1\n'
    mkdirSync(join(suite, 'main/binary-amd64'), { recursive: true })
    writeFileSync(join(suite, 'main/binary-amd64/Packages'), packages)
    const sha256 = createHash('sha256').update(packages).digest('hex')
    return Buffer.from(
      [
        'Origin: Example',
        'Suite: stable',
        'Codename: stable',
        'Components: main',
        'Architectures: amd64',
        `Date: ${new Date(date).toUTCString().replace('GMT', 'UTC')}`,
        'SHA256:',
        ` ${sha256} ${packages.length} main/binary-amd64/Packages`,
        '',
      ].join('\n'),
    )
  }

  function isolatedApt(name: string) {
    const root = join(directory, `apt-${name}`)
    for (const part of [
      'state/lists/partial',
      'cache/archives/partial',
      'etc/preferences.d',
      'etc/apt.conf.d',
    ])
      mkdirSync(join(root, part), { recursive: true })
    writeFileSync(join(root, 'status'), '')
    const key = publicKey.trimEnd().replace(/\n\n/g, '\n.\n').replace(/\n/g, '\n ')
    writeFileSync(
      join(root, 'etc/example.sources'),
      `Types: deb\nURIs: copy:${root}/repository\nSuites: stable\nComponents: main\nArchitectures: amd64\nSigned-By:\n ${key}\n`,
    )
    const settings = {
      'Dir::Etc': `${root}/etc`,
      'Dir::Etc::sourcelist': `${root}/etc/example.sources`,
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::State': `${root}/state`,
      'Dir::State::status': `${root}/status`,
      'Dir::Cache': `${root}/cache`,
      'APT::Architecture': 'amd64',
      'APT::Sandbox::User': 'root',
      'Acquire::Languages': 'none',
    }
    const args = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    const update = () => spawnSync('apt-get', [...args, '-q', 'update'], { encoding: 'utf8' })
    return { root, update }
  }
})
