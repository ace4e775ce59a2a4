import { describe, expect, it } from 'vitest'
import type { Name, ReleaseRecord, Timestamp } from '../../model/index.ts'
import { mayFollow } from './bump-line.ts'

const at = (hour: number) => `20261121T${String(hour).padStart(2, '0')}0000Z` as Timestamp

function release(hour: number, bumpOf?: number): ReleaseRecord {
  return {
    version: 1,
    train: 'web' as Name,
    timestamp: at(hour),
    kind: bumpOf === undefined ? 'regular' : 'bump',
    snapshots: {},
    ...(bumpOf === undefined ? {} : { from: at(bumpOf) }),
    policy: {},
    who: 'somebody',
  }
}

const all = [release(1), release(2), release(3, 1), release(4, 3), release(5, 2)]

const may = (hour: number, before: number[], here: number[]) =>
  mayFollow(
    all.find(one => one.timestamp === at(hour))!,
    timestamp => before.map(at).includes(timestamp),
    timestamp => here.map(at).includes(timestamp),
    async timestamp => all.find(one => one.timestamp === timestamp),
  )

describe('a release may follow into a channel', () => {
  it.each<[string, number, number[], number[], boolean]>([
    ['that was in the channel before it', 2, [1, 2], [1], true],
    ['regular, and never in the channel before it', 2, [1], [1], false],
    ['regular, and once in the channel itself alone', 2, [1], [1, 2], false],
    ['a bump of what stands in the channel', 3, [2], [1], true],
    ['a bump of what was in the channel before it', 3, [1], [], true],
    ['a bump of a bump of what stands there', 4, [2], [1], true],
    ['a bump of what has been in neither', 5, [1], [1], false],
  ])('%s', async (_, hour, before, here, allowed) => {
    expect(await may(hour, before, here)).toBe(allowed)
  })
})
