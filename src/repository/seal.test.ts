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
    expect(recentAfter(latest(9, [[8, 9]]), at(10), keep).map(recent => recent.snapshot)).toEqual([
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
        keep,
      ).map(recent => recent.snapshot),
    ).toEqual([at(9), at(8), at(2)])
    expect(recentAfter(latest(9, [[1, 9]]), at(28), keep).map(recent => recent.snapshot)).toEqual([
      at(9),
      at(1),
    ])
  })
})

it('a signature is never dated before the key that makes it', () => {
  const key = (created: number) => ({ fingerprint: '', created, file: '', privateKeyArmoured: '' })
  expect(signingDate([key(1000)], 5000)).toBe(5000)
  expect(signingDate([key(1000), key(9000)], 5000)).toBe(9000)
})
