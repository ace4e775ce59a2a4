import { describe, expect, it } from 'vitest'
import { checkLabels, type Labels, parseLabel } from './host-labels.ts'

describe('labels', () => {
  it.each([
    ['site=north', { label: 'site', value: 'north' }],
    ['example.org/role=db=1', { label: 'example.org/role', value: 'db=1' }],
    ['canary', { label: 'canary', value: '' }],
  ])('%s', (text, parsed) => expect(parseLabel(text)).toEqual(parsed))

  it.each([
    '',
    '=x',
    'Site=x',
    '-a=x',
    'a-=x',
    'a b=x',
    `${'a'.repeat(64)}=x`,
    'a=\n',
    'a=é',
    `a=${'x'.repeat(129)}`,
  ])('are not %j', text => expect(() => parseLabel(text)).toThrow(/not (a label|the value of a label)/))

  it('fit into a card, however many came', () => {
    const many = (count: number, value = ''): Labels =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, value]))
    expect(checkLabels(many(32))).toEqual(many(32))
    expect(() => checkLabels(many(33))).toThrow('33 labels, and a host has 32 at most')
    expect(() => checkLabels(many(10_000))).toThrow('10000 labels')
    expect(() => checkLabels(many(32, 'x'.repeat(100)))).toThrow(/labels of \d+ bytes/)
    expect(() => checkLabels({ a: 1 } as never)).toThrow('not the value of a label')
    expect(() => checkLabels({ a: 'x'.repeat(1_000_000) })).toThrow('not the value of a label')
  })
})
