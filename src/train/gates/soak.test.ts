import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ChannelMove, millisecondsOf, type Timestamp, timestampOf } from '../../model/index.ts'
import { judgeSoak, lastStay } from './soak.ts'

const start = Date.UTC(2026, 10, 1)
const hour = 3600
const at = (hours: number) => timestampOf(start + hours * hour * 1000)
const release = (n: number) => `2026110${n}T000000Z` as Timestamp
const move = (hours: number, to: number, kind: ChannelMove['kind'] = 'promotion'): ChannelMove => ({
  kind,
  release: release(to),
  moved: at(hours),
  who: 'ada',
  ...(kind === 'rollback' ? { why: 'it breaks nginx' } : {}),
})
const judge = (history: ChannelMove[], hours: number, needed = 24) =>
  judgeSoak(lastStay(history, release(1)), {
    seconds: needed * hour,
    now: start + hours * hour * 1000,
    where: 'web/staging',
  })

describe('soaking', () => {
  it.each<[string, ChannelMove[], number, boolean]>([
    ['never was there', [move(0, 2)], 100, false],
    ['long enough, and still there', [move(0, 1)], 24, true],
    ['not yet long enough', [move(0, 1)], 23, false],
    ['long enough, then the channel went on', [move(0, 1), move(30, 2)], 31, true],
    ['too short, and gone since', [move(0, 1), move(2, 2)], 100, false],
    ['left and came back: it begins anew', [move(0, 1), move(20, 2), move(40, 1, 'rollback')], 60, false],
    ['came back long ago', [move(0, 1), move(2, 2), move(4, 1, 'rollback')], 30, true],
    [
      'taken back from, however long it was there',
      [move(0, 2), move(1, 1), move(90, 2, 'rollback')],
      99,
      false,
    ],
    ['taken back from, then promoted again', [move(1, 1), move(9, 2, 'rollback'), move(10, 1)], 40, true],
  ])('%s', (_, history, hours, passed) => {
    expect(judge(history, hours).passed).toBe(passed)
  })

  it('says how long it must still wait', () => {
    expect(judge([move(0, 1)], 20)).toMatchObject({
      summary: 'it has been in web/staging for 20 h, not for 1 d',
      remedy: 'wait another 4 h',
    })
  })

  it('says who took the channel back, and why', () => {
    expect(judge([move(0, 2), move(1, 1), move(90, 2, 'rollback')], 99)).toMatchObject({
      summary: `web/staging was taken back from it at ${at(90)}`,
      findings: ['by ada: it breaks nginx'],
    })
  })

  it('a clock that went back has not let any time pass', () => {
    expect(judge([move(50, 1)], 10, 1)).toMatchObject({ passed: false, inputs: { seconds: 0 } })
  })

  it('once it has soaked long enough, more time changes nothing while it stays', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), (needed, stayed, more) => {
        const passed = judge([move(0, 1)], stayed, needed).passed
        expect(passed).toBe(stayed >= needed)
        if (passed) expect(judge([move(0, 1)], stayed + more, needed).passed).toBe(true)
      }),
    )
  })

  it('a stay lasts from the move in to the next move', () => {
    expect(lastStay([move(0, 2), move(3, 1), move(5, 2)], release(1))).toEqual({
      from: at(3),
      ended: move(5, 2),
    })
    expect(millisecondsOf(lastStay([move(3, 1)], release(1))!.from)).toBe(start + 3 * hour * 1000)
    expect(lastStay([], release(1))).toBeUndefined()
  })
})
