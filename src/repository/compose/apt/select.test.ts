import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ComposeConfiguration, Selector } from '../../../config/index.ts'
import { digestOf, parseName } from '../../../model/index.ts'
import type { CandidateIndex } from '../candidate.ts'
import { select as selectBy } from '../select.ts'
import type { AptCandidate } from './candidates.ts'
import { aptRules } from './rules.ts'

const settings: ComposeConfiguration = {
  kind: 'compose',
  name: parseName('base'),
  policy: 'immediate',
  seed: [],
  position: 'switchyard.yaml:1',
  from: [parseName('debian'), parseName('ours')],
  include: [],
  exclude: [],
  withDependencies: true,
  recommends: false,
  prefer: [],
  versions: 1,
  architectures: ['amd64'],
  output: {
    format: 'apt',
    suite: 'stable',
    codename: 'stable',
    component: 'main',
    origin: 'o',
    label: 'l',
    compression: ['gz'],
    validDays: undefined,
    phasing: 'keep',
  },
}

/** The settings of a test: globs as text. */
type Wishes = Partial<Omit<ComposeConfiguration, 'include' | 'exclude'>> & {
  include?: string[]
  exclude?: string[]
}

function select(index: CandidateIndex<AptCandidate>, { include = [], exclude = [], ...rest }: Wishes) {
  const selectors = (globs: string[]): Selector[] => globs.map(glob => ({ kind: 'package', glob }))
  const compose = { ...settings, ...rest, include: selectors(include), exclude: selectors(exclude) }
  return selectBy(index, compose, aptRules(compose))
}

/** `name version` and further stanza fields; `repository` and `architecture` on request. */
function candidate(
  name: string,
  version: string,
  fields = '',
  options: { repository?: 'debian' | 'ours'; architecture?: string } = {},
): AptCandidate {
  const { repository = 'debian', architecture = 'amd64' } = options
  const stanza = Buffer.from(
    `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\n${fields}`,
  )
  return {
    input: repository === 'debian' ? 0 : 1,
    repository: parseName(repository),
    name,
    version,
    architecture,
    digest: digestOf(stanza),
    path: `pool/${name}_${version}_${architecture}.deb`,
    source: name,
    stanza,
  }
}

function indexOf(...candidates: AptCandidate[]): CandidateIndex<AptCandidate> {
  const index: CandidateIndex<AptCandidate> = new Map()
  for (const one of candidates) index.set(one.name, [...(index.get(one.name) ?? []), one])
  return index
}

function chosen(index: CandidateIndex<AptCandidate>, wishes: Wishes): string[] {
  return select(index, wishes).packages.map(({ name, version }) => `${name} ${version}`)
}

describe('selecting packages', () => {
  it('takes the newest version of each package, by the order of versions', () => {
    expect(chosen(indexOf(candidate('a', '1.9'), candidate('a', '1.10')), {})).toEqual(['a 1.10'])
  })

  it('keeps as many versions as are asked for', () => {
    expect(
      chosen(indexOf(candidate('a', '1.9'), candidate('a', '1.10')), { versions: Number.POSITIVE_INFINITY }),
    ).toEqual(['a 1.9', 'a 1.10'])
  })

  it('keeps the newest N versions', () => {
    const index = indexOf(candidate('a', '1'), candidate('a', '3'), candidate('a', '2'))
    expect(chosen(index, { versions: 2 })).toEqual(['a 2', 'a 3'])
  })

  it('lets a preferred input win whatever the version', () => {
    const index = indexOf(candidate('a', '2'), candidate('a', '1', '', { repository: 'ours' }))
    expect(chosen(index, { prefer: [parseName('ours')] })).toEqual(['a 1'])
  })

  it('includes by glob, excludes by glob, and says which pattern matched nothing', () => {
    const index = indexOf(candidate('nginx', '1'), candidate('nginx-doc', '1'), candidate('apache2', '1'))
    expect(chosen(index, { include: ['nginx*'], exclude: ['*-doc'] })).toEqual(['nginx 1'])
    expect(select(index, { include: ['nginx', 'ngnix'] }).unmatched).toEqual([
      { kind: 'package', glob: 'ngnix' },
    ])
  })
})

describe('with dependencies', () => {
  it('follows Depends and Pre-Depends over many steps, and Recommends only when asked', () => {
    const index = indexOf(
      candidate('a', '1', 'Depends: b\nRecommends: r\n'),
      candidate('b', '1', 'Pre-Depends: c\n'),
      candidate('c', '1'),
      candidate('r', '1'),
    )
    expect(chosen(index, { include: ['a'] })).toEqual(['a 1', 'b 1', 'c 1'])
    expect(chosen(index, { include: ['a'], recommends: true })).toEqual(['a 1', 'b 1', 'c 1', 'r 1'])
  })

  it('takes the first alternative that exists, and none when one is chosen already', () => {
    const index = indexOf(
      candidate('a', '1', 'Depends: missing | b | c\n'),
      candidate('b', '1'),
      candidate('c', '1'),
    )
    expect(chosen(index, { include: ['a'] })).toEqual(['a 1', 'b 1'])
    expect(chosen(index, { include: ['a', 'c'] })).toEqual(['a 1', 'c 1'])
  })

  it('passes over an alternative whose version does not fit', () => {
    const index = indexOf(
      candidate('a', '1', 'Depends: b (>= 2) | c\n'),
      candidate('b', '1'),
      candidate('c', '1'),
    )
    expect(chosen(index, { include: ['a'] })).toEqual(['a 1', 'c 1'])
  })

  it('finds the provider of a virtual package, by priority, then name', () => {
    const index = indexOf(
      candidate('a', '1', 'Depends: mta\n'),
      candidate('exim', '1', 'Provides: mta\nPriority: standard\n'),
      candidate('anvil', '1', 'Provides: mta\nPriority: optional\n'),
    )
    expect(chosen(index, { include: ['a'] })).toEqual(['a 1', 'exim 1'])
  })

  it('takes a priority that it does not know for the last one, as apt does', () => {
    const index = indexOf(
      candidate('a', '1', 'Depends: mta\n'),
      candidate('exim', '1', 'Provides: mta\nPriority: whatever\n'),
      candidate('postfix', '1', 'Provides: mta\nPriority: optional\n'),
    )
    expect(chosen(index, { include: ['a'] })).toEqual(['a 1', 'postfix 1'])
  })

  it('satisfies a versioned dependency only with a versioned Provides', () => {
    const provider = (provides: string) =>
      indexOf(candidate('a', '1', 'Depends: v (>= 2)\n'), candidate('p', '9', `Provides: ${provides}\n`))
    expect(select(provider('v'), { include: ['a'] }).unresolved).toHaveLength(1)
    expect(chosen(provider('v (= 3)'), { include: ['a'] })).toEqual(['a 1', 'p 9'])
  })

  it('says what nothing satisfies', () => {
    expect(
      select(indexOf(candidate('a', '1', 'Depends: b (>= 2) | c\n')), { include: ['a'] }).unresolved,
    ).toEqual([{ package: 'a', version: '1', architecture: 'amd64', dependency: 'b (>= 2) | c' }])
  })

  it('never chooses what exclude names', () => {
    const index = indexOf(candidate('a', '1', 'Depends: b | c\n'), candidate('b', '1'), candidate('c', '1'))
    expect(chosen(index, { include: ['a'], exclude: ['b'] })).toEqual(['a 1', 'c 1'])
  })

  it('leaves no dependency open that the inputs could satisfy, and does not depend on the order of the inputs', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const stanza = fc.record({
      name: fc.constantFrom(...names),
      version: fc.constantFrom('1', '2'),
      depends: fc.array(fc.constantFrom(...names, 'x'), { maxLength: 3 }),
    })
    fc.assert(
      fc.property(
        fc.uniqueArray(stanza, { selector: ({ name, version }) => `${name} ${version}`, maxLength: 10 }),
        stanzas => {
          const candidates = stanzas.map(({ name, version, depends }) =>
            candidate(name, version, depends.length === 0 ? '' : `Depends: ${depends.join(' | ')}\n`),
          )
          const forward = select(indexOf(...candidates), { include: ['a'] })
          const backward = select(indexOf(...candidates.toReversed()), { include: ['a'] })
          expect(backward.packages.map(one => one.digest)).toEqual(forward.packages.map(one => one.digest))
          const have = new Set(forward.packages.map(one => one.name))
          for (const one of forward.packages) {
            const wants = stanzas.find(
              ({ name, version }) => name === one.name && version === one.version,
            )!.depends
            if (wants.some(name => candidates.some(other => other.name === name)))
              expect(wants.some(name => have.has(name))).toBe(true)
          }
        },
      ),
    )
  })
})
