import { describe, expect, it } from 'vitest'
import { readConfiguration } from '../../config/index.ts'
import type { Name } from '../../model/index.ts'
import { gates } from './index.ts'

function read(gate: unknown) {
  const file = {
    repositories: { ours: { uploads: 'deb' } },
    trains: { web: { repositories: ['ours'], channels: { staging: { gates: [gate] } } } },
  }
  const { trains } = readConfiguration('/yard/switchyard.yaml', JSON.stringify(file), gates)
  return trains.get('web' as Name)!.channels.get('staging' as Name)!.gates[0]
}

const week = 7 * 86_400

describe('a gate in switchyard.yaml', () => {
  it.each<[unknown, string, unknown]>([
    ['complete', 'complete', 'train'],
    [{ complete: 'fetchable' }, 'complete', 'fetchable'],
    ['signatures', 'signatures', ['keys', 'packages', 'metalink']],
    [{ signatures: ['keys'] }, 'signatures', ['keys']],
    ['no-downgrade', 'no-downgrade', { vanish: 'allow' }],
    [{ 'no-downgrade': { vanish: 'refuse' } }, 'no-downgrade', { vanish: 'refuse' }],
    [
      { 'max-change': { packages: 500, removed: '5%' } },
      'max-change',
      { packages: { unit: 'packages', value: 500 }, removed: { unit: 'percent', value: 5 } },
    ],
    [{ cooldown: '7d' }, 'cooldown', { seconds: week, urgent: 'Important', suites: [] }],
    [
      { cooldown: { for: '7d', urgent: 'Critical', suites: ['bookworm-security'] } },
      'cooldown',
      { seconds: week, urgent: 'Critical', suites: ['bookworm-security'] },
    ],
    [{ advisories: { within: '7d' } }, 'advisories', { severity: 'Important', within: week }],
    [{ soak: '7d' }, 'soak', week],
    [{ approvals: 2 }, 'approvals', 2],
    [
      { command: ['./smoke', '-v', '-v'] },
      'command',
      { run: ['./smoke', '-v', '-v'], within: 600, countsFor: 0 },
    ],
    [
      { command: { run: ['./smoke'], within: '1h', 'counts-for': '1d' } },
      'command',
      { run: ['./smoke'], within: 3600, countsFor: 86_400 },
    ],
  ])('%j', (written, gate, options) => {
    expect(read(written)).toEqual({ gate, options })
  })

  it.each<[unknown, RegExp]>([
    ['soak', /`soak` alone, expected `soak: \.\.\.` with its options/],
    ['closuer', /did you mean `closure`\?/],
    [{ 'max-change': { packages: '101%' } }, /expected a whole number from 0 to 1000000, or a percentage/],
    [{ 'max-change': { packages: -1 } }, /expected a whole number/],
    [{ 'max-change': {} }, /at least one of `packages` and `removed`/],
    [{ cooldown: { urgent: 'Critical' } }, /found no `for`/],
    [{ cooldown: '0d' }, /at least `1s`/],
    [{ advisories: { within: '7d', severity: 'important' } }, /did you mean `Important`\?/],
    [{ approvals: 0 }, /a whole number from 1 to 100/],
    [{ command: 'smoke --fast' }, /expected a list: a program and its arguments/],
    [{ command: [] }, /an empty list/],
    [{ soak: '7d', approvals: 2 }, /a map of 2/],
  ])('%j is refused', (written, message) => {
    expect(() => read(written)).toThrow(message)
  })
})
