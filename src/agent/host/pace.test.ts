import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startPace } from './pace.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const limits = { window: 20, bytes: 1_000, place: 180 }
/** What is said of a side that brings so many bytes each second, for so long. */
function judged(perSecond: number, seconds: number, spent = 0): string | undefined {
  const pace = startPace(limits, spent * 1000)
  for (let second = 0; second < seconds && !pace.signal.aborted; second++) {
    pace.add(perSecond)
    vi.advanceTimersByTime(1_000)
  }
  pace.end()
  return pace.signal.reason?.message
}

describe('an answer on its way', () => {
  it.each([
    ['nothing for less than a window', 0, 19, 0, undefined],
    ['nothing for a window', 0, 20, 0, '0 bytes came in 20 s, of at least 1000'],
    ['too little, however long', 49, 100, 0, '980 bytes came in 20 s, of at least 1000'],
    ['just enough', 50, 179, 0, undefined],
    ['just enough, for longer than one side may take', 50, 300, 0, 'it has taken more than 180 s in all'],
    ['enough, from one that has used up its time', 9_000, 1, 181, 'it has taken more than 180 s in all'],
    ['much, from one that is about to', 9_000, 40, 170, 'it has taken more than 180 s in all'],
  ])('%s', (_, perSecond, seconds, spent, said) => expect(judged(perSecond, seconds, spent)).toBe(said))

  it('that stops in the middle is given up a window later at the latest', () => {
    const pace = startPace(limits, 0)
    pace.add(1_000_000)
    vi.advanceTimersByTime(39_999)
    expect(pace.signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(pace.signal.aborted).toBe(true)
    pace.end()
  })

  it('takes time that counts for the next one', () => {
    const pace = startPace(limits, 1_000)
    vi.advanceTimersByTime(2_000)
    expect(pace.end()).toBe(3_000)
  })
})
