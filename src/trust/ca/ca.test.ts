import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { HostId } from '../../model/index.ts'
import { authorityAt } from './authority.fixture.ts'
import { certificateLifetimes, issuerForHosts, issuerForServer, makeAuthority } from './authority.ts'
import { keepAuthority, readAuthorities } from './authority-directory.ts'
import { issueServerCertificate, planHostCertificate, signHostCertificate } from './issue.ts'
import { judgeCertificate } from './judge-certificate.ts'
import { signCertificate, signRevocations } from './x509.ts'

const directory = mkdtempSync(join(tmpdir(), 'switchyard-ca-'))
afterAll(() => rmSync(directory, { recursive: true }))

const day = 86_400_000
const now = Date.UTC(2026, 10, 21, 6, 45)
const host = '00112233445566778899aabbccddeeff' as HostId
const hexOf = () => {
  const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  return Buffer.from(x!, 'base64url').toString('hex')
}
const [authority, other] = [authorityAt(now), authorityAt(now)]
const publicKey = hexOf()
const plan = planHostCertificate(host, now)
const certificate = signHostCertificate(authority, plan, publicKey)
const parsed = new X509Certificate(certificate)

function fileOf(name: string, text: string): string {
  const file = join(directory, name)
  writeFileSync(file, text)
  return file
}

/** What openssl says of a certificate at a moment. */
function verify(pem: string, ca: string, moment: number, ...more: string[]): string {
  const [file, caFile] = [fileOf('leaf.pem', pem), fileOf('ca.pem', ca)]
  const seconds = String(Math.floor(moment / 1000))
  const args = ['verify', '-x509_strict', '-attime', seconds, '-CAfile', caFile, ...more, file]
  const { stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
  return `${stdout}${stderr}`
}

describe('certificates, as openssl sees them', () => {
  it('of a host hold from a day before they were made for 90 days, for clients alone', () => {
    const of = (moment: number, purpose = 'sslclient') =>
      verify(certificate, authority.certificate, moment, '-purpose', purpose)
    expect(of(now)).toContain('leaf.pem: OK')
    expect(of(now - 0.9 * day)).toContain('OK')
    expect(of(now + 89 * day)).toContain('OK')
    expect(of(now - 2 * day)).toContain('not yet valid')
    expect(of(now + 91 * day)).toContain('expired')
    expect(of(now, 'sslserver')).toMatch(/purpose/)
    expect(verify(certificate, other.certificate, now)).toMatch(
      /unable to get local issuer|signature failure/,
    )
  })

  it('say what was asked for', () => {
    const text = execFileSync(
      'openssl',
      ['x509', '-noout', '-text', '-in', fileOf('host.pem', certificate)],
      { encoding: 'utf8' },
    )
    expect(text).toContain(`Subject: CN = ${host}`)
    expect(text.replaceAll(':', '').replace(/\s/g, '')).toContain(plan.serial)
    expect(text).toMatch(/CA:FALSE/)
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/)
    expect(text).toMatch(/TLS Web Client Authentication\n/)
    expect(text.replace(/[\s:]/g, '')).toContain(publicKey)
  })

  it('of the server hold for its names and addresses, and not for others', () => {
    const names = ['yard.example.org', '192.0.2.7', '2001:db8::7', '::1']
    const { cert } = issueServerCertificate([authority], names, now)
    for (const [option, name] of [
      ['-verify_hostname', names[0]!],
      ...names.slice(1).map(name => ['-verify_ip', name]),
    ])
      expect(verify(cert, authority.certificate, now, '-purpose', 'sslserver', option!, name!)).toContain(
        'OK',
      )
    expect(verify(cert, authority.certificate, now, '-verify_hostname', 'other.example.org')).toMatch(
      /mismatch/i,
    )
    expect(verify(cert, authority.certificate, now, '-verify_ip', '192.0.2.8')).toMatch(/mismatch/i)
  })

  it('of a CA sign no further CA', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const below = signCertificate(authority, {
      serial: '4a',
      subject: 'below',
      publicKey,
      begins: now,
      expires: now + day,
      use: { kind: 'authority' },
    })
    const leaf = signHostCertificate(
      { ...authority, name: 'below', privateKey },
      planHostCertificate(host, now),
      hexOf(),
    )
    expect(verify(leaf, authority.certificate, now, '-untrusted', fileOf('below.pem', below))).toMatch(
      /path length/,
    )
  })

  it('begin and end when they should, whenever that is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: Date.UTC(2099, 0) / 1000 }),
        fc.integer({ min: 1, max: 4e9 }),
        (from, span) => {
          const [begins, expires] = [from * 1000, (from + span) * 1000]
          const pem = signCertificate(authority, {
            serial: '7f00',
            subject: 'x',
            publicKey: authority.publicKey,
            begins,
            expires,
            use: { kind: 'host' },
          })
          const read = new X509Certificate(pem)
          expect([read.validFromDate.getTime(), read.validToDate.getTime()]).toEqual([begins, expires])
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('the list of revoked certificates, as openssl sees it', () => {
  const list = (revoked: { serial: string; at: number }[]) =>
    signRevocations(authority, { number: 1_795_243_500, issued: now, next: now + 30 * day, revoked })

  it('names those that are, and is signed', () => {
    const crl = fileOf('crl.pem', list([{ serial: plan.serial, at: now }]))
    const ca = fileOf('crl-ca.pem', authority.certificate)
    const shown = spawnSync('openssl', ['crl', '-noout', '-text', '-CAfile', ca, '-in', crl], {
      encoding: 'utf8',
    })
    expect(shown.stderr).toContain('verify OK')
    expect(shown.stdout).toContain(`Serial Number: ${plan.serial.toUpperCase()}`)
    expect(verify(certificate, authority.certificate, now, '-crl_check', '-CRLfile', crl)).toContain(
      'certificate revoked',
    )
  })

  it('may be empty', () => {
    const crl = fileOf('empty.pem', list([]))
    expect(verify(certificate, authority.certificate, now, '-crl_check', '-CRLfile', crl)).toContain('OK')
  })
})

describe("the judgement of a host's certificate", () => {
  const judge = (certificate: X509Certificate, moment: number) =>
    judgeCertificate(certificate, [authority], moment)
  const caller = { host, serial: plan.serial, public: publicKey }

  it.each([
    ['while it holds', 89, 'good'],
    ['to the day', 90, 'good'],
    ['up to 30 days late', 91, 'late'],
    ['on the last of them', 120, 'late'],
  ] as const)('is good %s', (_, days, validity) => {
    expect(judge(parsed, now + days * day)).toEqual({ kind: 'host', caller: { ...caller, validity } })
  })

  it.each<[string, X509Certificate, number, RegExp]>([
    ['has not begun', parsed, -2, /begins at 2026-11-20/],
    ['expired long ago', parsed, 121, /expired at 2027-02-19/],
    [
      'another CA signed',
      new X509Certificate(signHostCertificate(other, plan, publicKey)),
      0,
      /not signed by the CA/,
    ],
    [
      'another CA signed under our name',
      new X509Certificate(signHostCertificate({ ...other, name: authority.name }, plan, publicKey)),
      0,
      /not signed by the CA/,
    ],
    [
      "is the server's",
      new X509Certificate(issueServerCertificate([authority], [host], now).cert),
      0,
      /it is not a host's/,
    ],
    ["is the CA's own", new X509Certificate(authority.certificate), 0, /it is not a host's/],
  ])('refuses one that %s', (_, certificate, days, why) => {
    expect(judge(certificate, now + days * day)).toEqual({ kind: 'refused', why: expect.stringMatching(why) })
  })
})

describe('the CA', () => {
  it('is made once, gets a successor in its last year, and is left out when it has expired', async () => {
    const place = join(directory, 'hosts')
    await keepAuthority(place, now)
    await keepAuthority(place, now)
    const [first, ...none] = await readAuthorities(place, now)
    expect(none).toEqual([])
    expect(statSync(join(place, `${first!.serial}.pem`)).mode & 0o777).toBe(0o600)
    const late = now + certificateLifetimes.authority - certificateLifetimes.succession + day
    await keepAuthority(place, late)
    const both = await readAuthorities(place, late)
    expect(both.map(({ serial }) => serial)).toEqual([
      first!.serial,
      expect.not.stringMatching(first!.serial),
    ])
    expect(issuerForHosts(both)).toBe(both[1])
    expect(
      (await readAuthorities(place, now + certificateLifetimes.authority)).map(({ serial }) => serial),
    ).toEqual([both[1]!.serial])
  })

  it('survives a clock that was in 2038 for a while', async () => {
    const place = join(directory, 'ahead')
    await keepAuthority(place, now)
    const [first] = await readAuthorities(place, now)
    const ahead = Date.UTC(2038, 0, 19, 3, 14, 7)
    await keepAuthority(place, ahead)
    expect(await readAuthorities(place, ahead)).toEqual([
      expect.not.objectContaining({ serial: first!.serial }),
    ])
    await keepAuthority(place, now)
    expect((await readAuthorities(place, now)).map(({ serial }) => serial)).toEqual([first!.serial])
    expect(readdirSync(place)).toHaveLength(2)
  })

  it('shows hosts the one that they have known longest, as long as it lasts', () => {
    const old = authorityAt(now)
    const young = authorityAt(now + certificateLifetimes.authority - 300 * day)
    expect(issuerForServer([old, young], old.expires - 91 * day)).toBe(old)
    expect(issuerForServer([old, young], old.expires - 89 * day)).toBe(young)
    expect(issuerForServer([old], old.expires - day)).toBe(old)
  })

  it('is not read when others can, and its key is in no error', async () => {
    const place = join(directory, 'open')
    await keepAuthority(place, now)
    const [name] = readdirSync(place)
    const file = join(place, name!)
    chmodSync(file, 0o640)
    await expect(readAuthorities(place, now)).rejects.toMatchObject({ code: 'configuration' })
    const { text } = makeAuthority(now)
    const mixed = text.replace(/-----BEGIN CERT.*/s, other.certificate)
    for (const damaged of ['', text.slice(0, 150), text.slice(0, -100), mixed, authority.certificate]) {
      writeFileSync(file, damaged)
      chmodSync(file, 0o600)
      const error = await readAuthorities(place, now).catch(error => error)
      expect(error).toMatchObject({ code: 'damaged' })
      expect(inspect(error)).not.toContain(text.split('\n')[1])
    }
  })
})
