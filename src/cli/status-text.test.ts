import { describe, expect, it } from 'vitest'
import type { Name, Timestamp } from '../model/index.ts'
import type { YardStatus } from '../yard/index.ts'
import { statusText } from './status-text.ts'

const at = (day: number) => `202611${day}T070000Z` as Timestamp
const told = (day: number) => ({ release: at(day), floor: at(10), fallbacks: [] })
const channel = (name: string, more: object = {}) => ({
  train: 'web' as Name,
  channel: name as Name,
  halts: [],
  ...more,
})
const moved = { release: at(20), moved: at(21), who: 'ada' }
const status: YardStatus = {
  at: at(22),
  channels: [
    channel('edge', { ...moved, told: told(20) }),
    channel('next'),
    channel('staging', moved),
    channel('testing', { ...moved, told: told(19) }),
    channel('production', { ...moved, told: told(20), halts: [7] }),
  ],
  statements: {
    profile: 'hardened',
    freshUntil: at(28),
    roles: [
      { role: 'root', expires: at(30), byPeople: true },
      { role: 'timestamp', expires: at(28), byPeople: false },
      { role: 'channel_web_production', expires: at(29), byPeople: true },
    ],
    staged: [],
  },
  halts: [
    { version: 1, number: 7, scope: ['web/production'], who: 'ben', why: 'it \u001bburns', at: at(22) },
  ],
  hands: [{ what: 'halt 7 by ben holds web/production', hint: '`switchyard rollout resume web/production`' }],
}

describe('a status', () => {
  it('is one screen: channels and their hosts, until when that is good, halts, and last what needs hands', () => {
    expect(statusText(status)).toBe(`CHANNEL         RELEASE               SINCE                    HOSTS
web/edge        web@20261120T070000Z  20261121T070000Z by ada  may follow
web/next        -
web/staging     web@20261120T070000Z  20261121T070000Z by ada  are told nothing
web/testing     web@20261120T070000Z  20261121T070000Z by ada  are told of 20261119T070000Z
web/production  web@20261120T070000Z  20261121T070000Z by ada  halted (7)
profile hardened: people sign root and channels
what hosts are told is fresh until 20261128T070000Z
root: good until 20261130T070000Z, signed by people
channel web/production: good until 20261129T070000Z, signed by people
halt 7 of web/production, by ben, 20261122T070000Z: it \\x1bburns
needs hands:
! halt 7 by ben holds web/production
    \`switchyard rollout resume web/production\`
`)
  })

  it('says so when nothing needs hands, and that one key signs everything', () => {
    const solo = { ...status.statements, profile: 'solo' as const, roles: [] }
    const text = statusText({ ...status, channels: [], halts: [], hands: [], statements: solo })
    expect(text).toMatch(
      /^profile solo: one key in the yard signs everything; .*\n.*\nnothing needs hands\n$/,
    )
  })

  it('claims nothing of hosts while what they are told cannot be read', () => {
    const unknown = { profile: 'unknown' as const, roles: [], staged: [] }
    const text = statusText({ ...status, channels: [channel('staging', moved)], statements: unknown })
    expect(text).toMatch(/^web\/staging .* by ada {2}\?$/m)
  })
})
