import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStanzaScanner, stanzasOf } from './stanzas.ts'

const options = { maxStanzaBytes: 1000, object: 'Packages' }
const cut = (text: string) =>
  [...stanzasOf(Buffer.from(text, 'latin1'), options)].map(bytes => bytes.toString('latin1'))

function cutInChunks(text: string, sizes: number[]): string[] {
  const bytes = Buffer.from(text, 'latin1')
  const scanner = createStanzaScanner(options)
  const stanzas: Buffer[] = []
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!
    stanzas.push(...scanner.push(Buffer.from(bytes.subarray(at, at + size))))
    at += size
  }
  return [...stanzas, ...scanner.end()].map(stanza => stanza.toString('latin1'))
}

describe('control data is cut into stanzas', () => {
  it.each([
    ['nothing', '', []],
    ['only empty lines', '\n\r\n\n', []],
    ['one stanza', 'A: 1\nB: 2\n', ['A: 1\nB: 2\n']],
    ['one stanza without its last newline', 'A: 1', ['A: 1']],
    ['two', 'A: 1\n\nA: 2\n', ['A: 1\n', 'A: 2\n']],
    ['any number of empty lines', '\n\nA: 1\n\n\n\nA: 2\n\n\n', ['A: 1\n', 'A: 2\n']],
    ['carriage returns', 'A: 1\r\nB: 2\r\n\r\nA: 2\r\n\r\n', ['A: 1\r\nB: 2\r\n', 'A: 2\r\n']],
    ['an unfinished empty line', 'A: 1\n\r', ['A: 1\n']],
    ['a line of blanks, which is not empty', 'A: 1\n \nB: 2\n', ['A: 1\n \nB: 2\n']],
    ['bytes that are not UTF-8', 'A: \xff\xe9\n\nA: \0', ['A: \xff\xe9\n', 'A: \0']],
  ])('%s', (_, text, stanzas) => {
    expect(cut(text)).toEqual(stanzas)
  })

  it('alike however the input is chunked', () => {
    const text = fc
      .array(fc.constantFrom('A: 1\n', '\n', '\r\n', '\r', ' b', '\n\n', 'C: \xff'), { maxLength: 30 })
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (text, sizes) => {
        expect(cutInChunks(text, sizes)).toEqual(cut(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('without losing or adding a byte', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ':', '\n', '\r', ' ', '\xff') })
    fc.assert(
      fc.property(text, text => {
        expect(
          cut(text)
            .join('')
            .replace(/[\r\n]/g, ''),
        ).toBe(text.replace(/[\r\n]/g, ''))
        for (const stanza of cut(text)) expect(text).toContain(stanza)
      }),
    )
  })

  it('across the slices of a large buffer', () => {
    const stanzas = Array.from(
      { length: 5000 },
      (_, i) => `Package: p${i}\nDescription: ${'x'.repeat(i % 900)}\n`,
    )
    expect(cut(stanzas.join('\n'))).toEqual(stanzas)
  })

  it('up to a bound, which is told with the place', () => {
    const long = `A: 1\n\nB: ${'x'.repeat(1000)}`
    const failure = expect.objectContaining({
      code: 'invalid',
      message: 'Packages: the stanza that begins at byte 6 is longer than 1000 bytes',
    })
    for (const text of [long, `${long}\n\n`]) {
      expect(() => cut(text)).toThrow(failure)
      expect(() => cutInChunks(text, [100])).toThrow(failure)
    }
  })

  it('so that a stanza kept from one chunk is not changed by the next', () => {
    const scanner = createStanzaScanner(options)
    const [first] = [...scanner.push(Buffer.from('A: 1')), ...scanner.push(Buffer.from('\n\nB: 2'))]
    scanner.push(Buffer.from('34567\n\n'))
    expect(first!.toString()).toBe('A: 1\n')
  })
})
