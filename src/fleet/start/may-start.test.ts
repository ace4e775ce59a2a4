import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Departures,
  type Digest,
  type Halt,
  type HostCard,
  type HostId,
  millisecondsOf,
  type Name,
  type NamedRelease,
  type RolloutStatement,
  type Timestamp,
  wholeRank,
} from '../../model/index.ts'
import { type HostFacts, mayStart, type StartQuestion } from './may-start.ts'
import { rankOf } from './rank.ts'

const at = (text: string) => text as Timestamp
const named = (release: string, digit = 'a'): NamedRelease => ({
  release: at(release),
  digest: digit.repeat(64) as Digest,
})
const newest = named('20261120T070000Z', 'c')
const older = named('20261113T070000Z', 'b')
const channel = { train: 'web' as Name, channel: 'production' as Name }
const host = 'a'.repeat(32) as HostId
const now = millisecondsOf(at('20261121T120000Z'))

const departures: Departures = {
  version: 1,
  ...channel,
  release: newest,
  floor: at('20261101T000000Z'),
  fallbacks: [older],
  lifted: 2,
  moved: at('20261121T090000Z'),
}
const rollout: RolloutStatement = {
  version: 1,
  ...channel,
  release: newest,
  attempt: 'one',
  state: 'running',
  grants: [{ stratum: '', below: wholeRank }],
  onStale: 'freeze',
}
const card: HostCard = {
  version: 1,
  host,
  counter: 7,
  issued: at('20261121T000000Z'),
  expires: at('20261128T000000Z'),
  ...channel,
  labels: { platform: 'amd64', site: 'north' },
  rankGroup: host,
  entitlements: [],
}
const facts: HostFacts = { host, on: older, reverted: [], freshness: 'fresh', says: {} }
const halt: Halt = {
  version: 1,
  number: 3,
  scope: [],
  who: 'ada',
  why: 'the disks fill',
  at: at('20261121T110000Z'),
}
const granted: StartQuestion = { departures, rollout, card, halts: [], facts, now }
const ask = (changes: Partial<StartQuestion> = {}) => mayStart({ ...granted, ...changes })
const grants = (...given: [string, number][]) => ({
  rollout: { ...rollout, grants: given.map(([stratum, below]) => ({ stratum, below })) },
})

it('a host begins when everything says so', () => {
  expect(ask()).toMatchObject({ may: true, word: 'granted', release: newest })
})

it.each<[string, Partial<StartQuestion>, RegExp]>([
  ['halted', { halts: [halt] }, /ada stopped web\/production \(halt 3.*the disks fill/],
  ['halted', { halts: [{ ...halt, scope: ['web'] }], card: undefined }, /ada/],
  ['no-card', { card: undefined }, /no card/],
  ['held', { card: { ...card, hold: { who: 'ben', why: 'a trial' } } }, /ben.*until further notice: a trial/],
  [
    'unsigned-release',
    { rollout: { ...rollout, release: named('20261119T070000Z') } },
    /the rollout points to web@20261119T070000Z/,
  ],
  ['unsigned-release', { rollout: { ...rollout, release: { ...newest, digest: older.digest } } }, /neither/],
  [
    'unsigned-release',
    {
      card: {
        ...card,
        borrowing: { release: named('20261121T070000Z'), who: 'eve', until: at('20261121T130000Z') },
      },
    },
    /the card lends/,
  ],
  ['below-floor', { departures: { ...departures, floor: at('20261121T000000Z') } }, /security floor/],
  ['clock-suspect', { facts: { ...facts, freshness: 'clock-suspect' } }, /clock/],
  ['stale', { facts: { ...facts, freshness: 'stale' } }, /stale/],
  ['card-expired', { now: millisecondsOf(card.expires) }, /expired at 20261128T000000Z/],
  ['current', { facts: { ...facts, on: newest } }, /already/],
  ['reverted', { facts: { ...facts, reverted: ['zero', 'one'] } }, /another attempt/],
  ['paused', { rollout: { ...rollout, state: 'paused' } }, /paused/],
  [
    'contradiction',
    { facts: { ...facts, says: { platform: 'arm64' } } },
    /labelled platform=amd64, but says platform=arm64/,
  ],
  ['waiting', grants(['', 0]), /granted below 0.0000%/],
  ['waiting', { rollout: { ...rollout, grants: [] } }, /not granted/],
  [
    'other-channel',
    { rollout: { ...rollout, channel: 'staging' as Name } },
    /the rollout is of web\/staging, not of web\/production/,
  ],
  ['other-channel', { card: { ...card, host: 'b'.repeat(32) as HostId } }, /not of this one/],
])('stands still: %s (%#)', (word, changes, sentence) => {
  const decision = ask(changes)
  expect(decision).toMatchObject({ may: false, word })
  expect(decision.sentence).toMatch(sentence)
})

describe('it begins all the same', () => {
  it.each<[string, Partial<StartQuestion>]>([
    ['when the halt was lifted', { halts: [{ ...halt, number: 2 }] }],
    ["when the halt is another channel's", { halts: [{ ...halt, scope: ['web/staging', 'mail'] }] }],
    [
      'when the hold is over',
      { card: { ...card, hold: { who: 'ben', why: 'x', until: at('20261121T115959Z') } } },
    ],
    ['on a fall-back', { rollout: { ...rollout, release: older }, facts: { ...facts, on: newest } }],
    ['at the floor itself', { departures: { ...departures, floor: newest.release } }],
    ['while nothing is under way, as it missed it', { rollout: { ...rollout, state: 'idle' } }],
    [
      'on stale statements that let it finish what was granted',
      { rollout: { ...rollout, onStale: 'continue' }, facts: { ...facts, freshness: 'stale' } },
    ],
    ['when it went back in another attempt', { facts: { ...facts, reverted: ['zero'] } }],
    ['with facts that no label names', { facts: { ...facts, says: { memory: '4 GiB' } } }],
    ['the first time', { facts: { ...facts, on: undefined } }],
  ])('%s', (_, changes) => expect(ask(changes).may).toBe(true))
})

it('a borrowed host goes where it was lent, whatever is granted, until that is over', () => {
  const borrowing = { release: older, who: 'ben', until: at('20261121T130000Z') }
  const lent = { card: { ...card, borrowing }, facts: { ...facts, on: newest }, ...grants(['', 0]) }
  expect(ask(lent)).toMatchObject({ may: true, word: 'borrowed', release: older })
  expect(ask({ ...lent, halts: [halt] })).toMatchObject({ word: 'halted' })
  expect(ask({ ...lent, now: now + 3 * 3600_000 })).toMatchObject({ word: 'current' })
})

describe('strata', () => {
  it.each<[string, [string, number][], boolean]>([
    [
      'one that the host is in counts instead of the rest',
      [
        ['', 0],
        ['site=north', wholeRank],
      ],
      true,
    ],
    ['one that it is not in counts for nothing', [['site=south', wholeRank]], false],
    [
      'of several the least granted counts',
      [
        ['site=north', wholeRank],
        ['platform=amd64', 0],
      ],
      false,
    ],
    ['all of their labels must be had', [['site=north,platform=arm64', wholeRank]], false],
    ['labels with commas between', [['site=north,platform=amd64', wholeRank]], true],
    [
      "what is not a stratum is nobody's",
      [
        ['site', wholeRank],
        ['site=north=x', wholeRank],
        ['toString=', wholeRank],
      ],
      false,
    ],
  ])('%s', (_, given, may) => expect(ask(grants(...given)).may).toBe(may))
})

it('what was on the card when the attempt began counts until it is over, but a hold at once', () => {
  const opened = { attempt: 'one', labels: { site: 'south' }, rankGroup: 'rack-1' }
  const relabelled = { card: { ...card, opened }, ...grants(['site=north', wholeRank]) }
  expect(ask(relabelled).may).toBe(false)
  expect(ask({ ...relabelled, card: { ...card, opened: { ...opened, attempt: 'zero' } } }).may).toBe(true)
  const held = { ...card, opened, hold: { who: 'ben', why: 'x' } }
  expect(ask({ ...grants(['', wholeRank]), card: held })).toMatchObject({ word: 'held' })
})

describe('ranks', () => {
  const text = fc.string({ maxLength: 40 })

  it('are those of the specification', () => {
    // printf 'sy/rank/1\0one\0rack-1' | sha256sum: the first 8 bytes times 1,000,000 / 2^64
    expect(rankOf('one', { rankGroup: 'rack-1' })).toBe(309970)
  })

  it('lie in their range', () => {
    fc.assert(
      fc.property(text, text, (attempt, rankGroup) => {
        const rank = rankOf(attempt, { rankGroup })
        expect(Number.isInteger(rank) && rank >= 0 && rank < wholeRank).toBe(true)
      }),
    )
  })

  it('are spread evenly, and anew by every attempt', () => {
    const groups = Array.from({ length: 20_000 }, (_, i) => `host-${i}`)
    const ranks = (attempt: string) => groups.map(rankGroup => rankOf(attempt, { rankGroup }))
    const [one, two] = [ranks('one'), ranks('two')]
    for (let decile = 1; decile < 10; decile++) {
      const below = one.filter(rank => rank < (decile * wholeRank) / 10).length
      // Five standard deviations of a fair draw.
      expect(Math.abs(below - decile * 2_000)).toBeLessThan(5 * Math.sqrt(20_000 * 0.25))
    }
    const firstTwice = one.filter((rank, i) => rank < wholeRank / 10 && two[i]! < wholeRank / 10).length
    expect(Math.abs(firstTwice - 200)).toBeLessThan(5 * Math.sqrt(200))
  })
})

describe('whatever the statements say', () => {
  /** The first mostly, as questions that stop at the first look would prove nothing. */
  const mostly = <T>(first: T, ...others: T[]) =>
    fc.oneof({ weight: 4, arbitrary: fc.constant(first) }, fc.constantFrom(...others))
  const unsigned = named('20261001T000000Z', 'd')
  const stratum = fc.constantFrom('', 'site=north', 'site=south', 'platform=amd64,site=north')
  const below = fc.oneof(fc.constant(wholeRank), fc.integer({ min: 0, max: wholeRank }))
  const scope = fc.subarray(['web', 'mail', 'web/production', 'web/staging'])
  const someHalt = fc
    .tuple(fc.integer({ min: 1, max: 5 }), scope)
    .map(([number, scope]) => ({ ...halt, number, scope }))
  const question: fc.Arbitrary<StartQuestion> = fc.record({
    departures: fc.record({
      version: fc.constant(1 as const),
      train: fc.constant(channel.train),
      channel: fc.constant(channel.channel),
      release: mostly(newest, older, unsigned),
      floor: mostly(at('20260101T000000Z'), older.release, newest.release),
      fallbacks: fc.subarray([older, newest, unsigned]),
      lifted: fc.integer({ min: 0, max: 4 }),
      moved: fc.constant(departures.moved),
    }),
    rollout: fc.record({
      version: fc.constant(1 as const),
      train: fc.constant(channel.train),
      channel: fc.constant(channel.channel),
      release: mostly(newest, older, unsigned),
      attempt: fc.constantFrom('one', 'two'),
      state: mostly<RolloutStatement['state']>('running', 'idle', 'paused'),
      grants: fc.array(fc.record({ stratum, below }), { minLength: 1, maxLength: 4 }),
      onStale: fc.constantFrom('freeze', 'continue'),
    }),
    card: mostly<HostCard | undefined>(
      card,
      undefined,
      { ...card, rankGroup: 'rack' },
      { ...card, labels: {} },
    ),
    halts: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(someHalt, { maxLength: 2 })),
    facts: fc.record({
      host: fc.constant(host),
      on: mostly<NamedRelease | undefined>(older, undefined, newest, unsigned),
      reverted: mostly<string[]>([], ['one'], ['two']),
      freshness: mostly<HostFacts['freshness']>('fresh', 'stale', 'clock-suspect'),
      says: mostly<HostFacts['says']>({}, { site: 'north' }, { site: 'x' }, { memory: '4 GiB' }),
    }),
    now: mostly(now, now - 10 * 86_400_000, now + 10 * 86_400_000),
  })
  const narrowed = (change: (question: StartQuestion) => StartQuestion) =>
    fc.assert(
      fc.property(question, one => void expect(mayStart(change(one)).may && !mayStart(one).may).toBe(false)),
    )

  it('is asked so that many hosts begin, and many do not', () => {
    const answers = fc.sample(question, 500).map(one => mayStart(one).may)
    expect(answers.filter(may => may).length).toBeGreaterThan(50)
    expect(answers.filter(may => !may).length).toBeGreaterThan(50)
  })

  it('a host goes only where people sent it, never below the floor, and not where it is', () => {
    fc.assert(
      fc.property(question, one => {
        const decision = mayStart(one)
        if (!decision.may) return
        expect([one.departures.release, ...one.departures.fallbacks]).toContainEqual(decision.release)
        expect(decision.release.release >= one.departures.floor).toBe(true)
        expect(decision.release).not.toEqual(one.facts.on)
      }),
    )
  })

  it('a halt of everything lets nobody begin', () => {
    fc.assert(
      fc.property(question, one => {
        const number = one.departures.lifted + 1
        expect(mayStart({ ...one, halts: [...one.halts, { ...halt, number }] }).may).toBe(false)
      }),
    )
  })

  it('one more halt never sends a host off', () => {
    narrowed(one => ({ ...one, halts: [...one.halts, { ...halt, scope: ['web'] }] }))
  })

  it('what a host says of itself never sends it off', () => {
    fc.assert(
      fc.property(question, fc.dictionary(fc.string(), fc.string()), (one, says) => {
        const silent = { ...one, facts: { ...one.facts, says: {} } }
        const saying = { ...one, facts: { ...one.facts, says } }
        expect(mayStart(saying).may && !mayStart(silent).may).toBe(false)
      }),
    )
  })

  it('a smaller grant never sends a host off', () => {
    narrowed(one => ({
      ...one,
      rollout: {
        ...one.rollout,
        grants: one.rollout.grants.map(({ stratum, below }) => ({ stratum, below: below >> 1 })),
      },
    }))
  })

  it('hosts of one group begin together', () => {
    fc.assert(
      fc.property(question, fc.constantFrom('a', 'b', 'c'), (one, other) => {
        const asHost = (host: HostId) => ({
          ...one,
          card: { ...card, host, rankGroup: 'rack' },
          facts: { ...one.facts, host },
        })
        expect(mayStart(asHost(other.repeat(32) as HostId)).may).toBe(mayStart(asHost(host)).may)
      }),
    )
  })
})
