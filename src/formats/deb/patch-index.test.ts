import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isYardError } from '../../model/index.ts'
import { parsePatchIndex } from './patch-index.ts'

const digest = (digit: string) => digit.repeat(64)
const index = `SHA1-Current: ${'0'.repeat(40)} 500
SHA256-Current: ${digest('0')} 500
SHA256-History:
 ${digest('1')} 400 T-2026-11-18-0213.33-F-2026-11-17-0213.33
SHA256-Patches:
 ${digest('2')} 300 T-2026-11-18-0213.33-F-2026-11-17-0213.33
SHA256-Download:
 ${digest('3')} 120 T-2026-11-18-0213.33-F-2026-11-17-0213.33.gz
X-Patch-Precedence: merged
`
const parse = (text: string) => parsePatchIndex(Buffer.from(text, 'latin1'), 'Packages.diff/Index')

describe("the Index of an index's patches", () => {
  it('names the compressed patch files', () => {
    expect(parse(index)).toEqual([
      { name: 'T-2026-11-18-0213.33-F-2026-11-17-0213.33.gz', size: 120, sha256: digest('3') },
    ])
  })

  it('may name none', () => {
    expect(parse(`SHA256-Current: ${digest('0')} 500\n`)).toEqual([])
  })

  it.each([
    [
      'a patch without the digest of its file',
      index.replace(/^SHA256-Download.*\n.*\n/m, ''),
      'is named without the SHA-256',
    ],
    ['a path that climbs', index.replace('120 ', '120 ../'), 'unsafe path'],
    ['a malformed line', index.replace(' 120 ', ' '), 'sha256-download: not "digest size name"'],
    ['two stanzas', `${index}\nA: 1\n`, 'it should be one stanza'],
  ])('is refused for %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: expect.stringMatching(`^Packages.diff/Index: .*${message}`),
      }),
    )
  })

  it('is refused only with a YardError, whatever was changed in it', () => {
    const change = fc.tuple(fc.nat(index.length), fc.nat(30), fc.string({ maxLength: 4 }))
    fc.assert(
      fc.property(change, ([at, length, put]) => {
        try {
          parse(index.slice(0, at) + put + index.slice(at + length))
        } catch (error) {
          expect(isYardError(error, 'invalid')).toBe(true)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
