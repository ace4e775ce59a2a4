import { describe, expect, it } from 'vitest'
import type { Name, Timestamp } from '../../model/index.ts'
import { judgeOverlay, type OverlayState, type Sighting } from './judge-overlay.ts'

const day = (n: number) => `2026112${n}T000000Z` as Timestamp
const at = (version: string, first: number, more: Partial<Sighting> = {}): Sighting => ({
  repository: 'debian' as Name,
  version,
  first: day(first),
  isInRelease: true,
  ...more,
})
const judge = (version: string, upstream: Sighting[], ourWins = true, family: 'deb' | 'rpm' = 'deb') =>
  judgeOverlay({
    family,
    ours: { repository: 'ours' as Name, version, first: day(0) },
    upstream,
    ourWins,
  })

describe('a package of ours beside upstream’s', () => {
  it.each<[ours: string, upstream: string, ourWins: boolean, state: OverlayState]>([
    ['1.0-1+ours1', '1.0-1', true, 'ahead'],
    ['1.0-1+ours1', '1.0-1', false, 'ahead'],
    ['1.0-1', '1.0-1', true, 'caught-up'],
    ['1.0-1', '1.0-1', false, 'caught-up'],
    ['1.0-1', '1.0-1+b1', false, 'passed'],
    ['1.0-1+ours1', '1.0-2', false, 'passed'],
    ['1.0-1+ours1', '1.0-2', true, 'outdated'],
    ['1.0-1', '1:0.1-1', true, 'outdated'],
  ])('ours %s, upstream %s, clients get ours: %s -> %s', (ours, upstream, ourWins, state) => {
    expect(judge(ours, [at(upstream, 1)], ourWins)?.state).toBe(state)
  })

  it('is compared in the order of rpm for RPM packages', () => {
    expect(judge('1.0^ours1-1', [at('1.0-1', 1)], true, 'rpm')?.state).toBe('ahead')
    expect(judge('1.0~rc1-1', [at('1.0-1', 1)], false, 'rpm')?.state).toBe('passed')
  })

  it('shadows nothing when upstream has none of its name in the release, even if it once had', () => {
    expect(judge('1', [])).toBeUndefined()
    expect(judge('1', [at('2', 1, { isInRelease: false })])).toBeUndefined()
  })

  it('meets the best of what several upstreams offer', () => {
    const upstream = [at('1.0-1', 1), at('1.0-3', 3, { repository: 'security' as Name }), at('1.0-2', 2)]
    expect(judge('1.0-1+ours1', upstream, false)).toEqual({
      state: 'passed',
      upstream: { repository: 'security', version: '1.0-3', since: day(3) },
      caughtUp: day(2),
    })
  })

  it('tells since when upstream has caught up: its first snapshot with our version or a newer one', () => {
    const history = [
      at('1.0-1', 1, { isInRelease: false }),
      at('1.0-2', 3, { isInRelease: false }),
      at('1.0-3', 5),
    ]
    expect(judge('1.0-1+ours1', history, true)).toMatchObject({
      state: 'outdated',
      upstream: { version: '1.0-3', since: day(5) },
      caughtUp: day(3),
    })
    expect(judge('1.0-4', history)?.caughtUp).toBeUndefined()
  })

  it('may be ahead by its version alone: upstream has published since', () => {
    const ours = '1.0-1+ours1'
    expect(judge(ours, [at('1.0-1+deb12u1', 1)])).toMatchObject({ state: 'ahead', hasMoved: true })
    expect(judge(ours, [at('1.0-1', 0)])?.hasMoved).toBeUndefined()
    expect(judge(ours, [at('1.0-2', 1)])?.hasMoved).toBeUndefined()
  })

  it('does not forget that upstream was newer once, though the release has an older one of it', () => {
    const back = [at('2.0-1', 2, { isInRelease: false }), at('1.0-1', 1)]
    expect(judge('1.0-1+ours1', back)).toMatchObject({ state: 'ahead', caughtUp: day(2) })
  })
})
