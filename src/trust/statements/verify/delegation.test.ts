import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesPattern } from './delegation.ts'

describe('a pattern of paths', () => {
  it.each([
    ['releases/web/*', 'releases/web/1.json', true],
    ['releases/web/*', 'releases/web/a/1.json', false],
    ['releases/*', 'releases/web/1.json', false],
    ['*', '', true],
    ['*', 'a', true],
    ['*', 'a/b', false],
    ['?', '', false],
    ['a?c', 'a/c', false],
    ['**', 'a/b', false],
    ['{a,b}', 'a', false],
    ['{a,b}', '{a,b}', true],
    ['[ab]', 'a', false],
    ['!a', 'b', false],
    ['#a', '#a', true],
    ['.*', '.a', true],
    ['*', '.a', true],
    ['A', 'a', false],
    ['../*', '../x', true],
  ])('%j and %j: %s', (pattern, path, matches) => expect(matchesPattern(pattern, path)).toBe(matches))

  it('means what a regular expression would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 12 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*', '?'), maxLength: 12 })
    const expression = (from: string) =>
      new RegExp(`^${from.replaceAll('.', '\\.').replaceAll('?', '[^/]').replaceAll('*', '[^/]*')}$`)
    fc.assert(
      fc.property(pattern, text, (one, path) => {
        expect(matchesPattern(one, path)).toBe(expression(one).test(path))
      }),
      { numRuns: 2000 },
    )
  })

  it('costs little, however it is made', () => {
    // A regular expression would take longer than the universe has existed.
    expect(matchesPattern(`${'*a'.repeat(500_000)}b`, 'a'.repeat(100))).toBe(false)
    expect(matchesPattern(`${'*a'.repeat(100)}b`, 'a'.repeat(100_000))).toBe(false)
  })
})
