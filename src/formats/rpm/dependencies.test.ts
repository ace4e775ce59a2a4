import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatEvr, parseEvr } from '../version/index.ts'
import {
  type Comparison,
  comparisonOfSense,
  formatRpmDependency,
  parseRpmDependency,
  type RpmDependency,
  rangesOverlap,
  satisfies,
} from './dependencies.ts'

const parse = (text: string) => parseRpmDependency(text, 'foo: Requires')

describe('a dependency', () => {
  it.each<[string, RpmDependency]>([
    ['foo', { name: 'foo', flags: undefined, evr: undefined }],
    ['  foo  ', { name: 'foo', flags: undefined, evr: undefined }],
    ['foo >= 1:2-3', { name: 'foo', flags: 'GE', evr: { epoch: '1', version: '2', release: '3' } }],
    ['foo\t=  2', { name: 'foo', flags: 'EQ', evr: { epoch: undefined, version: '2', release: undefined } }],
    [
      'libc.so.6(GLIBC_2.4)(64bit)',
      { name: 'libc.so.6(GLIBC_2.4)(64bit)', flags: undefined, evr: undefined },
    ],
    ['/bin/sh', { name: '/bin/sh', flags: undefined, evr: undefined }],
  ])('is read from %j', (text, dependency) => {
    expect(parse(text)).toEqual(dependency)
  })

  it.each([
    ['<', 'LT', '<'],
    ['<=', 'LE', '<='],
    ['=<', 'LE', '<='],
    ['=', 'EQ', '='],
    ['==', 'EQ', '='],
    ['>=', 'GE', '>='],
    ['=>', 'GE', '>='],
    ['>', 'GT', '>'],
  ])('may compare with %s', (written, flags, printed) => {
    const dependency = parse(`foo ${written} 1-2`)
    expect(dependency.flags).toBe(flags)
    expect(formatRpmDependency(dependency)).toBe(`foo ${printed} 1-2`)
  })

  it.each(['', ' ', '(a if b)', 'foo 1', 'foo >=', 'foo >= 1 2', 'foo <> 1', 'foo, bar'])(
    'is not %j',
    text => {
      expect(() => parse(text)).toThrow(
        expect.objectContaining({
          code: 'invalid',
          message: expect.stringMatching(/^foo: Requires: expected a name/),
        }),
      )
    },
  )
})

describe('what is provided satisfies what is required', () => {
  it.each([
    ['foo = 1-1', 'foo', true],
    ['foo', 'foo = 1-1', true],
    ['foo = 1-1', 'bar', false],
    ['foo = 1-1', 'foo >= 1', true],
    ['foo = 1-1', 'foo = 1', true],
    ['foo = 1', 'foo = 1-1', true],
    ['foo = 1-1', 'foo > 1', false],
    ['foo = 1-1', 'foo < 1', false],
    ['foo = 1-1', 'foo <= 1', true],
    ['foo = 1:1-1', 'foo < 2', false],
    ['foo = 0:1-1', 'foo = 1-1', true],
    ['foo = 1~rc1-1', 'foo >= 1', false],
    ['foo < 2', 'foo > 1', true],
    ['foo < 1', 'foo > 2', false],
  ])('(%s for %s: %s)', (provided, required, expected) => {
    expect(satisfies(parse(provided), parse(required))).toBe(expected)
  })

  it("exactly where rpm's own rpmdsCompare says so, for ten thousands of pairs", () => {
    const pairs = fc.sample(fc.tuple(dependency, dependency), 40_000)
    const script = `
import rpm, sys
def ds(name, sense, evr): return rpm.ds((name, int(sense), '' if evr == '-' else evr[1:]), 'requirename')
for line in sys.stdin:
  f = line.split()
  print(int(ds(*f[:3]).Compare(ds(*f[3:]))))
`
    const words = ({ name, sense, evr }: Written) => `${name} ${sense} ${evr === '' ? '-' : `=${evr}`}`
    const theirs = execFileSync('/usr/bin/python3', ['-c', script], {
      input: pairs.map(([a, b]) => `${words(a)} ${words(b)}`).join('\n'),
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
    const ours = pairs.map(([a, b]) => `${satisfies(read(a), read(b)) ? 1 : 0}`)
    const shown = (answers: string[]) => pairs.map(([a, b], i) => `${words(a)} ${words(b)} ${answers[i]}`)
    expect(shown(ours)).toEqual(shown(theirs.trimEnd().split('\n')))
    expect(ours.filter(answer => answer === '1').length).toBeGreaterThan(1000)
  })

  it('whichever of the two is asked first', () => {
    fc.assert(
      fc.property(dependency, dependency, (a, b) => {
        expect(rangesOverlap(read(a), read(b))).toBe(rangesOverlap(read(b), read(a)))
      }),
    )
  })
})

interface Written {
  name: string
  sense: number
  evr: string
}

const number = fc.constantFrom('1', '2', '01', '1~rc1', '1^git', '1.0', '1a')
const dependency: fc.Arbitrary<Written> = fc.record({
  name: fc.constantFrom('foo', 'foo', 'foo', 'bar'),
  sense: fc.constantFrom<number[]>(0, 2, 8, 10, 12, 4, 8 | (1 << 9)),
  evr: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom('', ':1', '1-', '0:', '0:1-') },
    {
      weight: 9,
      arbitrary: fc
        .tuple(fc.constantFrom('', '', '0:', '1:', '01:'), number, fc.option(number))
        .map(([epoch, version, release]) => epoch + version + (release === null ? '' : `-${release}`)),
    },
  ),
})

function read({ name, sense, evr }: Written): RpmDependency {
  const flags: Comparison | undefined = comparisonOfSense(sense)
  expect(evr.startsWith(':') || formatEvr(parseEvr(evr)) === evr).toBe(true)
  return { name, flags, evr: parseEvr(evr) }
}
