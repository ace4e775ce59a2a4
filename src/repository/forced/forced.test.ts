import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forcedAlong, type Universe } from './forced.ts'
import { type Built, createFamilies } from './mates.ts'

/** A package of a small world: `needs` are `name` or `name=version`. */
interface Toy extends Built {
  needs: string[]
  rejects: string[]
}

type Draft = { source?: string; needs?: string[]; rejects?: string[] }
/** By `name version`. */
type Side = { [package_: string]: Draft }

function universeOf(base: Side, source: Side): Universe<Toy, string> {
  const families = createFamilies<Toy>()
  const all: Toy[] = []
  for (const id of new Set([...Object.keys(base), ...Object.keys(source)])) {
    const [name, version] = id.split(' ') as [string, string]
    const { source: built = name, needs = [], rejects = [] } = source[id] ?? base[id]!
    const one = { name, version, source: built, needs, rejects, inBase: id in base, inSource: id in source }
    families.add(one)
    all.push(one)
  }
  const satisfying = (need: string) =>
    all.filter(({ name, version }) => need === name || need === `${name}=${version}`)
  return {
    named: families.named,
    mates: families.mates,
    needs: ({ needs }) => needs,
    provided: ({ name }) => [name],
    asking: name => all.filter(({ needs }) => needs.some(need => need.split('=')[0] === name)),
    mentions: (need, name) => need.split('=')[0] === name,
    isSatisfied: (need, isThere) => satisfying(need).some(isThere),
    remedy(need) {
      const found = satisfying(need).find(one => one.inSource)
      return found && [found]
    },
    rejected: ({ rejects }) => rejects.flatMap(satisfying),
  }
}

function forced(base: Side, source: Side, ...asked: string[]) {
  const { moved, gaps } = forcedAlong(
    universeOf(base, source),
    asked.map(name => [name, name]),
  )
  return { moved: [...moved.keys()].sort(), gaps: gaps.map(({ one, need }) => `${one.name}: ${need}`) }
}

describe('what a move forces', () => {
  it('is nothing where nothing depends on it', () => {
    expect(forced({ 'a 1': {}, 'b 1': {} }, { 'a 2': {}, 'b 2': {} }, 'a').moved).toEqual(['a'])
  })

  it('is everything that was built from the same source', () => {
    const side = (version: string): Side => ({
      [`lib ${version}`]: { source: 's' },
      [`lib-dev ${version}`]: { source: 's' },
      [`other ${version}`]: {},
    })
    expect(forced(side('1'), side('2'), 'lib').moved).toEqual(['lib', 'lib-dev'])
  })

  it('is what new versions need and the base has not, however deep', () => {
    const base = { 'a 1': {}, 'b 1': {}, 'c 1': {} }
    const source = { 'a 2': { needs: ['b=2'] }, 'b 2': { needs: ['c=2'] }, 'c 2': {} }
    expect(forced(base, source, 'a').moved).toEqual(['a', 'b', 'c'])
  })

  it('is what leans on an old version', () => {
    const base = { 'a 1': {}, 'plugin 1': { needs: ['a=1'] }, 'user 1': { needs: ['a'] } }
    const source = { 'a 2': {}, 'plugin 2': { needs: ['a=2'] }, 'user 2': { needs: ['a'] } }
    expect(forced(base, source, 'a').moved).toEqual(['a', 'plugin'])
  })

  it('is what a new version rejects, where there is another one', () => {
    const base = { 'a 1': {}, 'old 1': {}, 'rival 1': {} }
    const source = { 'a 2': { rejects: ['old=1', 'rival'] }, 'old 2': {}, 'rival 1': {} }
    expect(forced(base, source, 'a').moved).toEqual(['a', 'old'])
  })

  it('leaves open what nothing satisfies, but not what was open before', () => {
    const base = { 'a 1': {}, 'stuck 1': { needs: ['a=1'] }, 'broken 1': { needs: ['a', 'nowhere'] } }
    const source = {
      'a 2': { needs: ['gone'] },
      'stuck 1': { needs: ['a=1'] },
      'broken 1': { needs: ['a', 'nowhere'] },
    }
    const { gaps } = forced(base, source, 'a')
    expect(gaps.sort()).toEqual(['a: gone', 'stuck: a=1'])
  })

  const names = ['a', 'b', 'c', 'd', 'e']
  const need = fc
    .tuple(fc.constantFrom(...names), fc.constantFrom('', '=1', '=2'))
    .map(([name, version]) => name + version)
  const side = fc
    .dictionary(
      fc.constantFrom(...names.flatMap(name => [`${name} 1`, `${name} 2`])),
      fc.record({ needs: fc.array(need, { maxLength: 3 }) }),
      { maxKeys: 8 },
    )
    .map(entries => ({ ...entries }) as Side)

  it('leaves nothing broken that was whole and is not told of, and is the same again', () => {
    fc.assert(
      fc.property(side, side, fc.constantFrom(...names), (base, source, asked) => {
        // One name and version is one package on both sides.
        const both = Object.fromEntries(Object.entries(source).map(([id, draft]) => [id, base[id] ?? draft]))
        const universe = universeOf(base, both)
        const { moved, gaps } = forcedAlong(universe, [[asked, asked]])
        const isThere = (one: Toy) => (moved.has(one.name) ? one.inSource : one.inBase)
        const told = new Set(gaps.map(gap => `${gap.one.name} ${gap.one.version} ${gap.need}`))
        for (const one of names.flatMap(name => universe.named(name)).filter(isThere))
          for (const each of universe.needs(one)) {
            const wasOpen = one.inBase && !universe.isSatisfied(each, other => other.inBase)
            if (!wasOpen && !universe.isSatisfied(each, isThere))
              expect(told).toContain(`${one.name} ${one.version} ${each}`)
          }
        expect([...forcedAlong(universe, moved).moved.keys()].sort()).toEqual([...moved.keys()].sort())
      }),
    )
  })
})
