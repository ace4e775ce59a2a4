import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PrimaryLists, parseEvr, parseRpmDependency } from '../../../formats/index.ts'
import { addRpmDependencies, type ClosureWishes } from './closure.ts'
import { createDependencyIndex, type DependencyPackage } from './dependency-index.ts'
import { unresolvedOf } from './unresolved.fixture.ts'

type Lists = { [K in 'requires' | 'provides' | 'recommends' | 'supplements' | 'files']?: string[] }

interface Described extends Lists, DependencyPackage {}

/** `name`, `name-2-1` or `name-2-1.i686`, with what it says; it provides itself. */
function described(text: string, lists: Lists = {}): Described {
  const [, name, version = '1-1', architecture = 'x86_64'] = /^([^.]*?)(?:-(\d+-\d+))?(?:\.(\w+))?$/.exec(
    text,
  )!
  return { name: name!, version, architecture, ...lists }
}

function indexOf(packages: readonly Described[]) {
  const index = createDependencyIndex<Described>()
  const read = (texts: string[] = []) =>
    texts.map(text => ({
      ...(text.startsWith('(')
        ? { name: text, flags: undefined, evr: undefined }
        : parseRpmDependency(text, 'test')),
      pre: false,
    }))
  for (const one of packages) {
    const lists: PrimaryLists = {
      requires: read(one.requires),
      provides: [
        { name: one.name, flags: 'EQ', evr: parseEvr(one.version), pre: false },
        ...read(one.provides),
      ],
      recommends: read(one.recommends),
      supplements: read(one.supplements),
      conflicts: [],
      obsoletes: [],
      suggests: [],
      enhances: [],
      files: (one.files ?? []).map(path => ({ path, type: 'file' as const })),
    }
    index.add(one, lists)
  }
  return index
}

const shown = ({ name, version, architecture }: DependencyPackage) =>
  `${name}${version === '1-1' ? '' : `-${version}`}${architecture === 'x86_64' ? '' : `.${architecture}`}`

/** What stands beside the chosen ones, and what is unresolved. `packages` are ranked as they stand. */
function closed(packages: Described[], names: string[], wishes: Partial<ClosureWishes<Described>> = {}) {
  const offered = new Map<string, Described[]>()
  for (const one of packages) offered.set(one.name, [...(offered.get(one.name) ?? []), one])
  const chosen = new Set(packages.filter(one => names.includes(shown(one))))
  const unresolved = addRpmDependencies(chosen, offered, indexOf(packages), {
    architectures: ['x86_64'],
    recommends: false,
    preference: () => 0,
    ...wishes,
  })
  return {
    added: [...chosen]
      .map(shown)
      .filter(name => !names.includes(name))
      .sort(),
    unresolved: unresolved.map(({ package: name, dependency }) => `${name}: ${dependency}`),
  }
}

const world = [
  described('lib-2-1', { provides: ['lib.so()(64bit)', 'virtual = 2'] }),
  described('lib', { provides: ['virtual = 1'] }),
  described('other', { provides: ['lib.so()(64bit)', 'virtual = 3', 'lib2'], requires: ['deep'] }),
  described('deep', { files: ['/usr/bin/deep'] }),
  described('both', { provides: ['x', 'y'] }),
  described('onlyx', { provides: ['x'] }),
  described('lib2'),
  described('neutral.noarch', { requires: ['deep'] }),
]

describe('what a package needs', () => {
  it.each<[string, string[]]>([
    ['lib', ['lib-2-1']],
    ['lib = 1', ['lib']],
    ['lib < 2', ['lib']],
    ['lib >= 1', ['lib-2-1']],
    ['lib2', ['lib2']],
    ['virtual', ['lib-2-1']],
    ['virtual > 2', ['deep', 'other']],
    ['lib.so()(64bit)', ['lib-2-1']],
    ['/usr/bin/deep', ['deep']],
    ['neutral', ['deep', 'neutral.noarch']],
    ['rpmlib(CompressedFileNames) <= 3', []],
    ['app', []],
    ['(lib and deep)', ['deep', 'lib-2-1']],
    ['(gone or deep or lib)', ['deep']],
    ['((gone and lib) or lib2)', ['lib2']],
    ['(x with y)', ['both']],
    ['(x without y)', ['onlyx']],
    ['(lib >= 1 with lib < 2)', ['lib']],
    ['(lib if deep)', []],
    ['(lib if deep else lib2)', ['lib2']],
    ['(lib if app)', ['lib-2-1']],
    ['(lib unless deep)', ['lib-2-1']],
    ['(lib unless app)', []],
    ['(lib unless app else deep)', ['deep']],
    ['((lib if app) and (lib2 unless gone))', ['lib-2-1', 'lib2']],
  ])('%s', (requirement, added) => {
    const app = described('app', { requires: [requirement] })
    expect(closed([...world, app], ['app'])).toEqual({ added, unresolved: [] })
  })

  it.each([
    'gone',
    'lib > 2',
    '/usr/bin/gone',
    '(gone or lib > 7)',
    '(x with gone)',
    '(gone if app)',
    '(broken',
  ])('%s is unresolved', requirement => {
    const app = described('app', { requires: [requirement] })
    expect(closed([...world, app], ['app'])).toEqual({ added: [], unresolved: [`app: ${requirement}`] })
  })

  it('is judged again when what it is conditional on was chosen later', () => {
    const app = described('app', { requires: ['(lib2 if deep)', '(gone if both)', 'neutral', 'both'] })
    expect(closed([...world, app], ['app'])).toEqual({
      added: ['both', 'deep', 'lib2', 'neutral.noarch'],
      unresolved: ['app: (gone if both)'],
    })
  })

  it('is nothing where a chosen package provides it already', () => {
    const app = described('app', { requires: ['lib.so()(64bit)', 'virtual'] })
    expect(closed([...world, app], ['app', 'other'])).toEqual({ added: ['deep'], unresolved: [] })
  })

  it('comes from the preferred input', () => {
    const app = described('app', { requires: ['lib.so()(64bit)'] })
    const preference = ({ name }: Described) => Number(name !== 'other')
    expect(closed([...world, app], ['app'], { preference }).added).toEqual(['deep', 'other'])
  })

  it('includes recommendations and supplements by choice, as far as they can be satisfied', () => {
    const packages = [
      ...world,
      described('app', { recommends: ['lib2', 'gone', '(both if lib2)'] }),
      described('app-langpack', { supplements: ['(app and lib2)'], requires: ['neutral'] }),
      described('gone-langpack', { supplements: ['gone'] }),
    ]
    expect(closed(packages, ['app'])).toEqual({ added: [], unresolved: [] })
    expect(closed(packages, ['app'], { recommends: true })).toEqual({
      added: ['app-langpack', 'both', 'deep', 'lib2', 'neutral.noarch'],
      unresolved: [],
    })
  })
})

describe('architectures', () => {
  const packages = [
    described('app.noarch', { requires: ['lib'] }),
    described('old.i686', { requires: ['lib.so', 'lib'] }),
    described('lib', { provides: ['lib.so()(64bit)'] }),
    described('lib.i686', { provides: ['lib.so'] }),
    described('lib.aarch64'),
  ]

  it('a neutral package needs its dependencies on each', () => {
    const wishes = { architectures: ['x86_64', 'aarch64'] }
    expect(closed(packages, ['app.noarch'], wishes)).toEqual({
      added: ['lib', 'lib.aarch64'],
      unresolved: [],
    })
  })

  it('i686 stands beside x86_64 when it is asked for, for what nothing else provides', () => {
    const wishes = { architectures: ['x86_64', 'i686'] }
    expect(closed(packages, ['app.noarch'], wishes).added).toEqual(['lib'])
    expect(closed(packages, ['old.i686'], wishes).added).toEqual(['lib.i686'])
    const app = described('app', { requires: ['lib.so'] })
    expect(closed([...packages, app], ['app'])).toEqual({ added: [], unresolved: ['app: lib.so'] })
    expect(closed([...packages, app], ['app'], wishes).added).toEqual(['lib.i686'])
  })
})

describe('properties', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const plain = fc
    .tuple(name, fc.constantFrom('', ' >= 2', ' = 1', ' < 2'))
    .map(([which, range]) => `${which}${range}`)
  const rich = fc
    .tuple(plain, fc.constantFrom('and', 'or', 'if', 'unless', 'with', 'without'), plain)
    .map(([a, operator, b]) => `(${a} ${operator} ${b})`)
  const packages = fc.uniqueArray(
    fc
      .tuple(
        name,
        fc.constantFrom('1-1', '2-1'),
        fc.constantFrom('x86_64', 'noarch', 'i686'),
        fc.array(fc.oneof(plain, rich), { maxLength: 3 }),
        fc.array(plain, { maxLength: 2 }),
      )
      .map(([one, version, architecture, requires, provides]) => ({
        ...described(one),
        version,
        architecture,
        requires,
        provides,
      })),
    { selector: shown, minLength: 1, maxLength: 12 },
  )

  it('what is chosen is closed, but for what is said to be unresolved', () => {
    fc.assert(
      fc.property(packages, fc.integer({ min: 1, max: 12 }), (all, count) => {
        const offered = new Map<string, Described[]>()
        for (const one of all) offered.set(one.name, [...(offered.get(one.name) ?? []), one])
        const chosen = new Set(all.slice(0, count))
        const wishes = { architectures: ['x86_64', 'i686'], recommends: false, preference: () => 0 }
        const grow = () => addRpmDependencies(chosen, offered, indexOf(all), wishes)
        const unresolved = grow()
        const said = new Set(unresolved.map(each => JSON.stringify(each)))
        const checked = unresolvedOf(indexOf([...chosen]), wishes.architectures)
        expect(new Set(checked.map(each => JSON.stringify(each)))).toEqual(said)
        const before = chosen.size
        expect(grow()).toHaveLength(unresolved.length)
        expect(chosen.size).toBe(before)
      }),
      { numRuns: 2000 },
    )
  })

  it('a plain name is unresolved only where no package provides it', () => {
    fc.assert(
      fc.property(packages, all => {
        const offered = new Map<string, Described[]>()
        for (const one of all) offered.set(one.name, [...(offered.get(one.name) ?? []), one])
        const wishes = { architectures: ['x86_64', 'i686'], recommends: false, preference: () => 0 }
        const unresolved = addRpmDependencies(new Set(all.slice(0, 1)), offered, indexOf(all), wishes)
        const impossible = new Set(
          unresolvedOf(indexOf(all), wishes.architectures).map(({ dependency }) => dependency),
        )
        for (const { dependency } of unresolved)
          if (!dependency.startsWith('(')) expect(impossible).toContain(dependency)
      }),
    )
  })
})
