import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isYardError } from '../../model/index.ts'
import { readSourceStanza } from './sources.ts'

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)]
const stanza = `Package: foo
Binary: foo-bin, foo-doc
Version: 1.2-3
Directory: pool/main/f/foo
Files:
 ${'1'.repeat(32)} 1500 foo_1.2-3.dsc
 ${'2'.repeat(32)} 20000 foo_1.2.orig.tar.xz
Checksums-Sha256:
 ${a} 1500 foo_1.2-3.dsc
 ${b} 20000 foo_1.2.orig.tar.xz
`
const read = (text: string) => readSourceStanza(Buffer.from(text, 'latin1'), 'Sources')

describe("a Sources index's stanza", () => {
  it('says which source it is and names its files; its .dsc is its identity', () => {
    expect(read(stanza)).toEqual({
      name: 'foo',
      version: '1.2-3',
      digest: a,
      files: [
        { path: 'pool/main/f/foo/foo_1.2-3.dsc', size: 1500, sha256: a },
        { path: 'pool/main/f/foo/foo_1.2.orig.tar.xz', size: 20000, sha256: b },
      ],
    })
  })

  it.each(['Directory: .\n', 'Directory: ./\n', ''])(
    'of a flat repository lies at its root: %j',
    directory => {
      expect(read(stanza.replace(/^Directory.*\n/m, directory)).files[0]!.path).toBe('foo_1.2-3.dsc')
    },
  )

  it('may end its directory with a slash', () => {
    expect(read(stanza.replace('/foo\n', '/foo/\n'))).toEqual(read(stanza))
  })

  const where = 'Sources: source package foo'
  it.each([
    [
      'MD5 only',
      stanza.replace(/^Checksums[\s\S]*/m, ''),
      'untrusted',
      `${where}: it has files without SHA-256`,
    ],
    [
      'one file by MD5 only',
      stanza.replace(/^ b.*\n/m, ''),
      'untrusted',
      `${where}: it has files without SHA-256`,
    ],
    [
      'another file by MD5',
      stanza.replace(/1500 foo_1.2-3.dsc/, '9 x'),
      'untrusted',
      `${where}: it has files without SHA-256`,
    ],
    ['a directory that climbs', stanza.replace('pool/main', '../x'), 'invalid', `${where}: unsafe path`],
    ['an absolute directory', stanza.replace('pool/', '/pool/'), 'invalid', `${where}: unsafe path`],
    [
      'a file that climbs',
      stanza.replaceAll('foo_1.2.orig', '../foo'),
      'invalid',
      `${where}: malformed file name`,
    ],
    [
      'a file named twice',
      `${stanza} ${b} 1500 foo_1.2-3.dsc\n`,
      'invalid',
      `${where}: it names a file twice`,
    ],
    ['two .dsc files', `${stanza} ${b} 1 bar.dsc\n`, 'invalid', `${where}: it names 2 .dsc files, not one`],
    [
      'a size that is none',
      stanza.replaceAll('20000', '2e4'),
      'invalid',
      `${where}: Checksums-Sha256: not "digest size`,
    ],
    ['no name', stanza.replace('Package', 'Source'), 'invalid', 'Sources: source stanza: it has no Package'],
    ['no version', stanza.replace(/^Version.*\n/m, ''), 'invalid', `${where}: it has no Version`],
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
          for (const { path } of read(changed).files) expect(path).not.toMatch(/(^|\/)\.\.(\/|$)|^\//)
        } catch (error) {
          expect(isYardError(error, 'invalid', 'untrusted')).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
