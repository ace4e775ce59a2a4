import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isYardError } from '../../model/index.ts'
import { matchesArchitecture } from './architecture.ts'
import {
  appliesTo,
  parseDependencies,
  parseProvides,
  parseRelations,
  satisfiesVersion,
} from './dependencies.ts'

const parse = (text: string) => parseDependencies(text, 'foo: Depends')
const plain = { qualifier: undefined, version: undefined, architectures: [], profiles: [] }

describe('a relationship field', () => {
  it('is a list of alternatives', () => {
    expect(parse('libc6 (>= 2.34), default-mta | mail-transport-agent')).toEqual([
      [{ ...plain, name: 'libc6', version: { operator: '>=', version: '2.34' }, text: 'libc6 (>= 2.34)' }],
      [
        { ...plain, name: 'default-mta', text: 'default-mta' },
        { ...plain, name: 'mail-transport-agent', text: 'mail-transport-agent' },
      ],
    ])
  })

  it('may be empty', () => {
    expect(parse('')).toEqual([])
    expect(parse(' \n ')).toEqual([])
  })

  it('may run over lines and have blanks anywhere between its words', () => {
    const [[one], [two, three]] = parse('\n a( >=1 ),\n b:any\t|c [ amd64 ]\n') as [
      [object],
      [object, object],
    ]
    expect(one).toMatchObject({ name: 'a', version: { operator: '>=', version: '1' }, text: 'a( >=1 )' })
    expect(two).toMatchObject({ name: 'b', qualifier: 'any', text: 'b:any' })
    expect(three).toMatchObject({ name: 'c', architectures: [{ name: 'amd64', negated: false }] })
  })

  it('of a source package has architectures and build profiles', () => {
    expect(parse('gcc:native (>> 12) [!i386 !any-arm] <!nocheck cross> <stage1>')).toEqual([
      [
        {
          name: 'gcc',
          qualifier: 'native',
          version: { operator: '>>', version: '12' },
          architectures: [
            { name: 'i386', negated: true },
            { name: 'any-arm', negated: true },
          ],
          profiles: [
            [
              { name: 'nocheck', negated: true },
              { name: 'cross', negated: false },
            ],
            [{ name: 'stage1', negated: false }],
          ],
          text: 'gcc:native (>> 12) [!i386 !any-arm] <!nocheck cross> <stage1>',
        },
      ],
    ])
  })

  it.each([
    ['<<', '<<'],
    ['<=', '<='],
    ['=', '='],
    ['>=', '>='],
    ['>>', '>>'],
    ['<', '<='],
    ['>', '>='],
    ['', '='],
  ])('reads the operator %j as %s', (written, operator) => {
    expect(parse(`a (${written} 1:2-3~)`)[0]![0]!.version).toEqual({ operator, version: '1:2-3~' })
  })

  it.each([
    ['a,', 2, 'expected a package name'],
    [',a', 0, 'expected a package name'],
    ['a,,b', 2, 'expected a package name'],
    ['a |', 3, 'expected a package name'],
    ['a b', 2, 'expected "," or "|"'],
    ['a (>= 1', 7, 'expected ")"'],
    ['a (>=)', 5, 'expected a version'],
    ['a (!= 1)', 3, 'expected a version'],
    ['a (= 1 2)', 7, 'expected ")"'],
    ['a: any', 2, 'expected an architecture'],
    ['a []', 3, 'expected an architecture'],
    ['a [amd64', 8, 'expected an architecture'],
    ['a <>', 3, 'expected a build profile'],
    ['\xe9', 0, 'expected a package name'],
  ])('%j is refused at byte %i', (text, at, message) => {
    const found = JSON.stringify(text.slice(at))
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: `foo: Depends: ${message} at byte ${at}, found ${found}`,
      }),
    )
  })

  it('such as Conflicts has no alternatives', () => {
    expect(parseRelations('a, b (<< 2)', 'Conflicts').map(relation => relation.name)).toEqual(['a', 'b'])
    expect(() => parseRelations('a | b', 'Conflicts')).toThrow(expect.objectContaining({ code: 'invalid' }))
  })

  it('Provides gives names, and versions only with =; others are left out, as apt does', () => {
    expect(parseProvides('a, c (>= 1), b (= 2), d (<< 3)', 'Provides')).toEqual([
      { name: 'a', version: undefined },
      { name: 'b', version: '2' },
    ])
  })

  it('reads as apt reads it', () => {
    const fields = fc.sample(field, 2000)
    const script = [
      'import apt_pkg, json, sys',
      'apt_pkg.init()',
      'print(json.dumps([apt_pkg.parse_depends(text, False) for text in json.load(sys.stdin)]))',
    ].join('\n')
    const answer = execFileSync('/usr/bin/python3', ['-c', script], {
      input: JSON.stringify(fields),
      maxBuffer: 1 << 26,
    })
    const ours = fields.map(text =>
      parse(text).map(group =>
        group.map(({ name, qualifier, version }) => [
          qualifier === undefined ? name : `${name}:${qualifier}`,
          version?.version ?? '',
          aptOperator(version?.operator),
        ]),
      ),
    )
    expect(ours).toEqual(JSON.parse(answer.toString()))
  })

  it('is put together again by the texts of its parts', () => {
    fc.assert(
      fc.property(field, text => {
        const parsed = parse(text)
        const joined = parsed.map(group => group.map(relation => relation.text).join(' | ')).join(', ')
        expect(parse(joined)).toEqual(parsed)
      }),
    )
  })

  it('is refused only with a YardError, whatever the bytes', () => {
    const junk = fc.string({ unit: fc.constantFrom(...'a1:()[]<>!=|,. \n-', '\xff', '\0') })
    fc.assert(
      fc.property(junk, text => {
        try {
          parse(text)
        } catch (error) {
          expect(isYardError(error, 'invalid')).toBe(true)
        }
      }),
      { numRuns: 5000 },
    )
  })

  it('of any length takes time in proportion', () => {
    const long = Array.from({ length: 50_000 }, (_, i) => `a${i}${' '.repeat(20)}(>= ${i})`).join(' , ')
    expect(parse(long)).toHaveLength(50_000)
    expect(() => parse(`a${' '.repeat(1_000_000)}b`)).toThrow('at byte 1000001')
  })
})

describe('a version constraint', () => {
  it.each([
    ['1.0', '<<', '1.1', true],
    ['1.1', '<<', '1.1', false],
    ['1.1-0', '<=', '1.1', true],
    ['1.1', '=', '0:1.1', true],
    ['1.1~rc1', '>=', '1.1', false],
    ['1:0', '>>', '9', true],
  ] as const)('%s %s %s is %s', (version, operator, other, answer) => {
    expect(satisfiesVersion(version, { operator, version: other })).toBe(answer)
  })

  it('that is missing means every version', () => {
    expect(satisfiesVersion('1', undefined)).toBe(true)
  })
})

describe("a relation's architectures", () => {
  it.each([
    ['a', true],
    ['a [amd64 i386]', true],
    ['a [i386]', false],
    ['a [linux-any]', true],
    ['a [hurd-any]', false],
    ['a [!amd64]', false],
    ['a [!i386 !armhf]', true],
  ])('of %j hold on amd64: %s', (text, answer) => {
    expect(appliesTo(parse(text)[0]![0]!, 'amd64')).toBe(answer)
  })

  it('match wildcards as dpkg does', () => {
    const architectures = [
      'amd64',
      'i386',
      'armhf',
      'armel',
      'arm64',
      'x32',
      'mips64el',
      'powerpcspe',
      'riscv64',
      'hurd-i386',
    ]
    const wildcards = [
      'any',
      'linux-any',
      'hurd-any',
      'any-amd64',
      'any-i386',
      'any-arm',
      'any-powerpc',
      ...architectures,
    ]
    const pairs = architectures.flatMap(architecture =>
      wildcards.map(wildcard => [architecture, wildcard] as const),
    )
    const script =
      'use Dpkg::Arch qw(debarch_is); while (<>) { my ($a, $b) = split; print debarch_is($a, $b) ? 1 : 0 }'
    const answer = execFileSync('perl', ['-e', script], {
      input: pairs.map(pair => pair.join(' ')).join('\n'),
    })
    const ours = pairs.map(([architecture, wildcard]) =>
      matchesArchitecture(architecture, wildcard) ? '1' : '0',
    )
    expect(ours.join('')).toBe(answer.toString())
  })
})

const name = fc
  .string({ unit: fc.constantFrom('a', 'b', '0', '+', '-', '.'), maxLength: 6 })
  .map(text => `p${text}`)
const version = fc
  .string({ unit: fc.constantFrom('0', '1', '.', '~', '+', 'a'), maxLength: 5 })
  .map(text => `1:${text}1`)
const operator = fc.constantFrom('<<', '<=', '=', '>=', '>>')
const blank = fc.constantFrom('', ' ', '  ')
const relation = fc
  .tuple(
    name,
    fc.constantFrom('', '', ':any', ':i386'),
    blank,
    fc.option(fc.tuple(operator, blank, version, blank)),
  )
  .map(
    ([name, qualifier, gap, constraint]) =>
      `${name}${qualifier}${constraint ? `${gap}(${constraint.join('')})` : ''}`,
  )
const alternatives = fc.array(relation, { minLength: 1, maxLength: 3 }).map(parts => parts.join(' | '))
const field = fc.array(alternatives, { minLength: 1, maxLength: 4 }).map(parts => parts.join(', '))

function aptOperator(operator: string | undefined): string {
  if (operator === '<<') return '<'
  if (operator === '>>') return '>'
  return operator ?? ''
}
