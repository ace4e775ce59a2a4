import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { durationText, numberText, percentText, printable, sizeText, tableText } from './text.ts'

describe('figures for a person', () => {
  it('thousands are set apart', () => {
    const same = (count: number) => numberText(count) === count.toLocaleString('en')
    fc.assert(fc.property(fc.maxSafeNat(), same))
  })

  it('sizes have three digits and a unit', () => {
    expect([0, 999, 1000, 1_234_567, 99_960_000, 100_000_000, 1.5e12, -2000].map(sizeText)).toEqual([
      '0 B',
      '999 B',
      '1.00 kB',
      '1.23 MB',
      '100 MB',
      '100 MB',
      '1.50 TB',
      '-2.00 kB',
    ])
  })

  it('a share is never rounded up to the whole', () => {
    expect([
      percentText(999_999, 1_000_000),
      percentText(1, 3),
      percentText(5, 5),
      percentText(0, 0),
    ]).toEqual(['99.9%', '33.3%', '100%', '100%'])
  })

  it('durations', () => {
    expect([durationText(12.4), durationText(1500), durationText(125_000)]).toEqual([
      '12 ms',
      '1.5 s',
      '2 min 5 s',
    ])
  })
})

it('control characters of an archive never reach the terminal', () => {
  expect(printable('a\x1b[2Jb\x9bc\nd\te')).toBe('a\\x1b[2Jb\\x9bc\nd\te')
})

it('columns stand below each other, numbers to the right', () => {
  expect(
    tableText(
      [
        ['a', '1', 'x'],
        ['bbb', '22', ''],
      ],
      [1],
    ),
  ).toBe('a     1  x\nbbb  22\n')
})
