import { describe, expect, it } from 'vitest'
import type { HostRecord, HostToken } from '../../catalog/index.ts'
import { type HostId, type Name, timestampOf } from '../../model/index.ts'
import { makeToken } from '../../trust/index.ts'
import { decideEnrolment, type EnrolmentFacts } from './decide-enrolment.ts'
import { createMachine } from './machine.fixture.ts'

const now = Date.UTC(2026, 10, 21, 6, 45)
const hour = 3_600_000
const [machine, other] = [createMachine(), createMachine('b'.repeat(32))]
const { token: secret, digest } = makeToken('web' as Name, 'host')
const newId = 'f'.repeat(32) as HostId
const token: HostToken = {
  name: 'web' as Name,
  digest,
  train: 'web' as Name,
  channel: 'production' as Name,
  labels: { site: 'north' },
  uses: 1,
  used: 0,
  created: timestampOf(now - hour),
  by: 'ada',
  expires: timestampOf(now + hour),
}
const host: HostRecord = {
  id: 'a'.repeat(32) as HostId,
  public: machine.publicKey,
  state: 'enrolled',
  train: 'web' as Name,
  channel: 'staging' as Name,
  labels: { role: 'db' },
  rankGroup: 'pair-7',
  counter: 2_000_000_000,
  machine: machine.machine,
  boots: [{ boot: machine.boot, first: 1, last: 9 }],
  token: 'before' as Name,
  enrolled: timestampOf(now - 9 * hour),
}
const facts: EnrolmentFacts = { token, holder: undefined, meant: undefined, newId, now }
const decide = (changes: Partial<EnrolmentFacts> = {}, who = machine, text = secret) =>
  decideEnrolment(who.enrolment(text), { ...facts, ...changes })

describe('a machine with a good token', () => {
  it('becomes a new host, with what the token says and nothing that it says itself', () => {
    const { token: _, ...said } = machine.enrolment(secret)
    expect(decideEnrolment({ ...said, token: secret, labels: { role: 'root' } } as never, facts)).toEqual({
      outcome: 'granted',
      isNew: true,
      spends: true,
      host: {
        id: newId,
        public: machine.publicKey,
        state: 'enrolled',
        train: 'web',
        channel: 'production',
        labels: { site: 'north' },
        rankGroup: newId,
        counter: now / 1000,
        machine: machine.machine,
        boots: [],
        token: 'web',
        enrolled: timestampOf(now),
      },
    })
  })

  it('that asks again, since the answer was lost, is the same host and spends nothing', () => {
    const holder = { ...host, token: token.name }
    expect(decide({ holder, token: { ...token, used: 1 } })).toEqual({
      outcome: 'granted',
      host: holder,
      isNew: false,
      spends: false,
    })
  })

  it('that is a host already goes where its new token says', () => {
    expect(decide({ holder: host })).toMatchObject({
      outcome: 'granted',
      isNew: false,
      spends: true,
      host: {
        id: host.id,
        channel: 'production',
        labels: token.labels,
        rankGroup: 'pair-7',
        counter: 2_000_000_001,
      },
    })
  })

  it('for one host takes its place with another key, whatever state that was in', () => {
    const meant: HostRecord = { ...host, state: 'quarantined', why: 'two machines' }
    const decision = decide({ token: { ...token, host: host.id }, meant }, other)
    expect(decision).toMatchObject({
      outcome: 'granted',
      isNew: false,
      spends: true,
      host: { id: host.id, public: other.publicKey, machine: other.machine, boots: [], state: 'enrolled' },
    })
    expect(decision).not.toHaveProperty('host.why')
  })
})

describe('a machine is refused', () => {
  it.each<[string, Partial<HostToken> | undefined, string]>([
    ['whose token nobody made', undefined, 'not one of this yard'],
    ['whose secret is wrong', { digest: '0'.repeat(64) as HostToken['digest'] }, 'not one of this yard'],
    ['whose token was revoked', { revoked: timestampOf(now - 1000) }, 'was revoked at 20261121T064459Z'],
    ['whose token expired this second', { expires: timestampOf(now) }, 'expired at 20261121T064500Z'],
    ['whose token another used', { used: 1 }, 'was good once, and is spent'],
    ['who comes as the eleventh of ten', { uses: 10, used: 10 }, 'was good 10 times, and is spent'],
  ])('%s', (_, changes, message) => {
    const decision = decide({ token: changes && { ...token, ...changes } })
    expect(decision).toMatchObject({
      outcome: 'refused',
      error: { code: 'unauthenticated', message: expect.stringContaining(message) },
    })
  })

  it.each<[string, Partial<EnrolmentFacts>, RegExp]>([
    [
      'whose key was revoked',
      { holder: { ...host, state: 'revoked', why: 'stolen' } },
      /was revoked: stolen/,
    ],
    ['that is quarantined', { holder: { ...host, state: 'quarantined', why: 'odd' } }, /is quarantined: odd/],
    [
      'that is another host than the token is for',
      { holder: host, token: { ...token, host: newId } },
      /for another host/,
    ],
    [
      'for a host that was revoked',
      { token: { ...token, host: newId }, meant: { ...host, state: 'revoked' } },
      /one no more/,
    ],
    ['for a host that is gone', { token: { ...token, host: newId } }, /one no more/],
    [
      'that is a host, by a token that another used',
      { holder: host, token: { ...token, used: 1 } },
      /is spent/,
    ],
  ])('%s', (_, changes, message) => {
    expect(decide(changes)).toMatchObject({
      outcome: 'refused',
      error: { message: expect.stringMatching(message) },
    })
  })
})

it('a second machine with the key of a host has the host quarantined', () => {
  const clone = { ...host, machine: other.machine }
  expect(decide({ holder: clone })).toMatchObject({
    outcome: 'cloned',
    host: { id: host.id },
    error: { code: 'refused' },
  })
})
