import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Digest, digestOf, isYardError } from '../model/index.ts'
import { decodeFileEntry, encodeFileEntry } from './file-entry.ts'

const sha256 = digestOf(Buffer.from('a file'))
const digest = Buffer.from(sha256, 'hex')

describe('a file entry', () => {
  it('is its digest and size', () => {
    expect(Buffer.from(encodeFileEntry({ sha256, size: 300 })).toString('hex')).toBe(`0120${sha256}0202ac02`)
  })

  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.maxSafeNat(), (bytes, size) => {
        const entry = { sha256: Buffer.from(bytes).toString('hex') as Digest, size }
        expect(decodeFileEntry(encodeFileEntry(entry))).toEqual(entry)
      }),
    )
  })

  it('is read although it has attributes of a later version', () => {
    const value = Uint8Array.from([1, 32, ...digest, 2, 1, 9, 3, 0, 200, 1, 2, 7, 7])
    expect(decodeFileEntry(value)).toEqual({ sha256, size: 9 })
  })

  it.each([
    ['nothing', []],
    ['no size', [1, 32, ...digest]],
    ['no digest', [2, 1, 9]],
    ['a short digest', [1, 31, ...digest.subarray(1), 2, 1, 9]],
    ['a size with a byte too many', [1, 32, ...digest, 2, 2, 9, 9]],
    ['a size that is not minimal', [1, 32, ...digest, 2, 2, 0x89, 0]],
    ['attributes out of order', [2, 1, 9, 1, 32, ...digest]],
    ['an attribute twice', [1, 32, ...digest, 2, 1, 9, 2, 1, 9]],
    ['an attribute that is cut short', [1, 32, ...digest, 2, 1, 9, 3, 5, 1]],
  ])('is damaged with %s', (_, bytes) => {
    expect(() => decodeFileEntry(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: 'damaged' }),
    )
  })

  it('never fails but with `damaged`, on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
        try {
          decodeFileEntry(bytes)
        } catch (error) {
          if (!isYardError(error, 'damaged')) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('is not written with a size that is none', () => {
    for (const size of [-1, 1.5, Number.NaN, 2 ** 53])
      expect(() => encodeFileEntry({ sha256, size })).toThrow(/bytes/)
  })
})
