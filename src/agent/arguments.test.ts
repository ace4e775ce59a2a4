import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isYardError } from '../model/index.ts'
import { parseArguments, usageLines } from './arguments.ts'

const shapes = {
  enroll: { operands: ['FILE'], values: ['root'], flags: [] },
  status: { operands: [], values: ['root'], flags: ['json'] },
}
const parse = (...words: string[]) => parseArguments(words, shapes)

describe('a command line', () => {
  it.each([
    [['enroll', 'a.json'], { operands: ['a.json'], values: {} }],
    [['enroll', '--root', '/r', 'a.json'], { operands: ['a.json'], values: { root: '/r' } }],
    [['enroll', 'a.json', '--root=/r=1'], { operands: ['a.json'], values: { root: '/r=1' } }],
    [['enroll', '--root=', '--', '--json'], { operands: ['--json'], values: { root: '' } }],
    [['enroll', '-'], { operands: ['-'], values: {} }],
  ])('%j', (words, expected) => expect(parse(...words)).toMatchObject(expected))

  it('has flags', () => expect(parse('status', '--json').flags).toEqual(new Set(['json'])))

  it.each([
    [[], /no command/],
    [['chek'], /no command "chek"/],
    [['constructor'], /no command "constructor"/],
    [['status', 'x'], /takes no operands/],
    [['enroll'], /takes FILE, not 0/],
    [['status', '--jsn'], /no option "--jsn"/],
    [['status', '--json=1'], /no option "--json=1"/],
    [['enroll', 'a', '--root'], /--root needs a value/],
  ])('is refused: %j', (words, message) => expect(() => parse(...words)).toThrow(message))

  it('is taken apart or refused as wrong usage, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('status', '--root', '--json'))), words => {
        try {
          expect(Object.keys(shapes)).toContain(parse(...words).command)
        } catch (error) {
          expect(isYardError(error, 'usage')).toBe(true)
        }
      }),
    )
  })

  it('is shown as it is written', () => {
    expect(usageLines(shapes)).toEqual([
      'switchyard-agent enroll FILE [--root ROOT]',
      'switchyard-agent status [--root ROOT] [--json]',
    ])
  })
})
