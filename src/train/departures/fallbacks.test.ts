import { describe, expect, it } from 'vitest'
import type { Timestamp } from '../../model/index.ts'
import { noFloor } from './channel-statements.ts'
import { testedFallbacks } from './fallbacks.ts'

const day = (number: number) => `2026110${number}T070000Z` as Timestamp
const both = { sets: [], timeout: 1, upgrade: true, downgrade: true }
const tested = (against: number, more: object = {}) => ({
  gate: 'install',
  passed: true,
  options: both,
  against: day(against),
  ...more,
})

describe('the releases to which a rollout may go back', () => {
  it('are those from which a machine came, and to which it went back', () => {
    expect(testedFallbacks([tested(2), tested(1), tested(2, { turn: 2 })], noFloor)).toEqual([day(1), day(2)])
  })

  it.each([
    ['of another gate', { gate: 'closure', options: null }],
    ['of a gate that refused', { passed: false }],
    ['of a gate that went up only', { options: { ...both, downgrade: false } }],
    ['of a gate that began with the new release', { options: { ...both, upgrade: false } }],
    ['of a channel that had no release', { against: undefined }],
  ])('are none by evidence %s', (_, more) => expect(testedFallbacks([tested(1, more)], noFloor)).toEqual([]))

  it('never lie below the security floor', () => {
    expect(testedFallbacks([tested(1), tested(2)], day(2))).toEqual([day(2)])
  })
})
