import { describe, expect, it } from 'vitest'
import type { Name, Timestamp } from '../model/index.ts'
import type { OverlayReport, OverlayState, Shadow } from '../train/index.ts'
import { isThin, overlayText } from './overlay-text.ts'

const t = '20261121T000000Z' as Timestamp
const own = (name: string) => ({
  ...{ family: 'deb' as const, name, architecture: 'amd64' },
  ours: { repository: 'ours' as Name, version: '1.0-1+ours1', since: t },
})
const shadow = (name: string, state: OverlayState): Shadow => ({
  ...own(name),
  state,
  upstream: { repository: 'debian' as Name, version: '1.0-2', since: t },
  ...(state === 'ahead' ? {} : { caughtUp: '20261115T000000Z' as Timestamp }),
})
const reportOf = (shadows: Shadow[], alone: string[] = []): OverlayReport => ({
  release: 'web@1',
  count: {
    ...{ outdated: 0, passed: 0, 'caught-up': 0, ahead: 0, alone: alone.length },
    ...Object.fromEntries(
      [...Map.groupBy(shadows, one => one.state)].map(([state, some]) => [state, some.length]),
    ),
  },
  shadows,
  alone: alone.map(own),
  notes: [],
})

describe('the overlay for a person', () => {
  it('is loud about packages of ours that keep newer ones of upstream’s away', () => {
    const text = overlayText(reportOf([shadow('nginx', 'outdated'), shadow('app', 'ahead')], ['tool']))
    expect(text.split('\n')).toEqual([
      "web@1: 3 packages of ours: 1 OLDER than upstream's and served all the same, 1 newer than upstream's, 1 shadow nothing",
      '',
      "UPSTREAM IS NEWER, yet `prefer` lets ours win: clients miss upstream's fixes:",
      '  nginx  amd64  ours 1.0-1+ours1 (ours)  upstream 1.0-2 (debian)  caught up 20261115T000000Z',
      '',
      "newer than upstream's:",
      '  app  amd64  ours 1.0-1+ours1 (ours)  upstream 1.0-2 (debian)  since 20261121T000000Z',
      '',
      "shadow nothing of upstream's:",
      '  tool  amd64  1.0-1+ours1 (ours)  since 20261121T000000Z',
      '',
    ])
  })

  it('asks whether ours has the fixes of what upstream published after it', () => {
    const moved = overlayText(reportOf([{ ...shadow('jq', 'ahead'), hasMoved: true }]))
    expect(moved).toMatch(/jq .* since 20261121T000000Z {2}AFTER ours: has ours its fixes\?$/m)
  })

  it('without packages of ours says just that', () => {
    expect(overlayText(reportOf([]))).toBe('web@1: 0 packages of ours\n')
  })

  it.each<[OverlayState, boolean]>([
    ['ahead', true],
    ['caught-up', false],
    ['passed', false],
    ['outdated', false],
  ])('with a package that is %s is thin: %s', (state, thin) => {
    expect(isThin(reportOf([shadow('a', 'ahead'), shadow('b', state)], ['c']))).toBe(thin)
  })
})
