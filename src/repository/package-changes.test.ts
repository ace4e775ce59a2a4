import { describe, expect, it } from 'vitest'
import { countChanges, countRowChanges, packageChanges } from './package-changes.ts'
import { rowFor } from './rows.fixture.ts'

describe('changes of packages', () => {
  it('pair what went with what came into upgrades and downgrades, by the order of versions and not of bytes', () => {
    const changes = packageChanges({
      removed: [rowFor('a', '1.9'), rowFor('b', '2.0'), rowFor('c', '1.0')],
      added: [rowFor('a', '1.10'), rowFor('b', '2.0~rc1'), rowFor('c', '1:0.5')],
    })
    expect(changes.map(({ name, kind }) => [name, kind])).toEqual([
      ['a', 'upgraded'],
      ['b', 'downgraded'],
      ['c', 'upgraded'],
    ])
  })

  it('name the same version with other bytes rebuilt', () => {
    expect(
      packageChanges({
        removed: [rowFor('a', '1', { bytes: 'x' })],
        added: [rowFor('a', '1', { bytes: 'y' })],
      })[0]?.kind,
    ).toBe('rebuilt')
  })

  it('leave out a package whose stanza changed and whose bytes did not', () => {
    expect(packageChanges({ removed: [rowFor('a', '1')], added: [rowFor('a', '1')] })).toEqual([])
  })

  it('pair the highest versions when a package has several, and report the others alone', () => {
    const changes = packageChanges({
      removed: [rowFor('a', '1'), rowFor('a', '2')],
      added: [rowFor('a', '3')],
    })
    expect(changes.map(({ kind, before, after }) => [kind, before?.version, after?.version])).toEqual([
      ['upgraded', '2', '3'],
      ['removed', '1', undefined],
    ])
  })

  it('count an `all` package that several indexes list once', () => {
    const inIndex = (architecture: string) => rowFor('doc', '2', { architecture, ownArchitecture: 'all' })
    const changes = packageChanges({ removed: [], added: [inIndex('amd64'), inIndex('arm64')] })
    expect(countChanges(changes)).toEqual({ added: 1, removed: 0, upgraded: 0, downgraded: 0, rebuilt: 0 })
  })

  it('keep suites and components apart', () => {
    const changes = packageChanges({
      removed: [rowFor('a', '1')],
      added: [rowFor('a', '2', { suite: 'stable-updates' })],
    })
    expect(changes.map(change => change.kind)).toEqual(['removed', 'added'])
  })

  it('pair across suites when two repositories are compared, and leave out what both have', () => {
    const removed = [rowFor('a', '1', { suite: 'stable' }), rowFor('b', '1', { suite: 'stable' })]
    const added = [rowFor('a', '1', { suite: 'slice' }), rowFor('b', '2', { suite: 'slice' })]
    expect(packageChanges({ removed, added }, true).map(({ name, kind }) => [name, kind])).toEqual([
      ['b', 'upgraded'],
    ])
  })
})

it('everything that is new is counted as the changes would be', () => {
  const inIndex = (architecture: string) => rowFor('doc', '2', { architecture, ownArchitecture: 'all' })
  const rows = {
    removed: [],
    added: [inIndex('amd64'), inIndex('arm64'), rowFor('a', '1'), rowFor('a', '2')],
  }
  expect(countRowChanges(rows)).toEqual(countChanges(packageChanges(rows)))
})
