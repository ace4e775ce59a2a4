import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isYardError } from '../../model/index.ts'
import { readReport } from './read-report.ts'

const least = {
  version: 1,
  host: 'a'.repeat(32),
  attempt: '',
  counter: 1,
  kind: 'alive',
  at: '20261121T120000Z',
  boot: '3f5c1c8e-7b0e-4a4c-9d55-0a6b1f0e2d11',
  machine: '1'.repeat(64),
}
const whole = {
  ...least,
  release: { release: '20261120T070000Z', digest: 'c'.repeat(64) },
  departures: 1000,
  halt: 0,
  reason: { word: 'waiting', sentence: 'not granted yet' },
  facts: { architecture: 'amd64' },
}

it.each([least, whole])('a report is read as it was written', one => expect(readReport(one)).toEqual(one))

it('what is not asked for is dropped', () => {
  expect(readReport({ ...least, labels: { site: 'north' } })).toEqual(least)
})

describe('is refused, with the name of the field', () => {
  it.each<[string, unknown]>([
    ['the report', null],
    ['the report', [least]],
    ['version', { ...least, version: 2 }],
    ['host', { ...least, host: 'A'.repeat(32) }],
    ['attempt', { ...least, attempt: 'x'.repeat(129) }],
    ['counter', { ...least, counter: 0 }],
    ['counter', { ...least, counter: 2 ** 53 }],
    ['counter', { ...least, counter: 1.5 }],
    ['kind', { ...least, kind: 'toString' }],
    ['at', { ...least, at: '20261321T120000Z' }],
    ['boot', { ...least, boot: 7 }],
    ['machine', { ...least, machine: 'x' }],
    ['release.digest', { ...least, release: { release: '20261120T070000Z' } }],
    ['reason.sentence', { ...least, reason: { word: 'x', sentence: '\u001b[2Jgone' } }],
    ['facts', { ...least, facts: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`f${i}`, ''])) }],
    ['facts', { ...least, facts: { a: { b: 'c' } } }],
  ])('%s (%#)', (field, value) => expect(() => readReport(value)).toThrow(`cannot be read: ${field}`))

  it('whatever comes instead', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        try {
          readReport(value)
          return false
        } catch (error) {
          return isYardError(error, 'invalid')
        }
      }),
    )
  })
})
