import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Timestamp, timestampOf } from '../model/index.ts'
import { cutBefore, type Line, movedTo, promoted, replayed, rolledBack } from './line.ts'

const release = (n: number) => timestampOf(n * 1000) as Timestamp
const lineOf = (at: number, ...numbers: number[]): Line => ({ line: numbers.map(release), at })

/** What an operator does to a channel: promote release N, go back, or go to the Nth release of the line. */
type Deed = { promote: number } | 'back' | { to: number }

const deeds = fc.array(
  fc.oneof(fc.record({ promote: fc.nat(5) }), fc.constant('back' as const), fc.record({ to: fc.nat(8) })),
  { maxLength: 30 },
)

interface Told {
  line: Line | undefined
  moves: { kind: 'promotion' | 'rollback'; release: Timestamp }[]
}

/** Does what can be done, and keeps what the history keeps. */
function done(all: Deed[]): Told {
  const told: Told = { line: undefined, moves: [] }
  for (const deed of all) {
    const { line } = told
    const kind = typeof deed === 'object' && 'promote' in deed ? 'promotion' : 'rollback'
    const next =
      typeof deed === 'object' && 'promote' in deed
        ? line?.line[line.at] === release(deed.promote)
          ? undefined
          : promoted(line, release(deed.promote))
        : line && (deed === 'back' ? rolledBack(line) : movedTo(line, line.line[deed.to] ?? release(99)))
    if (next === undefined) continue
    told.line = next
    told.moves.push({ kind, release: next.line[next.at]! })
  }
  return told
}

describe('a line of promotions', () => {
  it('goes back step by step over each promotion, and no further', () => {
    let line = promoted(promoted(promoted(undefined, release(1)), release(2)), release(3))
    const seen = [line.line[line.at]]
    for (let before = rolledBack(line); before !== undefined; before = rolledBack(line)) {
      line = before
      seen.push(line.line[line.at])
    }
    expect(seen).toEqual([3, 2, 1].map(release))
  })

  it('forgets what was rolled back from once another release is promoted', () => {
    expect(promoted(lineOf(0, 1, 2, 3), release(4))).toEqual(lineOf(1, 1, 4))
  })

  it('takes the nearest place of a release that stands in it more than once', () => {
    expect(movedTo(lineOf(4, 1, 2, 3, 1, 4), release(1))).toEqual(lineOf(3, 1, 2, 3, 1, 4))
    expect(movedTo(lineOf(0, 1, 2, 3, 1), release(1))).toEqual(lineOf(3, 1, 2, 3, 1))
    expect(movedTo(lineOf(0, 1, 2), release(1))).toBeUndefined()
  })
})

describe('a history', () => {
  it('leads to the release where the channel stands, and over the same way back', () => {
    fc.assert(
      fc.property(deeds, all => {
        const { line, moves } = done(all)
        expect(replayed(moves)).toEqual(line)
      }),
    )
  })

  it('that begins with a rollback, or goes to what was never promoted, is none', () => {
    expect(replayed([{ kind: 'rollback', release: release(1) }])).toBeUndefined()
    expect(
      replayed([
        { kind: 'promotion', release: release(1) },
        { kind: 'rollback', release: release(2) },
      ]),
    ).toBeUndefined()
    expect(replayed([])).toBeUndefined()
  })
})

describe('a line without a release', () => {
  it('keeps where the channel stands and so many promotions before it', () => {
    fc.assert(
      fc.property(deeds, fc.nat(5), fc.nat(3), (all, n, least) => {
        const { line } = done(all)
        if (line === undefined) return
        const cut = cutBefore(line, release(n), least)
        const places = line.line.flatMap((one, i) => (one === release(n) ? [i] : []))
        expect(cut === undefined).toBe(places.some(place => place >= line.at - least))
        if (cut === undefined) return
        expect(cut.line).not.toContain(release(n))
        expect(cut.line[cut.at]).toBe(line.line[line.at])
        expect(line.line.slice(-cut.line.length)).toEqual(cut.line)
      }),
    )
  })
})
