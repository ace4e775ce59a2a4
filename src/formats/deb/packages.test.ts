import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isYardError } from '../../model/index.ts'
import { readPackageStanza } from './packages.ts'
import { stanzasOf } from './stanzas.ts'

const sha256 = '3a2118df47bf3f04285649f0455c2fc6fe2dc7f0b237073038aa00af41f0d5f2'
const stanza = `Package: foo-bin
Source: foo (1:1.2-3)
Version: 1:1.2-3+b1
Architecture: amd64
Multi-Arch: same
Filename: pool/main/f/foo/foo-bin_1.2-3+b1_amd64.deb
Size: 7891488
MD5sum: 4d471183a39a3a11d00cd35bf9f6803d
SHA256: ${sha256}
`
const read = (text: string) => readPackageStanza(Buffer.from(text, 'latin1'), 'Packages')

describe("a Packages index's stanza", () => {
  it('says which package it is, where it lies and what proves it', () => {
    expect(read(stanza)).toEqual({
      name: 'foo-bin',
      version: '1:1.2-3+b1',
      architecture: 'amd64',
      filename: 'pool/main/f/foo/foo-bin_1.2-3+b1_amd64.deb',
      size: 7891488,
      sha256,
      source: 'foo',
      sourceVersion: '1:1.2-3',
      multiArch: 'same',
      essential: false,
    })
  })

  it('names its source only where that differs', () => {
    const sourceOf = (source: string) => {
      const { source: name, sourceVersion } = read(stanza.replace(/^Source.*\n/m, source))
      return [name, sourceVersion]
    }
    expect(sourceOf('')).toEqual(['foo-bin', '1:1.2-3+b1'])
    expect(sourceOf('Source: foo\n')).toEqual(['foo', '1:1.2-3+b1'])
    expect(sourceOf('Source: foo ( 2 )\n')).toEqual(['foo', '2'])
  })

  it('may be essential, and of an unknown Multi-Arch, which counts as no', () => {
    expect(read(stanza.replace('same', 'foreign\nEssential: Yes'))).toMatchObject({
      multiArch: 'foreign',
      essential: true,
    })
    expect(read(stanza.replace('same', 'sometimes')).multiArch).toBe('no')
  })

  it('of a flat repository may begin its path with ./', () => {
    expect(read(stanza.replace('pool/main', '././pool')).filename).toBe(
      'pool/f/foo/foo-bin_1.2-3+b1_amd64.deb',
    )
  })

  const filename = 'pool/main/f/foo/foo-bin_1.2-3+b1_amd64.deb'
  const where = 'Packages: package foo-bin 1:1.2-3+b1'
  it.each([
    [
      'a path that climbs',
      stanza.replace(filename, '../x.deb'),
      'invalid',
      `${where}: unsafe path "../x.deb"`,
    ],
    ['a path that climbs later', stanza.replace(filename, './a/../../x'), 'invalid', `${where}: unsafe path`],
    ['an absolute path', stanza.replace(filename, '/etc/passwd'), 'invalid', `${where}: unsafe path`],
    ['a path of two lines', stanza.replace(filename, 'a\n b'), 'invalid', `${where}: unsafe path`],
    ['no path', stanza.replace(/^Filename.*\n/m, ''), 'invalid', `${where}: it has no Filename`],
    [
      'no SHA-256',
      stanza.replace(/^SHA256.*\n/m, ''),
      'untrusted',
      `${where}: it has no SHA256; MD5 and SHA-1 do not count`,
    ],
    ['half a SHA-256', stanza.replace(sha256, sha256.slice(32)), 'invalid', `${where}: malformed SHA256`],
    ['no size', stanza.replace(/^Size.*\n/m, ''), 'invalid', `${where}: it has no Size`],
    ['a negative size', stanza.replace('7891488', '-1'), 'invalid', `${where}: malformed Size "-1"`],
    ['a size in words', stanza.replace('7891488', '0x10'), 'invalid', `${where}: malformed Size "0x10"`],
    [
      'a boundless size',
      stanza.replace('7891488', '9007199254740993'),
      'invalid',
      `${where}: malformed Size`,
    ],
    [
      'no name',
      stanza.replace(/^Package.*\n/m, ''),
      'invalid',
      'Packages: package (unnamed) 1:1.2-3+b1: it has no Package',
    ],
    ['a name with a slash', stanza.replace('foo-bin', 'foo/bin'), 'invalid', 'malformed Package "foo/bin"'],
    ['a version of two words', stanza.replace('Version: ', 'Version: 1 '), 'invalid', 'malformed Version'],
    ['no architecture', stanza.replace(/^Arch.*\n/m, ''), 'invalid', `${where}: it has no Architecture`],
    ['a source that is none', stanza.replace('(1:', '(('), 'invalid', `${where}: malformed Source`],
    ['a second path', `${stanza}Filename: x\n`, 'invalid', 'Packages: the field Filename stands twice'],
  ])('is refused for %s', (_, text, code, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })

  it('is refused only with a YardError, whatever was changed in it', () => {
    const change = fc.tuple(fc.nat(stanza.length), fc.nat(30), fc.string({ maxLength: 4 }))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), changes => {
        const changed = changes.reduce(
          (all, [at, length, put]) => all.slice(0, at) + put + all.slice(at + length),
          stanza,
        )
        try {
          expect(read(changed).filename).not.toMatch(/(^|\/)\.\.(\/|$)|^\//)
        } catch (error) {
          expect(isYardError(error, 'invalid', 'untrusted')).toBe(true)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('as apt-ftparchive writes it is read', () => {
    const directory = mkdtempSync(join(tmpdir(), 'packages-'))
    try {
      mkdirSync(join(directory, 'root/DEBIAN'), { recursive: true })
      const control =
        'Package: tool\nVersion: 2:1.0~rc1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: x\n y\n'
      writeFileSync(join(directory, 'root/DEBIAN/control'), control)
      execFileSync('dpkg-deb', ['--build', 'root', 'tool_1.0~rc1_all.deb'], { cwd: directory })
      const index = execFileSync('apt-ftparchive', ['packages', '.'], { cwd: directory })
      const [only] = [...stanzasOf(index, { maxStanzaBytes: 10_000, object: 'Packages' })]
      expect(readPackageStanza(only!, 'Packages')).toMatchObject({
        name: 'tool',
        version: '2:1.0~rc1',
        architecture: 'all',
        filename: 'tool_1.0~rc1_all.deb',
        multiArch: 'no',
      })
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
