import { describe, expect, it } from 'vitest'
import type { Digest, Halt, Name, Timestamp } from '../model/index.ts'
import { needsHands, type StatusFacts } from './needs-hands.ts'

const now = Date.UTC(2026, 10, 21, 7)
const at = (day: number) => `202611${String(day).padStart(2, '0')}T070000Z` as Timestamp
const channel = {
  train: 'web' as Name,
  channel: 'production' as Name,
  release: at(20),
  moved: at(20),
  who: 'ada',
  told: { release: at(20), floor: at(1), fallbacks: [] },
  halts: [],
}
const online = { role: 'timestamp', expires: at(27), byPeople: false }
const well: StatusFacts = {
  channels: [channel, { train: channel.train, channel: 'staging' as Name, halts: [] }],
  roles: [online],
  isAnyRunning: false,
  faults: [],
  staged: [],
  halts: [],
  failing: [],
  quarantined: 0,
}
const said = (facts: Partial<StatusFacts>) => needsHands({ ...well, ...facts }, now)
const halt: Halt = { version: 1, number: 7, scope: [], who: 'ada', why: 'it burns', at: at(21) }
const wait = {
  role: 'channel_web_production',
  threshold: 2,
  signers: ['ada', 'ben'].map((name, i) => ({ keyid: `${i}` as Digest, name, signed: i === 0 })),
}

describe('nothing needs hands', () => {
  it('while channels stand where hosts are told, and what they are told is fresh', () => {
    expect(said({})).toEqual([])
  })

  it('while statements are signed again in time by themselves', () => {
    expect(said({ roles: [{ ...online, expires: at(24) }] })).toEqual([])
    const tomorrow = [{ ...online, expires: '20261121T190000Z' as Timestamp }]
    expect(said({ roles: tomorrow, isAnyRunning: true })).toEqual([])
  })
})

describe('what needs hands', () => {
  it.each<[string, Partial<StatusFacts>, RegExp]>([
    [
      'a halt, with the channels that it holds',
      { halts: [halt], channels: [{ ...channel, halts: [7] }] },
      /^halt 7 by ada holds web\/production: it burns.*rollout resume web\/production/,
    ],
    [
      'what hosts are told, when it was not signed again in time',
      { roles: [{ ...online, expires: at(22) }] },
      /timestamp .* expires at 20261122.*trust refresh/,
    ],
    [
      'the same once it has expired: hosts stand still',
      { roles: [{ ...online, expires: at(21) }] },
      /expired at 20261121T070000Z: hosts start nothing/,
    ],
    [
      'what people sign, long before it expires',
      { roles: [{ role: 'channel_web_production', expires: at(30), byPeople: true }] },
      /channel web\/production expires .*trust staged/,
    ],
    [
      'a root that expires',
      { roles: [{ role: 'root', expires: at(30), byPeople: false }] },
      /the root of what hosts are told expires/,
    ],
    [
      'a channel whose hosts are told something else',
      { channels: [{ ...channel, told: { release: at(19), floor: at(1), fallbacks: [] } }] },
      /is at web@20261120T070000Z, but its hosts are told of web@20261119T070000Z/,
    ],
    [
      'a channel whose hosts are told nothing',
      { channels: [{ train: channel.train, channel: channel.channel, release: at(20), halts: [] }] },
      /but its hosts are told nothing/,
    ],
    [
      'what waits for signatures, and whose',
      { staged: [{ id: 3, waits: [wait] }] },
      /^change 3 waits for signatures: channel web\/production 1 of 2, ben may/,
    ],
    [
      'a repository that cannot be synced',
      { failing: [{ repository: 'debian' as Name, at: at(20), message: 'no answer' }] },
      /debian could not be synced .*no answer.*switchyard sync debian/,
    ],
    [
      'what cannot be read, with what the error says to do',
      { faults: [{ message: 'timestamp.json is damaged', hint: 'restore it' }] },
      /^timestamp.json is damaged restore it$/,
    ],
    ['hosts that are quarantined', { quarantined: 2 }, /2 hosts are quarantined/],
    ['a database that is gone', { quarantined: undefined }, /database cannot be asked/],
  ])('is %s', (_, facts, told) => {
    const hands = said(facts)
    expect(hands).toHaveLength(1)
    expect(`${hands[0]!.what} ${hands[0]!.hint}`).toMatch(told)
  })

  it('is not what nobody can know of a channel, while statements cannot be read', () => {
    const { told: _, ...untold } = channel
    const faults = [{ message: 'timestamp.json is damaged' }]
    expect(said({ faults, channels: [untold] })).toHaveLength(1)
  })

  it('is told once of a channel whose next statement waits for people', () => {
    const channels = [{ ...channel, told: { release: at(19), floor: at(1), fallbacks: [] } }]
    expect(said({ channels, staged: [{ id: 3, waits: [wait] }] })).toHaveLength(1)
  })
})
