import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readVarint, varintLength, writeVarint } from './varint.ts'

function encode(value: number): Uint8Array {
  const bytes = new Uint8Array(9)
  return bytes.slice(0, writeVarint(bytes, 0, value))
}

describe('an integer', () => {
  it.each([
    [0, [0]],
    [127, [0x7f]],
    [128, [0x80, 1]],
    [300, [0xac, 2]],
    [16_383, [0xff, 0x7f]],
    [16_384, [0x80, 0x80, 1]],
    [2 ** 32, [0x80, 0x80, 0x80, 0x80, 0x10]],
    [Number.MAX_SAFE_INTEGER, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('%d is written as %j', (value, bytes) => {
    expect([...encode(value)]).toEqual(bytes)
    expect(varintLength(value)).toBe(bytes.length)
  })

  it('is read back, and leaves the place behind it', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), value => {
        const source = { bytes: Uint8Array.from([...encode(value), 1]), at: 0 }
        expect(readVarint(source)).toBe(value)
        expect(source.at).toBe(source.bytes.length - 1)
      }),
    )
  })

  it('has one encoding: any bytes that are read are the ones that would be written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 10 }), bytes => {
        const source = { bytes, at: 0 }
        const value = readVarint(source)
        if (value !== undefined) expect([...encode(value)]).toEqual([...bytes.slice(0, source.at)])
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['nothing', []],
    ['a group that announces another', [0x80]],
    ['a group of zeros at the end', [0x80, 0]],
    ['2^53', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
    ['nine groups', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]],
  ])('is not read from %s', (_, bytes) => {
    expect(readVarint({ bytes: Uint8Array.from(bytes), at: 0 })).toBeUndefined()
  })
})
