import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Name } from '../../model/index.ts'
import {
  channelAfter,
  day,
  declared,
  lockOf,
  now,
  releaseOf,
  snapshotOf,
  stateOf,
  taken,
} from './plan.fixture.ts'
import { plan } from './plan.ts'
import { isOpen, isStep, type MoveStep } from './plan-item.ts'
import type { PlanState } from './plan-state.ts'

const two = declared('{ staging: {}, production: { after: staging } }')

/** The moves of a plan: `staging 1>2` promotes, `staging 2<1` rolls back. */
function moves(state: PlanState): string[] {
  const isMove = (item: object): item is MoveStep => 'to' in item
  const dayOf = (timestamp: string | undefined) =>
    timestamp === undefined ? '' : String(Number(timestamp.slice(6, 8)))
  return plan(state)
    .filter(isMove)
    .map(
      ({ kind, channel, from, to }) =>
        `${channel} ${dayOf(from)}${kind === 'promotion' ? '>' : '<'}${dayOf(to)}`,
    )
}

describe('a plan', () => {
  it('is empty where every channel stands as the lock says', () => {
    const channels = [channelAfter('staging', [1, 2]), channelAfter('production', [1])]
    expect(plan(stateOf(two, lockOf({ staging: 2, production: 1 }), [1, 2], channels))).toEqual([])
  })

  it('promotes what goes forward, older releases and earlier channels first', () => {
    const channels = [channelAfter('staging', [1]), channelAfter('production', [1])]
    expect(moves(stateOf(two, lockOf({ production: 2, staging: 2 }), [1, 2], channels))).toEqual([
      'staging 1>2',
      'production 1>2',
    ])
    expect(moves(stateOf(two, lockOf({ production: 2, staging: 3 }), [1, 2, 3], channels))).toEqual([
      'staging 1>2',
      'production 1>2',
      'staging 2>3',
    ])
  })

  it('rolls back to what lies behind in the line, and promotes again what lies ahead, saying whose rollback that undoes', () => {
    const channels = [channelAfter('staging', [1, 2]), channelAfter('production', [1, 2])]
    expect(moves(stateOf(two, lockOf({ staging: 2, production: 1 }), [1, 2], channels))).toEqual([
      'production 2<1',
    ])
    const back = [channelAfter('staging', [1, 2]), channelAfter('production', [1, 2, -1])]
    expect(plan(stateOf(two, lockOf({ staging: 2, production: 2 }), [1, 2], back))).toMatchObject([
      { kind: 'promotion', channel: 'production', from: day(1), to: day(2), undoes: { who: 'ada' } },
    ])
  })

  it('takes a new yard through every channel in turn', () => {
    expect(moves(stateOf(two, lockOf({ staging: 1, production: 2 }), [1, 2], []))).toEqual([
      'staging >1',
      'staging 1>2',
      'production >2',
      'staging 2<1',
    ])
  })

  it('does not lead a channel astray for the sake of one behind it', () => {
    const channels = [channelAfter('staging', [1]), channelAfter('production', [1])]
    expect(plan(stateOf(two, lockOf({ staging: 1, production: 2 }), [1, 2], channels))).toEqual([
      { kind: 'not-before', train: 'web', channel: 'production', release: day(2), after: 'staging' },
    ])
  })

  it('lets a bump in where what it changes has been', () => {
    const channels = [channelAfter('staging', [1]), channelAfter('production', [1])]
    const state = stateOf(two, lockOf({ staging: 1, production: 2 }), [1, 2], channels)
    expect(moves({ ...state, bumpedFrom: new Map([[`web@${day(2)}`, [day(1)]]]) })).toEqual([
      'production 1>2',
    ])
  })

  it('names the channels of which the lock says nothing, and those that were never moved', () => {
    const channels = [channelAfter('staging', [1])]
    expect(plan(stateOf(two, lockOf({}), [1], channels))).toEqual([
      { kind: 'unlocked-channel', train: 'web', channel: 'staging', release: day(1) },
      { kind: 'not-moved', train: 'web', channel: 'production' },
    ])
    expect(plan(stateOf(two, undefined, [1], channels))).toEqual([
      { kind: 'no-lock' },
      { kind: 'not-moved', train: 'web', channel: 'production' },
    ])
  })
})

describe('a locked release that is not here', () => {
  const state = stateOf(two, lockOf({ staging: 2 }), [], [])

  it('is cut of snapshots with the same content, whatever they are called, before a channel moves to it', () => {
    const name = { repository: 'debian' as Name, timestamp: day(9) }
    const standIns = new Map([[`debian@${day(2)}`, name]])
    expect(plan({ ...state, standIns }).filter(isStep)).toMatchObject([
      { kind: 'cut', release: day(2), snapshots: { debian: name } },
      { kind: 'promotion', channel: 'staging', to: day(2) },
    ])
  })

  it('is a bump here as it was there, and follows what it changes', () => {
    const channels = [channelAfter('staging', [1]), channelAfter('production', [1])]
    const lock = lockOf({ staging: 1, production: 2 })
    lock.releases.get(`web@${day(2)}`)!.bumpOf = day(1)
    const standIns = new Map([[`debian@${day(2)}`, { repository: 'debian' as Name, timestamp: day(9) }]])
    expect(plan({ ...stateOf(two, lock, [1], channels), standIns })).toMatchObject([
      { kind: 'cut', release: day(2), bumpOf: day(1) },
      { kind: 'promotion', channel: 'production', to: day(2) },
    ])
  })

  it('is told, with every digest that nothing here has, when it cannot be made', () => {
    const digests = state.lock!.snapshots.get(`debian@${day(2)}`)!
    expect(plan(state)[1]).toEqual({
      kind: 'missing-snapshots',
      train: 'web',
      release: day(2),
      missing: [
        {
          repository: 'debian',
          snapshot: { repository: 'debian', timestamp: day(2) },
          files: digests.files,
          packages: digests.packages,
          snapshotCount: 1,
        },
      ],
    })
    expect(plan(state).filter(isStep)).toEqual([])
  })

  it('is not cut when it lies in the future', () => {
    const standIns = new Map([[`debian@${day(2)}`, { repository: 'debian' as Name, timestamp: day(2) }]])
    expect(plan({ ...state, standIns, now: day(1) })).toMatchObject([
      { kind: 'not-released' },
      { kind: 'future-release', release: day(2) },
      { kind: 'not-moved' },
    ])
  })
})

describe('a locked release that is here', () => {
  const channels = [channelAfter('staging', [1])]
  const state = stateOf(two, lockOf({ staging: 2 }), [1, 2], channels)

  it('moves no channel when it holds something else', () => {
    for (const other of [
      snapshotOf(day(2), 3),
      { ...snapshotOf(day(2), 2), files: snapshotOf(day(2), 3).files },
    ]) {
      const snapshots = new Map(state.snapshots).set(`debian@${day(2)}`, other)
      expect(plan({ ...state, snapshots })[0]).toEqual({
        kind: 'different-release',
        train: 'web',
        release: day(2),
        repositories: ['debian'],
      })
      expect(moves({ ...state, snapshots })).toEqual([])
    }
  })

  it('is the same when only the files differ that this yard signs itself', () => {
    const ours = { ...snapshotOf(day(2), 2, 'compose'), files: snapshotOf(day(2), 3).files }
    expect(moves({ ...state, snapshots: new Map(state.snapshots).set(`debian@${day(2)}`, ours) })).toEqual([
      'staging 1>2',
    ])
  })

  it('moves no channel when a snapshot of it is lost', () => {
    const snapshots = new Map(state.snapshots)
    snapshots.delete(`debian@${day(2)}`)
    expect(plan({ ...state, snapshots })[0]).toEqual({
      kind: 'lost-snapshots',
      train: 'web',
      release: day(2),
      snapshots: [{ repository: 'debian', timestamp: day(2) }],
    })
    expect(moves({ ...state, snapshots })).toEqual([])
  })
})

describe('what is declared', () => {
  it('is held against what is: repositories, trains and channels', () => {
    const state = stateOf(two, lockOf({}), [], [])
    const snapshotCounts = new Map([
      ['web.debian' as Name, 1],
      ['old' as Name, 3],
    ])
    const releaseCounts = new Map([['former' as Name, 1]])
    const gone = channelAfter('beta', [1])
    expect(
      plan({ ...state, snapshotCounts, releaseCounts, channels: new Map([['web/beta', gone]]) }),
    ).toEqual([
      { kind: 'never-synced', repository: 'debian' },
      { kind: 'never-synced', repository: 'ours' },
      { kind: 'undeclared-repository', repository: 'old', snapshotCount: 3 },
      { kind: 'not-released', train: 'web' },
      { kind: 'not-moved', train: 'web', channel: 'staging' },
      { kind: 'not-moved', train: 'web', channel: 'production' },
      { kind: 'undeclared-channel', train: 'web', channel: 'beta', release: day(1) },
      { kind: 'undeclared-train', train: 'former' },
    ])
  })

  it('may be held for too long', () => {
    const hold = { package: 'nginx', who: 'ada', why: 'waits', since: day(1), until: day(2) }
    const state = stateOf(two, undefined, [1], [])
    const holds = new Map([['web' as Name, [hold, { ...hold, until: day(30) }]]])
    expect(plan({ ...state, holds }).at(-1)).toEqual({ kind: 'expired-hold', train: 'web', hold })
  })

  it('may have other gates than when the release of a channel was cut', () => {
    const policy = { staging: { gates: [{ gate: 'soak', options: 7 }] } } as never
    const state = stateOf(two, lockOf({ staging: 1 }), [1], [channelAfter('staging', [1])])
    const releases = new Map([[`web@${day(1)}`, releaseOf(day(1), day(1), policy)]])
    expect(plan({ ...state, releases })[0]).toEqual({
      kind: 'gates-changed',
      train: 'web',
      channel: 'staging',
      release: day(1),
      added: [],
      removed: ['soak'],
    })
  })
})

const channelNames = ['dev', 'staging', 'production', 'canary'] as const

/** Four channels, each behind another one or free, that were moved about; a lock for some; releases that are here, can be cut, or neither. */
const yards: fc.Arbitrary<PlanState> = fc
  .record({
    after: fc.tuple(fc.nat(1), fc.nat(2), fc.nat(3)),
    moved: fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 5 }), fc.boolean()), { maxLength: 12 }),
    locked: fc.dictionary(fc.constantFrom(...channelNames), fc.integer({ min: 1, max: 7 }), {
      noNullPrototype: true,
    }),
    standIns: fc.subarray([6, 7]),
    bumped: fc.subarray([3, 5]),
  })
  .map(({ after, moved, locked, standIns, bumped }) => {
    const parts = channelNames.map((name, i) => {
      const before = i === 0 || after[i - 1] === i ? undefined : channelNames[after[i - 1]!]
      return `${name}: ${before === undefined ? '{}' : `{ after: ${before} }`}`
    })
    const configuration = declared(`{ ${parts.join(', ')} }`)
    const lock = lockOf(locked)
    const bumpedFrom = new Map(bumped.map(number => [`web@${day(number)}`, [day(number - 2)]]))
    let state: PlanState = { ...stateOf(configuration, lock, [1, 2, 3, 4, 5], []), bumpedFrom }
    for (const [place, number, back] of moved) {
      const channel = channelNames[place]! as Name
      const current = state.channels.get(`web/${channel}`)
      const kind = back ? ('rollback' as const) : ('promotion' as const)
      const from = current === undefined ? {} : { from: current.release }
      try {
        state = taken(state, { kind, train: 'web' as Name, channel, to: day(number), gates: [], ...from })
      } catch {
        // What the rules refuse has not happened.
      }
    }
    const names = standIns.map(
      number =>
        [`debian@${day(number)}`, { repository: 'debian' as Name, timestamp: day(number + 10) }] as const,
    )
    return { ...state, now, standIns: new Map(names) }
  })

describe('the steps of any plan', () => {
  it('are allowed in their order, and when they are taken nothing is left that a step could do', () => {
    fc.assert(
      fc.property(yards, before => {
        const items = plan(before)
        const after = items.filter(isStep).reduce(taken, before)
        const next = plan(after)
        expect(next.filter(isStep)).toEqual([])
        expect(next.filter(isOpen)).toEqual(items.filter(isOpen))
        const barred = new Set(
          items.flatMap(item => (item.kind === 'missing-snapshots' ? [item.release] : [])),
        )
        const refused = new Set<string>(
          items.flatMap(item => (item.kind === 'not-before' ? [item.channel] : [])),
        )
        for (const { channel, release } of before.lock!.channels.values())
          if (!barred.has(release) && !refused.has(channel))
            expect(after.channels.get(`web/${channel}`)?.release).toBe(release)
      }),
      { numRuns: 1000 },
    )
  })
})
