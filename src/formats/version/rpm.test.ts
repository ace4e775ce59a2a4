import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareEvr, compareRpmVersions, type Evr, formatEvr, parseEvr } from './rpm.ts'

const sign = (order: number) => Math.sign(order)

/** Few characters, so that neighbours and equals are common; bytes above 0x7F and signs only separate. */
const odd = fc.string({ unit: fc.constantFrom(...'00129aZb~~^^..+-_: ', '\xc3\xa9'), maxLength: 9 })
const plausible = fc
  .tuple(
    fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
    fc.constantFrom(
      '',
      '~rc1',
      '~rc2',
      '^git20260101',
      '^20260101git1a2b3c',
      '.fc43',
      '.el9_4',
      'a',
      'alpha',
      '.0',
    ),
  )
  .map(([numbers, suffix]) => numbers.join('.') + suffix)
const version = fc.oneof(odd, plausible)
const evr: fc.Arbitrary<Evr> = fc.record({
  epoch: fc.constantFrom(undefined, '0', '1', '01', '12', '99999999999999999999'),
  version: fc.oneof(
    plausible,
    plausible,
    odd.filter(text => text !== ''),
  ),
  release: fc.option(fc.oneof(plausible, odd), { nil: undefined }),
})

describe('the order of rpm versions', () => {
  it.each([
    ['1.0', '1.0', 0],
    ['1.0', '1_00', 0],
    ['1.0', '1.0.', 0],
    ['1.9', '1.10', -1],
    ['1.0~rc1', '1.0', -1],
    ['1.0~~', '1.0~', -1],
    ['1.0^', '1.0', 1],
    ['1.0^git1', '1.0.1', -1],
    ['1.0^git1', '1.0a', -1],
    ['1.0~rc1^git1', '1.0~rc1', 1],
    ['1.0~rc1^git1', '1.0', -1],
    ['1.0a', '1.0', 1],
    ['1.0a', '1.0.a', 0],
    ['1.a', '1.1', -1],
    ['2a', '2.0', -1],
    ['FC5', 'fc4', -1],
    ['1.18446744073709551616', '1.18446744073709551617', -1],
    ['1\xe9', '1', 0],
    ['', '~', 1],
  ])('of %j and %j is %i', (a, b, order) => {
    expect(sign(compareRpmVersions(a, b))).toBe(order)
    expect(sign(compareRpmVersions(b, a)) + order).toBe(0)
  })

  it("is that of rpm's own rpmvercmp, for ten thousands of pairs", () => {
    const pairs = fc.sample(fc.tuple(version, version), 40_000)
    const theirs = askRpm(
      'rpm.labelCompare(("0", "1", f[0]), ("0", "1", f[1]))',
      pairs.map(pair => [...pair]),
    )
    const ours = pairs.map(([a, b]) => [a, b, `${sign(compareRpmVersions(a, b))}`])
    expect(ours).toEqual(pairs.map(([a, b], i) => [a, b, theirs[i]]))
  })

  it('is total over any bytes', () => {
    const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map(code => String.fromCharCode(code)) })
    const anything = fc.oneof(version, version, bytes)
    fc.assert(
      fc.property(anything, anything, anything, (a, b, c) => {
        const order = compareRpmVersions(a, b)
        expect(sign(compareRpmVersions(b, a)) + sign(order)).toBe(0)
        expect(compareRpmVersions(a, a)).toBe(0)
        if (order <= 0 && compareRpmVersions(b, c) <= 0)
          expect(compareRpmVersions(a, c)).toBeLessThanOrEqual(0)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('the order of epoch, version and release', () => {
  it.each([
    ['1:1-1', '2-1', 1],
    ['0:1-1', '1-1', 0],
    ['1-1', '1-2', -1],
    ['1', '1-1', -1],
    ['1-1.fc42', '1-1.fc43', -1],
  ])('of %s and %s is %i', (a, b, order) => {
    expect(sign(compareEvr(parseEvr(a), parseEvr(b)))).toBe(order)
  })

  it("is that of rpm's labelCompare, for ten thousands of pairs", () => {
    const pairs = fc.sample(fc.tuple(evr, evr), 30_000)
    const fields = ({ epoch, version, release }: Evr) => [epoch, version, release]
    const theirs = askRpm(
      'rpm.labelCompare(tuple(f[:3]), tuple(f[3:]))',
      pairs.map(([a, b]) => [...fields(a), ...fields(b)]),
    )
    const ours = pairs.map(([a, b]) => [a, b, `${sign(compareEvr(a, b))}`])
    expect(ours).toEqual(pairs.map(([a, b], i) => [a, b, theirs[i]]))
  })
})

describe('an EVR', () => {
  it.each<[string, Evr]>([
    ['1:2-3', { epoch: '1', version: '2', release: '3' }],
    ['2-3', { epoch: undefined, version: '2', release: '3' }],
    ['2', { epoch: undefined, version: '2', release: undefined }],
    ['1:2', { epoch: '1', version: '2', release: undefined }],
    [':2', { epoch: '0', version: '2', release: undefined }],
    ['1-2-3', { epoch: undefined, version: '1-2', release: '3' }],
    ['a:1', { epoch: undefined, version: 'a:1', release: undefined }],
    ['1-', { epoch: undefined, version: '1', release: '' }],
    ['', { epoch: undefined, version: '', release: undefined }],
  ])('written %j has these parts', (text, parts) => {
    expect(parseEvr(text)).toEqual(parts)
  })

  it('is split as rpm splits it', () => {
    const texts = fc.sample(
      fc.string({ unit: fc.constantFrom(...'011aZ.~:--'), minLength: 1, maxLength: 8 }),
      5000,
    )
    const theirs = askRpm(
      "'|'.join('-' if x is None else '=' + x for x in (lambda v: (v.e, v.v, v.r))(rpm.ver(f[0])))",
      texts.map(text => [text]),
    )
    const field = (part: string | undefined) => (part === undefined ? '-' : `=${part}`)
    const ours = texts.map(text => {
      const { epoch, version, release } = parseEvr(text)
      return [text, [epoch, version, release].map(field).join('|')]
    })
    expect(ours).toEqual(texts.map((text, i) => [text, theirs[i]]))
  })

  it('is written as it was read', () => {
    fc.assert(
      fc.property(odd, text => {
        if (!text.startsWith(':')) expect(formatEvr(parseEvr(text))).toBe(text)
      }),
    )
  })
})

/** What a Python expression over the fields `f` of each row gives, in one process. */
function askRpm(expression: string, rows: (string | undefined)[][]): string[] {
  const script = `
import rpm, sys
def field(word): return None if word == '-' else bytes.fromhex(word[1:]).decode()
for line in sys.stdin:
  f = [field(word) for word in line.split()]
  print(${expression})
`
  const word = (text: string | undefined) =>
    text === undefined ? '-' : `=${Buffer.from(text, 'latin1').toString('hex')}`
  const output = execFileSync('/usr/bin/python3', ['-c', script], {
    input: rows.map(row => row.map(word).join(' ')).join('\n'),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  return output.trimEnd().split('\n')
}
