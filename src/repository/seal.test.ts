import { describe, expect, it } from 'vitest'
import { type LatestRecord, timestampOf } from '../model/index.ts'
import { recentAfter, signingDate } from './seal.ts'

const at = (day: number) => timestampOf(Date.UTC(2026, 10, day))
const latest = (snapshot: number, recent: [number, number][]): LatestRecord => ({
  version: 1,
  snapshot: at(snapshot),
  moved: at(snapshot),
  sealed: {},
  recent: recent.map(([snapshot, replaced]) => ({
    snapshot: at(snapshot),
    replaced: at(replaced),
    sealed: {},
  })),
})
const keep = { keepSeconds: 7 * 86_400, keepAtLeast: 2 }

describe('what latest still answers after a move', () => {
  it('is what it served before, newest first', () => {
    expect(recentAfter(latest(9, [[8, 9]]), at(10), at(10), keep).map(recent => recent.snapshot)).toEqual([
      at(9),
      at(8),
    ])
  })

  it('ends when its days are over, but never below the least number', () => {
    expect(
      recentAfter(
        latest(9, [
          [8, 9],
          [2, 8],
          [1, 2],
        ]),
        at(10),
        at(10),
        keep,
      ).map(recent => recent.snapshot),
    ).toEqual([at(9), at(8), at(2)])
    expect(recentAfter(latest(9, [[1, 9]]), at(28), at(28), keep).map(recent => recent.snapshot)).toEqual([
      at(9),
      at(1),
    ])
  })
})

describe('what is still answered when it goes back and forth', () => {
  it('is each snapshot once, and not the one that is served anyway', () => {
    let now = latest(1, [])
    for (const [hour, to] of [2, 1, 2, 3, 1, 2].entries()) {
      const moved = timestampOf(Date.UTC(2026, 10, 9, hour))
      now = { ...now, snapshot: at(to), moved, recent: recentAfter(now, at(to), moved, keep) }
    }
    expect(now.recent.map(({ snapshot }) => snapshot)).toEqual([at(1), at(3)])
  })

  it('stays as it is when it is sealed anew where it stands', () => {
    const now = latest(9, [[8, 9]])
    expect(recentAfter(now, at(9), at(10), keep)).toEqual(now.recent)
  })
})

it('a signature is never dated before the key that makes it', () => {
  const key = (created: number) => ({ fingerprint: '', created, file: '', privateKeyArmoured: '' })
  expect(signingDate([key(1000)], 5000)).toBe(5000)
  expect(signingDate([key(1000), key(9000)], 5000)).toBe(9000)
})
