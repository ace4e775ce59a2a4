import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf, isYardError } from '../../model/index.ts'
import { parseRelease } from './release.ts'

const sha256 = 'a'.repeat(64)
const sha512 = 'b'.repeat(128)
const text = `Origin: Debian
Label: Debian-Security
Suite: oldstable-security
Version: 12
Codename: bookworm-security
Date: Wed, 18 Nov 2026 22:17:41 UTC
Valid-Until: Wed, 25 Nov 2026 22:17:41 UTC
Acquire-By-Hash: yes
Architectures: amd64 arm64
Components: updates/main updates/contrib
Description: Debian 12 - Security Updates
MD5Sum:
 ${'c'.repeat(32)}  20 main/binary-amd64/Packages.gz
 ${'d'.repeat(32)}  30 main/only-weak
SHA256:
 ${sha256}  20 main/binary-amd64/Packages.gz
SHA512:
 ${sha512}  20 main/binary-amd64/Packages.gz
`
const parse = (release: string) => parseRelease(Buffer.from(release, 'latin1'), 'InRelease')
const refused = (message: string) =>
  expect.objectContaining({ code: 'invalid', message: expect.stringContaining(message) })

describe('a Release file', () => {
  it('says what the suite is and which files it has', () => {
    expect(parse(text)).toEqual({
      origin: 'Debian',
      label: 'Debian-Security',
      suite: 'oldstable-security',
      version: '12',
      codename: 'bookworm-security',
      description: 'Debian 12 - Security Updates',
      date: Date.UTC(2026, 10, 18, 22, 17, 41),
      validUntil: Date.UTC(2026, 10, 25, 22, 17, 41),
      acquireByHash: true,
      listsArchitectureAll: false,
      notAutomatic: false,
      butAutomaticUpgrades: false,
      architectures: ['amd64', 'arm64'],
      components: ['updates/main', 'updates/contrib'],
      files: [
        { path: 'main/binary-amd64/Packages.gz', size: 20, md5: 'c'.repeat(32), sha256, sha512 },
        { path: 'main/only-weak', size: 30, md5: 'd'.repeat(32) },
      ],
    })
  })

  it('may say little', () => {
    expect(parse('Date: Wed, 18 Nov 2026 22:17:41 UTC\nNotAutomatic: yes\n')).toMatchObject({
      origin: '',
      suite: '',
      components: [],
      files: [],
      validUntil: undefined,
      acquireByHash: false,
      notAutomatic: true,
    })
  })

  it('says whether binary-all indexes count', () => {
    const all = text.replace('amd64 arm64', 'all amd64')
    expect(parse(all).listsArchitectureAll).toBe(true)
    expect(parse(`${all}No-Support-for-Architecture-all: Packages\n`).listsArchitectureAll).toBe(false)
  })

  it('may name a file twice alike', () => {
    expect(parse(`${text}SHA1:\n`).files).toEqual(parse(text).files)
    expect(
      parse(text.replace('SHA512:', ` ${sha256} 20 main/binary-amd64/Packages.gz\nSHA512:`)).files,
    ).toHaveLength(2)
  })

  it.each([
    ['no Date', text.replace(/^Date.*\n/m, ''), 'it has no Date'],
    ['a Date that is none', text.replace('Nov', 'Nev'), 'its date is no date: "Wed, 18 Nev 2026'],
    ['a Valid-Until that is none', text.replace('Wed, 25', 'Wed 25'), 'its valid-until is no date'],
    ['a path that leaves the suite', text.replace('main/only-weak', 'main/../../x'), 'md5sum: unsafe path'],
    ['an absolute path', text.replace('main/only-weak', '/x'), 'unsafe path "/x"'],
    [
      'two sizes for one path',
      text.replace(`${sha256}  20`, `${sha256}  21`),
      'is named twice with different content',
    ],
    [
      'two digests for one path',
      `${text} ${'0'.repeat(128)} 20 main/binary-amd64/Packages.gz\n`,
      'named twice',
    ],
    ['a size that is none', text.replace(' 30 ', ' 3e1 '), 'md5sum: not "digest size name"'],
    [
      'a size beyond all bounds',
      text.replace(' 30 ', ' 9999999999999999 '),
      'md5sum: not "digest size name"',
    ],
    [
      'a digest of another algorithm',
      text.replace('d'.repeat(32), 'd'.repeat(40)),
      'md5sum: not "digest size name"',
    ],
    ['a second stanza', `${text}\nOrigin: x\n`, 'it should be one stanza, but has 2'],
    ['nothing', '', 'it should be one stanza, but has 0'],
    ['a field that stands twice', `${text}Date: x\n`, 'the field Date stands twice'],
  ])('is refused for %s', (_, release, message) => {
    expect(() => parse(release)).toThrow(refused(message))
  })

  it('is refused only with a YardError, whatever was changed in it', () => {
    const change = fc.tuple(fc.nat(text.length), fc.nat(60), fc.string({ maxLength: 5 }))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), changes => {
        const changed = changes.reduce(
          (all, [at, length, put]) => all.slice(0, at) + put + all.slice(at + length),
          text,
        )
        try {
          parse(changed)
        } catch (error) {
          expect(isYardError(error, 'invalid')).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('as apt-ftparchive writes it gives every file', () => {
    const directory = mkdtempSync(join(tmpdir(), 'release-'))
    try {
      mkdirSync(join(directory, 'main/binary-amd64'), { recursive: true })
      writeFileSync(join(directory, 'main/binary-amd64/Packages'), 'Package: a\n')
      const release = execFileSync(
        'apt-ftparchive',
        ['-o', 'APT::FTPArchive::Release::Suite=stable', 'release', '.'],
        {
          cwd: directory,
        },
      )
      const { suite, files, date } = parseRelease(release, 'Release')
      expect(suite).toBe('stable')
      expect(Math.abs(Date.now() - date)).toBeLessThan(60_000)
      expect(files).toContainEqual(
        expect.objectContaining({
          path: 'main/binary-amd64/Packages',
          size: 11,
          sha256: digestOf(Buffer.from('Package: a\n')),
        }),
      )
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
