import { describe, expect, it } from 'vitest'
import type { Name } from '../model/index.ts'
import { checkOverrides, decide } from './refusal.ts'

const channel = { train: 'web' as Name, channel: 'production' as Name }
const labels = ['complete', 'closure', 'command', 'command-2']

function verdict(label: string, passed: boolean, findings: string[] = []) {
  return {
    label,
    evidence: {
      passed,
      summary: `what ${label} says`,
      findings,
      findingCount: findings.length,
      ...(passed ? {} : { remedy: `do what ${label} wants` }),
    },
  }
}

describe('a promotion', () => {
  it('goes on when every gate passes', () => {
    expect(decide('web@T', channel, [verdict('complete', true), verdict('closure', true)], [])).toEqual([])
  })

  it('is refused with every gate that refuses, why, and what would pass it', () => {
    const verdicts = [
      verdict('complete', true),
      verdict('closure', false, ['a', 'b', 'c', 'd', 'e', 'f', 'g']),
      verdict('command-2', false),
    ]
    expect(() => decide('web@T', channel, verdicts, [])).toThrow(
      expect.objectContaining({
        code: 'refused',
        message: [
          'web@T does not enter web/production: 2 of 3 gates refuse; nothing was moved',
          '  closure: what closure says',
          ...['a', 'b', 'c', 'd', 'e'].map(line => `    ${line}`),
          '    and 2 more',
          '    to pass: do what closure wants',
          '  command-2: what command-2 says',
          '    to pass: do what command-2 wants',
        ].join('\n'),
        hint: expect.stringContaining('--show closure'),
      }),
    )
  })

  it('goes past gates that are overridden, and tells which of them refused', () => {
    const verdicts = [verdict('complete', true), verdict('closure', false), verdict('command', false)]
    expect(() => decide('web@T', channel, verdicts, ['closure'])).toThrow(/command: what/)
    expect(decide('web@T', channel, verdicts, ['closure', 'command', 'complete'])).toEqual([
      { label: 'closure', summary: 'what closure says' },
      { label: 'command', summary: 'what command says' },
    ])
  })
})

describe('an override', () => {
  it('names a gate of the channel, or the nearest is offered', () => {
    expect(() => checkOverrides(channel, labels, ['clousre'], 'why')).toThrow(
      expect.objectContaining({ code: 'usage', hint: 'did you mean closure?' }),
    )
    expect(() => checkOverrides(channel, labels, ['command-2'], 'why')).not.toThrow()
  })

  it('needs a reason', () => {
    for (const why of [undefined, '', '  '])
      expect(() => checkOverrides(channel, labels, ['closure'], why)).toThrow(
        expect.objectContaining({ code: 'usage' }),
      )
    expect(() => checkOverrides(channel, labels, [], undefined)).not.toThrow()
  })
})
