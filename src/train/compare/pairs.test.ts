import { describe, expect, it } from 'vitest'
import type { Name, SnapshotRecord } from '../../model/index.ts'
import type { Referent } from '../reference.ts'
import { pairRepositories, sideOf } from './pairs.ts'

const record = (repository: string, timestamp = 'T1') =>
  ({ repository, timestamp }) as unknown as SnapshotRecord
const snapshot = (repository: string, timestamp?: string): Referent => ({
  kind: 'snapshot',
  name: `${repository}@${timestamp}`,
  snapshot: record(repository, timestamp),
})
const release = (name: string, ...repositories: [name: string, timestamp: string][]): Referent => ({
  kind: 'release',
  name,
  snapshots: new Map(repositories.map(([one, timestamp]) => [one as Name, record(one, timestamp)])),
})
const shown = (from: Referent, to: Referent) =>
  pairRepositories(from, to).map(({ repository, before, after }) => [
    repository,
    before?.timestamp,
    after?.timestamp,
  ])

describe('what is compared with what', () => {
  it('two snapshots, of one repository or of two', () => {
    expect(shown(snapshot('a', 'T1'), snapshot('a', 'T2'))).toEqual([['a', 'T1', 'T2']])
    expect(shown(snapshot('a', 'T1'), snapshot('b', 'T2'))).toEqual([['b', 'T1', 'T2']])
  })

  it('two releases by repository, in the order of names, with those that only one has', () => {
    const from = release('web@T1', ['c', 'T1'], ['a', 'T1'])
    const to = release('web@T2', ['b', 'T2'], ['c', 'T2'])
    expect(shown(from, to)).toEqual([
      ['a', 'T1', undefined],
      ['b', undefined, 'T2'],
      ['c', 'T1', 'T2'],
    ])
  })

  it('a snapshot with the repository of its name in a release, either way round', () => {
    const some = release('web@T2', ['a', 'T2'], ['b', 'T2'])
    expect(shown(snapshot('b', 'T1'), some)).toEqual([['b', 'T1', 'T2']])
    expect(shown(some, snapshot('b', 'T1'))).toEqual([['b', 'T2', 'T1']])
  })

  it('a snapshot with the only repository of a release, whatever its name', () => {
    expect(shown(snapshot('x', 'T1'), release('web@T2', ['a', 'T2']))).toEqual([['a', 'T1', 'T2']])
  })

  it('a snapshot that none of several repositories is called like is an error that names them', () => {
    const some = release('web@T2', ['a', 'T2'], ['b', 'T2'])
    expect(() => pairRepositories(snapshot('x', 'T1'), some)).toThrow(/x@T1 and web@T2 .* no repository x/)
  })

  it('a side tells the channel by which it was named', () => {
    expect(sideOf({ ...release('web@T1'), channel: 'web/staging' } as Referent)).toEqual({
      kind: 'release',
      name: 'web@T1',
      channel: 'web/staging',
    })
    expect(sideOf(snapshot('a', 'T1'))).toEqual({ kind: 'snapshot', name: 'a@T1' })
  })
})
