import { describe, expect, it } from 'vitest'
import type { Name, Timestamp } from '../model/index.ts'
import { placesOf, type Travel, type Travels } from './search-places.ts'

const day = (n: number) => `2026112${n}T000000Z` as Timestamp
const release = (timestamp: Timestamp, name: string): Travel => ({ timestamp, kind: 'release', in: name })
const channel = (timestamp: Timestamp, name: string): Travel => ({ timestamp, kind: 'channel', in: name })
const debian = 'debian' as Name
const travels: Travels = new Map([
  [
    debian,
    [
      release(day(3), 'web@3'),
      release(day(2), 'web@2'),
      release(day(1), 'web@1'),
      channel(day(3), 'web/staging'),
      channel(day(1), 'web/production'),
      channel(day(1), 'db/production'),
    ],
  ],
])

describe('where a package is that some snapshots have', () => {
  it('in the releases and channels of those snapshots, the first and the last one included', () => {
    expect(placesOf({ repository: debian, first: day(1), last: day(2) }, travels)).toEqual({
      channels: ['db/production', 'web/production'],
      releases: ['web@2', 'web@1'],
    })
  })

  it('in every later one too while the newest snapshot has it', () => {
    expect(placesOf({ repository: debian, first: day(2) }, travels)).toEqual({
      channels: ['web/staging'],
      releases: ['web@3', 'web@2'],
    })
  })

  it('nowhere when no train carries its repository, or none of its snapshots', () => {
    const none = { channels: [], releases: [] }
    expect(placesOf({ repository: 'other' as Name, first: day(1) }, travels)).toEqual(none)
    expect(placesOf({ repository: debian, first: day(4) }, travels)).toEqual(none)
  })

  it('once, though a release carries two snapshots of the repository', () => {
    const twice: Travels = new Map([[debian, [release(day(1), 'web@1'), release(day(2), 'web@1')]]])
    expect(placesOf({ repository: debian, first: day(1) }, twice).releases).toEqual(['web@1'])
  })
})
