import { describe, expect, it } from 'vitest'
import { type EvidenceRecord, millisecondsOf, type Name, type Timestamp } from '../model/index.ts'
import { countsAgain, labelOf, type Question } from './evidence.ts'

const question: Question = {
  train: 'web' as Name,
  release: '20261121T070000Z' as Timestamp,
  channel: 'production' as Name,
  gate: 'closure',
  turn: 1,
  options: { only: 'new' },
  against: '20261120T070000Z' as Timestamp,
}
const begun = '20261121T080000Z' as Timestamp
const evidence: EvidenceRecord = {
  version: 1,
  ...question,
  inputs: null,
  passed: true,
  summary: 'every package can be installed',
  findings: [],
  findingCount: 0,
  begun,
  milliseconds: 12,
  who: 'ada',
}
const later = (seconds: number) => millisecondsOf(begun) + seconds * 1000

describe('evidence counts again', () => {
  it('for the very same question, for as long as the gate says', () => {
    expect(countsAgain(evidence, question, Number.POSITIVE_INFINITY, later(1e9))).toBe(true)
    expect(countsAgain(evidence, question, 3600, later(3599))).toBe(true)
    expect(countsAgain(evidence, question, 3600, later(3600))).toBe(false)
    expect(countsAgain(evidence, question, 0, later(0))).toBe(false)
  })

  it.each<[string, Partial<EvidenceRecord>]>([
    ['it did not pass', { passed: false }],
    ['it is about another release', { release: '20261121T070001Z' as Timestamp }],
    ['it is about another train', { train: 'db' as Name }],
    ['it is about another channel', { channel: 'staging' as Name }],
    ['it is that of another gate', { gate: 'install' }],
    ['it is that of another one of the same name', { turn: 2 }],
    ['the options are others', { options: { only: 'all' } }],
    ['the channel has moved since', { against: '20261119T070000Z' as Timestamp }],
  ])('not when %s', (_, other) => {
    expect(countsAgain({ ...evidence, ...other }, question, Number.POSITIVE_INFINITY, later(1))).toBe(false)
  })

  it('not when the channel had no release then', () => {
    const { against: _, ...first } = evidence
    expect(countsAgain(first, question, Number.POSITIVE_INFINITY, later(1))).toBe(false)
  })

  it('though the keys of its options stand in another order', () => {
    const [one, other] = [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ]
    const asked = { ...question, options: other }
    expect(countsAgain({ ...evidence, options: one }, asked, Number.POSITIVE_INFINITY, later(1))).toBe(true)
  })
})

it('several gates of one name are told apart', () => {
  expect([1, 2, 10].map(turn => labelOf({ gate: 'command', turn }))).toEqual([
    'command',
    'command-2',
    'command-10',
  ])
})
