import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isYardError, YardError } from '../model/index.ts'
import { withoutCr } from './compare-verdicts.fixture.ts'
import { askApt, askGpgv, createGnupg, type Gnupg, revoke } from './gnupg.fixture.ts'
import { type Keyring, loadKeyring } from './keyring.ts'
import { type Verified, verifyClearSigned, verifyDetached } from './verify.ts'

const text = Buffer.from('Origin: Example\nSuite: stable\nDate: Sat, 21 Nov 2026 06:45:00 UTC\n')
const day = 86_400_000

let gnupg: Gnupg
let keyringFile: string
let keyring: Keyring
const fingerprints: Record<string, string> = {}

const algorithms = [
  'rsa2048',
  'rsa3072',
  'ed25519',
  'nistp256',
  'nistp521',
  'brainpoolP256r1',
  'secp256k1',
  'dsa2048',
]

beforeAll(async () => {
  gnupg = createGnupg()
  for (const name of algorithms) fingerprints[name] = gnupg.makeKey(name, name)
  fingerprints.other = gnupg.makeKey('other', 'ed25519')
  fingerprints.stranger = gnupg.makeKey('stranger', 'ed25519')
  fingerprints.expired = gnupg.makeKey('expired', 'ed25519', { at: '20200101T000000', expire: '30d' })
  fingerprints.revoked = gnupg.makeKey('revoked', 'ed25519')
  fingerprints.aged = gnupg.makeKey('aged', 'ed25519', { at: '20200101T000000' })
  fingerprints.future = gnupg.makeKey('future', 'ed25519', { at: '20900101T000000' })
  for (const [name, at, expire] of [
    ['subkeys', undefined, 'never'],
    ['expiredsubkey', '20200101T000000', '30d'],
    ['revokedsubkey', undefined, 'never'],
  ] as const) {
    fingerprints[name] = gnupg.makeKey(name, 'ed25519', { usage: 'cert', ...(at && { at }) })
    gnupg.gpg(['--quick-add-key', fingerprints[name], 'ed25519', 'sign', expire], at && { at })
  }
})

afterAll(() => gnupg.remove())

/** Signed while the keys were still good, then kept in a keyring in which they no longer are. */
const signedBefore: Record<string, Buffer> = {}

beforeAll(async () => {
  signedBefore.expired = gnupg.clearSign(text, ['expired'], [], '20200110T000000')
  signedBefore.expiredsubkey = gnupg.clearSign(text, ['expiredsubkey'], [], '20200110T000000')
  signedBefore.future = gnupg.clearSign(text, ['future'], [], '20900102T000000')
  signedBefore.revoked = gnupg.clearSign(text, ['revoked'])
  signedBefore.revokedsubkey = gnupg.clearSign(text, ['revokedsubkey'])
  revoke(gnupg, fingerprints.revoked!)
  gnupg.gpg(['--command-fd', '0', '--expert', '--edit-key', fingerprints.revokedsubkey!], {
    input: Buffer.from('key 1\nrevkey\ny\n0\n\ny\nsave\n'),
  })
  keyringFile = gnupg.keyring(...Object.keys(fingerprints).filter(name => name !== 'stranger'))
  keyring = await loadKeyring(keyringFile)
})

const options = () => ({ now: Date.now(), object: 'dists/stable/InRelease' })

async function outcome(work: Promise<Verified>): Promise<Verified | YardError> {
  try {
    return await work
  } catch (error) {
    if (isYardError(error, 'untrusted')) return error
    throw error
  }
}

/** Both gpgv and ours, on one clear-signed document; they must agree, and on the signed bytes too. */
async function bothJudge(document: Buffer): Promise<Verified | YardError> {
  const ours = await outcome(verifyClearSigned(document, keyring, options()))
  const oracle = askGpgv(gnupg, keyringFile, document)
  expect({ accepted: !(ours instanceof YardError) }, `${oracle.statuses} ${ours}`).toEqual({
    accepted: oracle.accepted,
  })
  if (!(ours instanceof YardError)) expect(ours.signed.equals(withoutCr(oracle.output!))).toBe(true)
  return ours
}

async function bothRefuse(document: Buffer): Promise<YardError> {
  const ours = await bothJudge(document)
  expect(ours).toBeInstanceOf(YardError)
  return ours as YardError
}

async function bothAccept(document: Buffer): Promise<Verified> {
  const ours = await bothJudge(document)
  if (ours instanceof YardError) throw ours
  return ours
}

function replace(document: Buffer, from: string, to: string): Buffer {
  expect(document.includes(from)).toBe(true)
  return Buffer.from(
    document.toString('latin1').replace(from, () => to),
    'latin1',
  )
}

/** Two documents of one text, as one document with both signatures. */
function withBothSignatures(one: Buffer, two: Buffer): Buffer {
  const signature = (document: Buffer) => document.subarray(document.indexOf('-----BEGIN PGP SIGNATURE'))
  const packets = [one, two].map(document => gnupg.gpg(['--dearmor'], { input: signature(document) }))
  const joined = Buffer.concat(packets).toString('base64').replace(/.{64}/g, '$&\n')
  const start = one.subarray(0, one.indexOf('-----BEGIN PGP SIGNATURE'))
  const armour = `-----BEGIN PGP SIGNATURE-----\n\n${joined}\n-----END PGP SIGNATURE-----\n`
  return Buffer.concat([start, Buffer.from(armour)])
}

describe('a good signature', () => {
  it.each(algorithms)('by a key of the keyring is accepted: %s', async name => {
    const verified = await bothAccept(gnupg.clearSign(text, [name]))
    expect(verified.fingerprints).toEqual([fingerprints[name]])
    expect(verified.keyIds).toEqual([fingerprints[name]!.slice(24)])
    expect(verified.signed).toEqual(text)
    expect(Math.abs(verified.signedAt - Date.now())).toBeLessThan(600_000)
  })

  it('by a subkey counts for its primary key, and both are named', async () => {
    const verified = await bothAccept(gnupg.clearSign(text, ['subkeys']))
    expect(verified.fingerprints).toEqual([fingerprints.subkeys])
    const { subkeys } = keyring.keys.find(key => key.fingerprint === fingerprints.subkeys)!
    expect(verified.signers.map(signer => signer.fingerprint)).toEqual(subkeys)
  })

  it('is enough, beside one by an unknown key', async () => {
    const verified = await bothAccept(gnupg.clearSign(text, ['stranger', 'ed25519']))
    expect(verified.fingerprints).toEqual([fingerprints.ed25519])
  })

  it('is enough, beside one by an expired and one by a revoked key', async () => {
    const good = gnupg.clearSign(text, ['ed25519'])
    const both = withBothSignatures(withBothSignatures(signedBefore.expired!, signedBefore.revoked!), good)
    expect((await bothAccept(both)).fingerprints).toEqual([fingerprints.ed25519])
  })

  it('by each of two keys names both', async () => {
    const verified = await bothAccept(gnupg.clearSign(text, ['rsa2048', 'ed25519']))
    expect(verified.fingerprints).toEqual([fingerprints.rsa2048, fingerprints.ed25519])
  })

  it.each(['SHA224', 'SHA256', 'SHA384', 'SHA512'])('may use %s', async digest => {
    await bothAccept(gnupg.clearSign(text, ['rsa2048'], ['--digest-algo', digest]))
  })

  it('may come from the future, as for gpgv', async () => {
    await bothAccept(gnupg.clearSign(text, ['ed25519'], [], '20900101T000000'))
  })
})

describe('a signature that does not count', () => {
  it('by a key that is not in the keyring', async () => {
    const error = await bothRefuse(gnupg.clearSign(text, ['stranger']))
    expect(error.message).toContain('dists/stable/InRelease')
    expect(error.message).toContain(keyringFile)
    expect(error.message).toContain(`${fingerprints.stranger} cannot be checked: the key is missing`)
    expect(error.hint).toMatch(/keys into/)
  })

  it('by an expired key', async () => {
    const error = await bothRefuse(signedBefore.expired!)
    expect(error.message).toContain(`${fingerprints.expired} does not count: the key expired on 2020-01-31`)
  })

  it('by an expired subkey', async () => {
    expect((await bothRefuse(signedBefore.expiredsubkey!)).message).toContain('expired on 2020-01-31')
  })

  it('by a revoked key', async () => {
    expect((await bothRefuse(signedBefore.revoked!)).message).toContain('the key is revoked')
  })

  it('by a revoked subkey', async () => {
    expect((await bothRefuse(signedBefore.revokedsubkey!)).message).toContain('the key is revoked')
  })

  it('by a key from the future, though apt would accept it', async () => {
    expect(askApt(gnupg, keyringFile, signedBefore.future!)).toBe(true)
    expect((await bothRefuse(signedBefore.future!)).message).toContain('made in the future, on 2090-01-01')
  })

  it('that has expired itself', async () => {
    const document = gnupg.clearSign(text, ['rsa2048'], ['--default-sig-expire', '1d'], '20900101T000000')
    expect((await bothAccept(document)).reverifyAt).toBe(Date.UTC(2090, 0, 2))
    const late = verifyClearSigned(document, keyring, { now: Date.UTC(2090, 0, 2), object: 'InRelease' })
    await expect(late).rejects.toThrow('expired on 2090-01-02')
  })

  it('that has expired itself hides those behind it, as in gpgv', async () => {
    const old = gnupg.clearSign(text, ['aged'], ['--default-sig-expire', '1d'], '20200110T000000')
    const good = gnupg.clearSign(text, ['ed25519'])
    await bothRefuse(withBothSignatures(old, good))
    await bothAccept(withBothSignatures(good, old))
  })

  it.each(['SHA1', 'RIPEMD160'])('with the weak digest %s', async digest => {
    const error = await bothRefuse(gnupg.clearSign(text, ['rsa2048'], ['--digest-algo', digest]))
    expect(error.message).toContain('is a weak digest')
    expect(error.hint).toContain('SHA-256')
  })

  it('with MD5', async () => {
    const md5 = ['--digest-algo', 'MD5', '--allow-weak-digest-algos']
    expect((await bothRefuse(gnupg.clearSign(text, ['rsa2048'], md5))).message).toContain('MD5')
  })

  it('with SHA-1 takes back a good one of the same key before it, as for apt', async () => {
    const weak = gnupg.clearSign(text, ['rsa2048'], ['--digest-algo', 'SHA1'])
    const good = gnupg.clearSign(text, ['rsa2048'])
    const header = (document: Buffer) => replace(document, 'Hash: SHA', 'Hash: SHA1,SHA')
    await bothRefuse(header(withBothSignatures(good, weak)))
    await bothAccept(replace(withBothSignatures(weak, good), 'Hash: SHA1', 'Hash: SHA1,SHA512'))
  })
})

describe('a document that was changed', () => {
  it('is refused as bad, and the key is named', async () => {
    const error = await bothRefuse(replace(gnupg.clearSign(text, ['ed25519']), 'stable', 'unstable'))
    expect(error.message).toContain(`${fingerprints.ed25519} is bad`)
    expect(error.hint).toContain('changed after it was signed')
  })

  it('is refused even with a good signature beside the bad one', async () => {
    const good = gnupg.clearSign(text, ['ed25519'])
    const other = gnupg.clearSign(Buffer.from('Suite: other\n'), ['other'])
    expect((await bothRefuse(withBothSignatures(good, other))).message).toContain(fingerprints.other!)
    await bothRefuse(withBothSignatures(replace(other, 'Suite: other\n', text.toString()), good))
  })

  it('is not refused for a signature by an unknown key, bad or not', async () => {
    const good = gnupg.clearSign(text, ['ed25519'])
    const other = gnupg.clearSign(Buffer.from('Suite: other\n'), ['stranger'])
    await bothAccept(withBothSignatures(good, other))
  })

  it('is refused at every flipped byte of its text, or yields the same text', async () => {
    const document = gnupg.clearSign(text, ['ed25519'])
    const start = document.indexOf('Origin')
    for (let at = start; at < start + text.length - 1; at += 7) {
      const changed = Buffer.from(document)
      changed[at]! ^= 1
      await bothRefuse(changed)
    }
  })
})

describe('what is signed is what gpgv puts out, with LF for every line break', () => {
  it.each([
    ['dashes', '- a\n-- b\n-----BEGIN PGP SIGNATURE-----\n-\n'],
    ['blanks before line breaks', 'a: b  \nc: d\t\n\n  \n'],
    ['no last line break', 'a: b\nc: d'],
    ['CR LF', 'a: b\r\nc: d\r\n'],
    ['mixed line breaks and lone CR', 'a: b\r\nc: \rd\n e\r\r\n'],
    ['empty lines at the end', 'a: b\n\n\n'],
    ['bytes that are not UTF-8', 'a: \xff\xfe\x80\n'],
    ['From lines', 'From here\nFrom there\n'],
    ['one line', 'a\n'],
    ['only an empty line', '\n'],
  ])('%s', async (_, content) => {
    await bothAccept(gnupg.clearSign(Buffer.from(content, 'latin1'), ['ed25519']))
  })

  it('blanks and line breaks that something in between added', async () => {
    const document = gnupg.clearSign(text, ['ed25519']).toString('latin1')
    await bothAccept(Buffer.from(document.replaceAll('\n', ' \t\r\n'), 'latin1'))
  })

  it('of the real archive, with the real keyring', async () => {
    const lists = '/var/lib/apt/lists'
    const file = '/usr/share/keyrings/debian-archive-keyring.gpg'
    const real = await loadKeyring(file)
    const documents = readdirSync(lists).filter(name => /debian.*InRelease$/.test(name))
    expect(documents.length, 'apt-get update brings them').toBeGreaterThan(0)
    for (const name of documents) {
      const document = readFileSync(`${lists}/${name}`)
      const ours = await verifyClearSigned(document, real, { now: Date.now(), object: name })
      const oracle = askGpgv(gnupg, file, document)
      expect(oracle.accepted).toBe(true)
      expect(ours.signed.equals(oracle.output!)).toBe(true)
      expect(ours.signers).toHaveLength(oracle.statuses.filter(status => status === 'GOODSIG').length)
    }
  })
})

describe('a document that is not exactly one signed message', () => {
  const cases: [string, (document: string) => string][] = [
    ['text before it', document => `Suite: evil\n${document}`],
    ['an empty line before it', document => `\n${document}`],
    ['text after it', document => `${document}Suite: evil\n`],
    ['an empty line after it', document => `${document}\n`],
    ['two messages', document => document + document],
    ['an unescaped dash', document => document.replace('Suite', '-Suite')],
    [
      'another armour within its text',
      document => document.replace('Suite', '-----BEGIN PGP MESSAGE-----\nSuite'),
    ],
    ['text between header and armour', document => document.replace('\nHash', '\n-Hash: x\nHash')],
    ['no signature', document => document.slice(0, document.indexOf('-----BEGIN PGP SIGNATURE'))],
    ['a signature without end', document => document.slice(0, document.indexOf('-----END'))],
    ['nothing', () => ''],
    ['a login page', () => '<html>Please log in</html>\n'],
    ['no text', document => document.replace(/Origin.*UTC\n/s, '')],
  ]

  it.each(cases)('is refused, as by apt: %s', async (_, change) => {
    const document = Buffer.from(change(gnupg.clearSign(text, ['ed25519']).toString('latin1')), 'latin1')
    const ours = await outcome(verifyClearSigned(document, keyring, options()))
    expect(ours).toBeInstanceOf(YardError)
    expect((ours as YardError).message).toContain('dists/stable/InRelease is not properly signed')
    expect(askApt(gnupg, keyringFile, document)).toBe(false)
  })

  it.each([
    ['an armour header other than Hash', 'Suite: evil'],
    ['NotDashEscaped', 'NotDashEscaped: yes'],
  ])('is refused, as by gpgv, though apt would accept it: %s', async (_, header) => {
    const document = replace(gnupg.clearSign(text, ['ed25519']), '\nHash: ', `\n${header}\nHash: `)
    await bothRefuse(document)
    expect(askApt(gnupg, keyringFile, document)).toBe(true)
  })

  it.each([
    ['a wrong checksum', /\n=..../, '\n=AAAA'],
    ['characters that are not base64', /\n\n([A-Za-z0-9+/]{10})/, '\n\n$1*!'],
    ['no empty line behind the headers of its armour', /(SIGNATURE-----)\n\n/, '$1\n'],
    ['nothing in its armour', /(SIGNATURE-----\n\n).*(-----END)/s, '$1$2'],
  ])('is refused: %s', async (_, from, to) => {
    const document = gnupg.clearSign(text, ['ed25519']).toString('latin1')
    const at = document.indexOf('-----BEGIN PGP SIGNATURE')
    const changed = document.slice(0, at) + document.slice(at).replace(from, to)
    expect(changed).not.toBe(document)
    const ours = await outcome(verifyClearSigned(Buffer.from(changed, 'latin1'), keyring, options()))
    expect(ours).toBeInstanceOf(YardError)
  })

  it.each([
    ['no checksum', /\n=....\n/, '\n'],
    ['headers in the armour of its signature', '\n\n', '\nVersion: 1\nComment:\n\n'],
    ['a line of blanks for the empty one', '\n\n', '\n \t\n'],
  ])('is accepted with %s', async (_, from, to) => {
    const document = gnupg.clearSign(text, ['ed25519']).toString('latin1')
    const at = document.indexOf('-----BEGIN PGP SIGNATURE')
    await bothAccept(Buffer.from(document.slice(0, at) + document.slice(at).replace(from, to), 'latin1'))
  })

  it('is accepted with each signature in an armour of its own', async () => {
    const [one, two] = [gnupg.clearSign(text, ['ed25519']), gnupg.clearSign(text, ['other'])]
    const second = two.subarray(two.indexOf('-----BEGIN PGP SIGNATURE'))
    expect((await bothAccept(Buffer.concat([one, second]))).signers).toHaveLength(2)
  })

  it('is accepted without a Hash header, as by apt, though not by gpgv', async () => {
    const document = gnupg.clearSign(text, ['ed25519'], ['--digest-algo', 'SHA512'])
    const bare = replace(document, 'Hash: SHA512\n', '')
    expect((await verifyClearSigned(bare, keyring, options())).signed).toEqual(text)
    expect(askApt(gnupg, keyringFile, bare)).toBe(true)
    expect(askGpgv(gnupg, keyringFile, bare).accepted).toBe(false)
  })

  it('is refused above 64 MiB, before it is read', async () => {
    const work = verifyClearSigned(Buffer.alloc(64 * 1024 * 1024 + 1), keyring, options())
    await expect(work).rejects.toThrow('larger than 64 MiB')
  })

  it('is refused with a line that gpgv would cut off', async () => {
    const document = replace(gnupg.clearSign(text, ['ed25519']), 'stable', 's'.repeat(20_000))
    expect((await bothRefuse(document)).message).toContain('a line of more than')
  })

  it('is refused with a NUL byte', async () => {
    const document = replace(gnupg.clearSign(text, ['ed25519']), 'stable\n', 'stable\0\n')
    const ours = await outcome(verifyClearSigned(document, keyring, options()))
    expect(ours).toBeInstanceOf(YardError)
  })
})

describe('a detached signature', () => {
  const data = Buffer.from('Suite: stable  \r\nwith\rblanks \n\nand no end', 'latin1')

  async function bothJudgeDetached(signature: Buffer, bytes: Buffer): Promise<Verified | YardError> {
    const ours = await outcome(verifyDetached(bytes, signature, keyring, options()))
    const oracle = askGpgv(gnupg, keyringFile, signature, bytes)
    expect(!(ours instanceof YardError), `${oracle.statuses} ${ours}`).toBe(oracle.accepted)
    return ours
  }

  it.each([
    ['armoured', ['--armor']],
    ['binary', []],
    ['over text', ['--armor', '--textmode']],
  ])('is accepted: %s', async (_, args) => {
    const signature = gnupg.detachSign(data, ['ed25519', 'stranger'], args)
    expect(await bothJudgeDetached(signature, data)).toMatchObject({
      signed: data,
      fingerprints: [fingerprints.ed25519],
    })
  })

  it('over text accepts other line breaks, over bytes it does not', async () => {
    const changed = Buffer.from(data.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1')
    const overText = gnupg.detachSign(data, ['ed25519'], ['--armor', '--textmode'])
    expect(await bothJudgeDetached(overText, changed)).toMatchObject({ signed: changed })
    const overBytes = gnupg.detachSign(data, ['ed25519'])
    expect(await bothJudgeDetached(overBytes, changed)).toBeInstanceOf(YardError)
  })

  it('is refused when the bytes were changed', async () => {
    const error = await bothJudgeDetached(gnupg.detachSign(data, ['rsa2048']), Buffer.from('other'))
    expect(error).toMatchObject({ code: 'untrusted', message: expect.stringContaining('is bad') })
  })

  it('looks at the first signature only when their types differ, as gpgv', async () => {
    const overBytes = gnupg.detachSign(data, ['ed25519'], [])
    const overText = gnupg.detachSign(Buffer.from('other'), ['other'], ['--textmode'])
    expect(await bothJudgeDetached(Buffer.concat([overBytes, overText]), data)).toMatchObject({
      fingerprints: [fingerprints.ed25519],
    })
    expect(await bothJudgeDetached(Buffer.concat([overText, overBytes]), data)).toBeInstanceOf(YardError)
  })

  it.each([
    ['nothing', () => Buffer.alloc(0)],
    ['a truncated packet', (good: Buffer) => gnupg.gpg(['--dearmor'], { input: good }).subarray(0, 60)],
    ['a key instead of a signature', () => readFileSync(keyringFile)],
    ['an unending armour', (good: Buffer) => good.subarray(0, good.length - 30)],
  ])('is refused: %s', async (_, change) => {
    const signature = change(gnupg.detachSign(data, ['ed25519']))
    expect(await bothJudgeDetached(signature, data)).toBeInstanceOf(YardError)
    expect(askApt(gnupg, keyringFile, signature, data)).toBe(false)
  })

  it.each([
    ['text before its armour', (good: string) => `hello\n${good}`],
    ['an empty line after its armour', (good: string) => `${good}\n`],
  ])('is refused, as by apt (gpgv is laxer): %s', async (_, change) => {
    const signature = Buffer.from(change(gnupg.detachSign(data, ['ed25519']).toString('latin1')), 'latin1')
    const ours = await outcome(verifyDetached(data, signature, keyring, options()))
    expect(ours).toBeInstanceOf(YardError)
    expect(askApt(gnupg, keyringFile, signature, data)).toBe(false)
  })
})

describe('a detached signature over text with a line that gpgv cuts off', () => {
  it('is refused: whatever stands behind the cut is not signed', async () => {
    const line = `Suite: ${'a'.repeat(19_986)}`
    const signature = gnupg.detachSign(Buffer.from(`${line}\n`), ['ed25519'], ['--armor', '--textmode'])
    const longer = Buffer.from(`${line}evil\n`)
    expect(askGpgv(gnupg, keyringFile, signature, longer).accepted).toBe(true)
    await expect(verifyDetached(longer, signature, keyring, options())).rejects.toThrow('too long for gpgv')
  })
})

describe('how long an answer holds', () => {
  it('is for ever, where nothing expires', async () => {
    expect((await bothAccept(gnupg.clearSign(text, ['ed25519']))).reverifyAt).toBeUndefined()
  })

  it('is until the key expires, and then the answer is another one', async () => {
    const born = Date.UTC(2020, 0, 1)
    const now = born + 20 * day
    const { reverifyAt } = await verifyClearSigned(signedBefore.expired!, keyring, { now, object: 'x' })
    expect(reverifyAt).toBe(born + 30 * day + 1000)
    const at = (moment: number) =>
      verifyClearSigned(signedBefore.expired!, keyring, { now: moment, object: 'x' })
    expect((await at(reverifyAt! - 1)).fingerprints).toEqual([fingerprints.expired])
    await expect(at(reverifyAt!)).rejects.toThrow('the key expired on 2020-01-31')
  })
})
