import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { CardNotes, HostRecord } from '../../catalog/index.ts'
import {
  canonicalJson,
  checkLabels,
  type Digest,
  type HostId,
  type Json,
  type Labels,
  maximumCardBytes,
  millisecondsOf,
  type Name,
  type RolloutStatement,
  type Timestamp,
} from '../../model/index.ts'
import { sealEnvelope, statementSignerOf } from '../../trust/pure.ts'
import { composeCard, openAttempt, rememberingLabels } from './compose-card.ts'

const at = (text: string) => text as Timestamp
const id = 'a'.repeat(32) as HostId
const host: HostRecord = {
  id,
  public: 'b'.repeat(64),
  state: 'enrolled',
  train: 'web' as Name,
  channel: 'production' as Name,
  labels: { site: 'north' },
  rankGroup: id,
  counter: 7,
  machine: 'c'.repeat(64) as Digest,
  boots: [],
  token: 'web' as Name,
  enrolled: at('20261101T000000Z'),
}
const nothing: CardNotes = { entitlements: [], before: [] }
const now = millisecondsOf(at('20261121T123456Z'))
const open = { attempt: 'one', began: at('20261121T090000Z') }

it('a card says where its host belongs, for a week', () => {
  expect(composeCard(host, nothing, undefined, now)).toEqual({
    version: 1,
    host: id,
    counter: 7,
    issued: '20261121T120000Z',
    expires: '20261128T120000Z',
    train: 'web',
    channel: 'production',
    labels: { site: 'north' },
    rankGroup: id,
    entitlements: [],
  })
})

it('while a rollout runs it is as fresh as its statement', () => {
  expect(composeCard(host, nothing, open, now)).toMatchObject({ expires: '20261122T120000Z' })
})

it('is the same within an hour', () => {
  const cards = [0, 600_000, 1_500_000].map(later => composeCard(host, nothing, open, now + later))
  expect(new Set(cards.map(card => canonicalJson(card as unknown as Json))).size).toBe(1)
  expect(composeCard(host, nothing, open, now + 3_600_000)).not.toEqual(cards[0])
})

describe('a rollout that is open', () => {
  const labelled = (until: string, site: string, notes = nothing) =>
    rememberingLabels(notes, { labels: { site }, rankGroup: id }, at(until))

  it('counts by the labels as of its start', () => {
    const notes = labelled('20261121T110000Z', 'east', labelled('20261121T100000Z', 'south'))
    expect(composeCard(host, notes, open, now).opened).toEqual({
      attempt: 'one',
      labels: { site: 'south' },
      rankGroup: id,
    })
  })

  it('that began after the change counts by the new ones', () => {
    const notes = labelled('20261121T090000Z', 'south', labelled('20261120T000000Z', 'west'))
    expect(composeCard(host, notes, open, now).opened).toBeUndefined()
  })

  it('is one that is running or paused', () => {
    const rollout = { attempt: 'one', state: 'running' } as RolloutStatement
    expect(openAttempt(rollout, open.began)).toEqual(open)
    expect(openAttempt({ ...rollout, state: 'paused' }, open.began)).toEqual(open)
    expect(openAttempt({ ...rollout, state: 'idle' }, open.began)).toBeUndefined()
    expect(openAttempt(undefined, undefined)).toBeUndefined()
  })

  it('does not make the memory of labels grow for ever', () => {
    const notes = Array.from({ length: 50 }).reduce<CardNotes>(
      all => labelled('20261121T100000Z', 'x', all),
      nothing,
    )
    expect(notes.before.length).toBeLessThan(10)
  })
})

describe('a host', () => {
  const hold = { who: 'ada', why: 'a trial' }

  it('that is held stands still, by its card', () => {
    expect(composeCard(host, { ...nothing, hold }, undefined, now).hold).toEqual(hold)
  })

  it('that is quarantined does, too', () => {
    const quarantined = { ...host, state: 'quarantined', why: 'it reports from two boots in turn' } as const
    expect(composeCard(quarantined, { ...nothing, hold }, undefined, now).hold).toEqual({
      who: 'switchyard',
      why: 'quarantined: it reports from two boots in turn',
    })
  })

  it('that was borrowed is so until that is over', () => {
    const release = { release: at('20261120T070000Z'), digest: 'd'.repeat(64) as Digest }
    const borrowing = { release, who: 'ada', until: at('20261121T130000Z') }
    const cardAt = (moment: string) =>
      composeCard(host, { ...nothing, borrowing }, undefined, millisecondsOf(at(moment)))
    expect(cardAt('20261121T130000Z').borrowing).toEqual(borrowing)
    expect(cardAt('20261121T130001Z').borrowing).toBeUndefined()
  })
})

it('the largest card has its place, with two signatures', () => {
  const labels: Labels = {}
  for (let i = 10; isGood({ ...labels, [`label-${i}`]: 'x'.repeat(9) }); i++)
    labels[`label-${i}`] = 'x'.repeat(9)
  expect(Object.keys(labels).length).toBeGreaterThan(20)
  const name = 'n'.repeat(63) as Name
  const full = { ...host, train: name, channel: name, labels, rankGroup: 'g'.repeat(64), counter: 2 ** 52 }
  const notes: CardNotes = {
    hold: { who: 'w'.repeat(64), why: 'y'.repeat(500), until: at('20261121T130000Z') },
    entitlements: [],
    borrowing: {
      release: { release: at('20261120T070000Z'), digest: 'd'.repeat(64) as Digest },
      who: 'w'.repeat(64),
      until: at('20261121T130000Z'),
    },
    before: [{ labels, rankGroup: 'g'.repeat(64), until: at('20261121T100000Z') }],
  }
  const signers = [1, 2].map(() => statementSignerOf(generateKeyPairSync('ed25519').privateKey))
  const card = composeCard(full, notes, { ...open, attempt: 'a'.repeat(40) }, now)
  const text = canonicalJson(sealEnvelope('card', card, signers) as unknown as Json)
  expect(text.length).toBeLessThanOrEqual(maximumCardBytes)

  function isGood(labels: Labels): boolean {
    try {
      return checkLabels(labels) === labels
    } catch {
      return false
    }
  }
})
