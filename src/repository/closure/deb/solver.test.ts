import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addRow } from '../packages.ts'
import { readFacts } from './facts.ts'
import { type Described, judge, stanzaOf } from './judged.fixture.ts'
import { meaningOf } from './meaning.ts'
import { solve } from './solver.ts'
import { createUniverse, rowOf } from './universe.ts'

const nobody = () => false

/** Clauses over variables as packages: `x2` stands for "true", `x1` for "false", and a clause is a package that depends on either. */
function satisfiable(clauses: readonly number[][]): boolean {
  const variables = [...new Set(clauses.flat().map(Math.abs))]
  return Array.from({ length: 2 ** variables.length }, (_, bits) => bits).some(bits =>
    clauses.every(clause =>
      clause.some(literal => ((bits >> variables.indexOf(Math.abs(literal))) & 1) === (literal > 0 ? 1 : 0)),
    ),
  )
}

function asPackages(clauses: readonly number[][]): Described[] {
  const variables = [...new Set(clauses.flat().map(Math.abs))]
  const literal = (one: number) => `x${Math.abs(one)} (= ${one > 0 ? 2 : 1})`
  return [
    { Package: 'formula', Depends: clauses.map(clause => clause.map(literal).join(' | ')).join(', ') },
    ...variables.flatMap(one => ['1', '2'].map(Version => ({ Package: `x${one}`, Version }))),
  ]
}

describe('the search', () => {
  const literal = fc.integer({ min: 1, max: 8 }).chain(one => fc.constantFrom(one, -one))
  const clauses = fc.array(fc.array(literal, { minLength: 3, maxLength: 3 }), {
    minLength: 20,
    maxLength: 45,
    size: 'max',
  })

  it('decides every formula of three literals a clause, around where they turn impossible', () => {
    const seen = { installable: 0, impossible: 0, undecided: 0 }
    fc.assert(
      fc.property(clauses, formula => {
        const universe = createUniverse()
        for (const one of asPackages(formula))
          addRow(
            universe.packages,
            rowOf(universe, readFacts(Buffer.from(stanzaOf(one)), 'a test')),
            'judged',
          )
        const meaning = meaningOf(universe, 'amd64')
        const outcome = solve(meaning, 0, nobody, 1000)
        seen[outcome.kind]++
        expect(outcome.kind).toBe(satisfiable(formula) ? 'installable' : 'impossible')
        if (outcome.kind !== 'installable') return
        const members = new Set(outcome.members)
        expect(members).toContain(0)
        for (const one of members) {
          for (const item of meaning.depends(one))
            expect(meaning.candidates(item).some(other => members.has(other))).toBe(true)
          expect([...meaning.namesakes(one)].filter(other => members.has(other))).toEqual([one])
        }
      }),
      { numRuns: 3000 },
    )
    expect(seen.undecided).toBe(0)
    expect(Math.min(seen.installable, seen.impossible)).toBeGreaterThan(100)
  })

  it('is given up where it becomes too long', () => {
    // Nine pigeons in eight holes: only a search of exponential length finds that they do not fit.
    const pigeons = Array.from({ length: 9 }, (_, i) => i)
    const holes = Array.from({ length: 8 }, (_, i) => i)
    const packages: Described[] = [
      { Package: 'all', Depends: pigeons.map(p => `pigeon${p}`).join(', ') },
      ...pigeons.map(p => ({ Package: `pigeon${p}`, Depends: holes.map(h => `p${p}h${h}`).join(' | ') })),
      ...pigeons.flatMap(p =>
        holes.map(h => ({ Package: `p${p}h${h}`, Provides: `hole${h}`, Conflicts: `hole${h}` })),
      ),
    ]
    const universe = createUniverse()
    for (const one of packages)
      addRow(universe.packages, rowOf(universe, readFacts(Buffer.from(stanzaOf(one)), 'a test')), 'judged')
    expect(solve(meaningOf(universe, 'amd64'), 0, nobody, 50)).toEqual({ kind: 'undecided' })
  })
})

describe('a reason', () => {
  const reasonOf = async (packages: Described[], title = 'app 1') =>
    (await judge(packages)).reasons.get(title)
  const app = (Depends: string): Described => ({ Package: 'app', Depends })

  it.each<[string, Described[], string]>([
    ['names what is missing', [app('gone (>= 2)')], 'app 1 -> gone (>= 2): nothing provides it'],
    [
      'says in which version it is here',
      [app('lib (>= 2)'), { Package: 'lib', Version: '1.5' }],
      'app 1 -> lib (>= 2): here is only lib 1.5',
    ],
    [
      'leads from the package to what is missing, on the shortest way',
      [
        app('long, short'),
        { Package: 'long', Depends: 'short' },
        { Package: 'short', Depends: 'gone | lost' },
      ],
      'app 1 -> short 1 -> gone | lost: nothing provides it',
    ],
    [
      'names both sides of a conflict',
      [
        app('left, right'),
        { Package: 'left', Depends: 'old' },
        { Package: 'right', Breaks: 'old (<< 2)' },
        { Package: 'old' },
      ],
      'app 1 -> right 1 conflicts with old 1 <- left 1 <- app 1: it excludes old (<< 2)',
    ],
    [
      'names the essential package in the way',
      [app('left'), { Package: 'left', Conflicts: 'base' }, { Package: 'base', Essential: 'yes' }],
      'app 1 -> left 1 conflicts with base 1: it excludes base',
    ],
    ['quotes what is no dependency', [app('lib (~ 2)')], 'app 1: "lib (~ 2)" is no dependency'],
    [
      'of one that needs a package that clashes goes on to the clash',
      [app('mid'), { Package: 'mid', Depends: 'x, y' }, { Package: 'x', Conflicts: 'y' }, { Package: 'y' }],
      'app 1 -> mid 1 -> x 1 conflicts with y 1 <- mid 1: it excludes y',
    ],
  ])('%s', async (_, packages, reason) => {
    expect(await reasonOf(packages)).toBe(reason)
  })

  it('is cut in the middle where it is long', async () => {
    const packages = Array.from({ length: 40 }, (_, i) => ({ Package: `p${i}`, Depends: `p${i + 1}` }))
    expect(await reasonOf(packages, 'p0 1')).toBe(
      'p0 1 -> p1 1 -> p2 1 -> p3 1 -> ... -> p37 1 -> p38 1 -> p39 1 -> p40: nothing provides it',
    )
  })

  it('a chain of 60,000 packages is followed', async () => {
    const packages = Array.from({ length: 60_000 }, (_, i) => ({ Package: `p${i}`, Depends: `p${i + 1}` }))
    expect((await judge(packages)).broken).toHaveLength(60_000)
    const { proofs, broken } = await judge([...packages, { Package: 'p60000' }])
    expect(broken).toEqual([])
    expect(proofs.sets).toHaveLength(1)
  })
})
