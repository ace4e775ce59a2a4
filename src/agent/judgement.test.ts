import { describe, expect, it } from 'vitest'
import type { HostCard, HostId } from '../model/index.ts'
import { timestampOf } from '../model/index.ts'
import { advance } from '../trust/pure.ts'
import { channel, clockAt, createYard, start, train } from '../trust/statements/verify/repository.fixture.ts'
import type { Identity } from './identity.ts'
import { type Facts, isAlarming, judge } from './judgement.ts'
import type { PlaceFinding } from './memory.ts'

const yard = createYard()
const { trusted } = await advance(yard.enrolled(), yard.source(), { train, channel, clock: clockAt(start) })
const host = 'a'.repeat(32) as HostId
const card: HostCard = {
  version: 1,
  host,
  counter: 1,
  issued: timestampOf(start),
  expires: timestampOf(start + 86_400_000),
  train,
  channel,
  labels: { architecture: 'amd64' },
  rankGroup: host,
  entitlements: [],
}
const found = (...places: PlaceFinding[]): Facts['memory'] => ({
  version: 1,
  counter: 1,
  check: { at: timestampOf(start), places },
})
const current = { url: 'https://yard.example.org/departures', finding: 'current' } as const
const liar = { url: 'file:///media/stick', finding: 'rollback', sentence: 'it is older' } as const
const gone = { url: 'file:///nowhere', finding: 'unavailable', sentence: 'nothing is there' } as const
const shutOut: Facts['memory'] = {
  version: 1,
  counter: 1,
  check: {
    at: timestampOf(start),
    places: [current],
    server: { finding: 'refused', sentence: 'it was revoked' },
  },
}
const facts: Facts = {
  identity: { host } as Identity,
  isSameMachine: true,
  trusted,
  freshness: 'fresh',
  card,
  memory: found(current),
  says: { architecture: 'amd64' },
  now: start,
}
const none = { metadata: trusted.metadata }

describe('a host', () => {
  it('may move when everything says so', () => {
    expect(judge(facts)).toMatchObject({ may: true, word: 'granted', release: yard.rollout.release })
  })

  it.each<[string, Partial<Facts>, RegExp]>([
    ['not-enrolled', { identity: undefined }, /not enrolled/],
    ['cloned', { isSameMachine: false }, /a copy of it/],
    ['cloned', { isSameMachine: false, memory: shutOut, trusted: none }, /a copy of it/],
    ['shut-out', { memory: shutOut }, /it was revoked/],
    ['shut-out', { memory: shutOut, trusted: none }, /it was revoked/],
    ['no-statements', { trusted: none, memory: { version: 1, counter: 1 } }, /never had/],
    ['unavailable', { trusted: none, memory: found(gone) }, /nothing is there/],
    ['rollback', { trusted: none, memory: found(gone, liar) }, /it is older/],
    ['stale', { freshness: 'expired', memory: found(gone) }, /stale.*nowhere: nothing is there/],
    ['clock-suspect', { freshness: 'clock-suspect', memory: found(gone) }, /clock/],
    ['contradiction', { says: { architecture: 'arm64' } }, /says architecture=arm64/],
    ['no-card', { card: undefined }, /no card/],
  ])('stands still: %s (%#)', (word, changes, sentence) => {
    const judgement = judge({ ...facts, ...changes })
    expect(judgement).toMatchObject({ may: false, word, sentence: expect.stringMatching(sentence) })
    expect(judgement.hint, 'what to do').toBeTruthy()
  })

  it('is not kept from moving by a place that lies beside a good one', () => {
    expect(judge({ ...facts, memory: found(liar, current) }).may).toBe(true)
  })
})

it('what mirrors and networks do by themselves is no alarm', () => {
  const alarming = [current, { ...current, finding: 'behind' as const }, gone, liar].filter(isAlarming)
  expect(alarming).toEqual([liar])
})
