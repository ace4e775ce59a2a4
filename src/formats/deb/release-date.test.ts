import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatReleaseDate, parseReleaseDate } from './release-date.ts'

const moment = Date.UTC(2026, 7, 9, 9, 13, 2)

describe("a Release file's date", () => {
  it('is written as Debian writes it', () => {
    expect(formatReleaseDate(moment)).toBe('Sun, 09 Aug 2026 09:13:02 UTC')
    expect(formatReleaseDate(moment + 999)).toBe('Sun, 09 Aug 2026 09:13:02 UTC')
  })

  it.each([
    'Sun, 09 Aug 2026 09:13:02 UTC',
    'Sun, 9 Aug 2026 9:13:02 GMT',
    'Sat, 09 Aug 2026 09:13:02 Z',
    'Sun, 09 Aug 2026 09:13:02 +0000',
    'Sun Aug  9 09:13:02 2026',
  ])('is read as %s', text => {
    expect(parseReleaseDate(text)).toBe(moment)
  })

  it.each([
    '',
    'Sun, 09 Aug 2026 09:13:02',
    'Sun, 09 Aug 2026 09:13:02 CEST',
    'Sun, 09 Aug 2026 09:13:02 +0200',
    'So, 09 Aug 2026 09:13:02 UTC',
    'Sun, 31 Sep 2026 09:13:02 UTC',
    'Sun, 00 Aug 2026 09:13:02 UTC',
    'Sun, 09 Aug 2026 24:13:02 UTC',
    'Sun, 09 Aug 26 09:13:02 UTC',
    '2026-08-09T09:13:02Z',
    'Sun, 09 Aug 2026 09:13:02 UTC extra',
    'Sun Aug 09 2026',
  ])('is not %j', text => {
    expect(parseReleaseDate(text)).toBeUndefined()
  })

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.nat(253402300799), seconds => {
        expect(parseReleaseDate(formatReleaseDate(seconds * 1000))).toBe(seconds * 1000)
      }),
    )
  })

  it('is the moment that apt reads', () => {
    const moments = fc.sample(fc.nat(2 ** 31), 200)
    const script = 'import sys, apt_pkg\nfor line in sys.stdin: print(apt_pkg.str_to_time(line.strip()))'
    const input = moments.map(seconds => formatReleaseDate(seconds * 1000)).join('\n')
    const read = execFileSync('/usr/bin/python3', ['-c', script], { input, encoding: 'utf8' })
    expect(read.trim().split('\n').map(Number)).toEqual(moments)
  })
})
