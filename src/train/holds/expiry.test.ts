import { describe, expect, it } from 'vitest'
import { millisecondsOf, type Name, type Timestamp } from '../../model/index.ts'
import { expiryNotes, isExpired } from './expiry.ts'

const until = '20261231T235959Z' as Timestamp
const last = millisecondsOf(until)

describe('a hold', () => {
  it('holds through the second that it names', () => {
    expect(isExpired({ until }, last + 999)).toBe(false)
    expect(isExpired({ until }, last + 1000)).toBe(true)
  })

  it('says when it expired, whose it was and what to do', () => {
    const hold = { package: 'nginx', who: 'ann', why: 'it breaks', since: until, until }
    expect(expiryNotes('web' as Name, [hold], last)).toEqual([])
    const [note] = expiryNotes('web' as Name, [{ ...hold, channel: 'production' as Name }], last + 1000)
    expect(note).toMatch(/nginx in web\/production expired at 20261231T235959Z .*ann: it breaks.*unhold/)
  })
})
