import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRange } from './range.ts'

describe('parseRange', () => {
  it('reads closed, open-ended and suffix ranges', () => {
    expect(parseRange('bytes=0-0', 10)).toEqual({ start: 0, end: 1 })
    expect(parseRange('bytes=2-5', 10)).toEqual({ start: 2, end: 6 })
    expect(parseRange('bytes=4-', 10)).toEqual({ start: 4, end: 10 })
    expect(parseRange('bytes=-3', 10)).toEqual({ start: 7, end: 10 })
    expect(parseRange('Bytes = 1-2 ', 10)).toEqual({ start: 1, end: 3 })
  })

  it('cuts what reaches behind the end', () => {
    expect(parseRange('bytes=8-99', 10)).toEqual({ start: 8, end: 10 })
    expect(parseRange('bytes=-99', 10)).toEqual({ start: 0, end: 10 })
    expect(parseRange('bytes=0-99999999999999999999999', 10)).toEqual({ start: 0, end: 10 })
  })

  it('cannot give what begins behind the end, nor an empty suffix', () => {
    for (const range of ['bytes=10-', 'bytes=10-20', 'bytes=99999999999999999999-', 'bytes=-0'])
      expect(parseRange(range, 10), range).toBe('unsatisfiable')
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable')
  })

  it('gives the whole file for several ranges and for what it does not understand', () => {
    for (const range of [
      undefined,
      '',
      'bytes=0-1,3-4',
      'bytes=-',
      'bytes=5-2',
      'lines=1-2',
      'bytes=a-b',
      'bytes=1-2-3',
    ])
      expect(parseRange(range, 10), range).toBeUndefined()
  })

  it('always lies within the file', () => {
    fc.assert(
      fc.property(fc.nat(), fc.option(fc.nat()), fc.option(fc.nat()), (size, first, last) => {
        const span = parseRange(`bytes=${first ?? ''}-${last ?? ''}`, size)
        if (typeof span !== 'object') return
        expect(span.start).toBeGreaterThanOrEqual(0)
        expect(span.start).toBeLessThan(span.end)
        expect(span.end).toBeLessThanOrEqual(size)
      }),
    )
  })
})
