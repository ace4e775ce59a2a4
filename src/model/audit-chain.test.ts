import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AuditEntry, beginningOfLog, digestOfEntry } from './audit.ts'
import { type AuditFault, chainFault } from './audit-chain.ts'
import type { Timestamp } from './timestamp.ts'

function logOf(length: number): AuditEntry[] {
  const log: AuditEntry[] = []
  for (let number = 1; number <= length; number++)
    log.push(
      sealed({
        number,
        at: `20261121T0645${String(number % 60).padStart(2, '0')}Z` as Timestamp,
        verb: 'promote',
        subject: 'web/production',
        who: 'ada',
        via: 'api',
        ...(number % 2 === 0 ? { why: `reason ${number}` } : {}),
        detail: { release: number },
        previous: log.at(-1)?.digest ?? beginningOfLog,
      }),
    )
  return log
}

function sealed(entry: Omit<AuditEntry, 'digest'>): AuditEntry {
  return { ...entry, digest: digestOfEntry(entry) }
}

function firstFault(log: AuditEntry[]): AuditFault | undefined {
  let last: AuditEntry | undefined
  for (const entry of log) {
    const fault = chainFault(last, entry)
    if (fault !== undefined) return fault
    last = entry
  }
  return undefined
}

const place = fc.integer({ min: 2, max: 19 })

describe('the chain of a log', () => {
  it('holds where nobody touched it', () => {
    expect(firstFault(logOf(20))).toBeUndefined()
    expect(firstFault([])).toBeUndefined()
  })

  it('names the first entry of which anything was changed', () => {
    const changes: ((entry: AuditEntry) => AuditEntry)[] = [
      entry => ({ ...entry, who: 'eve' }),
      entry => ({ ...entry, why: 'another' }),
      entry => ({ ...entry, at: '20200101T000000Z' as Timestamp }),
      entry => ({ ...entry, via: 'schedule' }),
      entry => ({ ...entry, detail: { release: 0 } }),
      entry => ({ ...entry, detail: 1.5 }),
      entry => ({ ...entry, digest: beginningOfLog }),
    ]
    fc.assert(
      fc.property(place, fc.constantFrom(...changes), (number, change) => {
        const log = logOf(20)
        log[number - 1] = change(log[number - 1]!)
        expect(firstFault(log)).toEqual({ number, kind: 'changed' })
      }),
    )
  })

  it('names the number of the first entry that was taken out', () => {
    fc.assert(
      fc.property(place, number => {
        const log = logOf(20).filter(entry => entry.number !== number)
        expect(firstFault(log)).toEqual({ number, kind: 'missing' })
      }),
    )
  })

  it('names an entry that was put in', () => {
    fc.assert(
      fc.property(place, number => {
        const log = logOf(20)
        const before = log[number - 2]!
        const { digest: _, ...like } = before
        const forged = sealed({ ...like, number, who: 'eve', previous: before.digest })
        const renumbered = log
          .slice(number - 1)
          .map(entry => sealed({ ...entry, number: entry.number + 1, previous: entry.previous }))
        // What comes behind a forged entry names the one that stood there before.
        expect(firstFault([...log.slice(0, number - 1), forged, ...renumbered])).toEqual({
          number: number + 1,
          kind: 'added',
        })
        // A second entry of one number.
        expect(firstFault([...log.slice(0, number - 1), forged, ...log.slice(number - 1)])).toEqual({
          number,
          kind: 'added',
        })
      }),
    )
  })
})
