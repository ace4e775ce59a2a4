import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clearText, clearTextFault, dashEscaped, splitClearSigned } from './clear-text.ts'

const text = fc
  .array(
    fc.constantFrom(
      'a',
      'Key: value',
      '-',
      '- ',
      '--',
      ' ',
      '\t',
      '\r',
      '\n',
      '\n\n',
      '\r\n',
      '\xe9',
      '\u2028',
    ),
  )
  .map(parts => Buffer.from(parts.join('')))

describe('text that is to be signed in the clear', () => {
  it('has no fault once it went through clearText, which then changes nothing', () => {
    fc.assert(
      fc.property(text, bytes => {
        const clear = clearText(bytes)
        expect(clearTextFault(clear)).toBe(bytes.length === 0 ? 'it is empty' : undefined)
        expect(clearText(clear)).toEqual(clear)
      }),
    )
  })

  it('comes out of a signed document as it went in', () => {
    fc.assert(
      fc.property(text, bytes => {
        const clear = clearText(bytes)
        const document = Buffer.concat([
          Buffer.from('-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n'),
          dashEscaped(clear),
          Buffer.from('-----BEGIN PGP SIGNATURE-----\n'),
        ])
        if (clear.length > 0) expect(splitClearSigned(document).value?.text).toEqual(clear)
      }),
    )
  })

  it.each([
    ['blanks at the end of a line', 'a \n'],
    ['CR LF', 'a\r\n'],
    ['no last line break', 'a'],
    ['a NUL byte', 'a\0b\n'],
    ['a long line', `${'a'.repeat(20_000)}\n`],
    ['nothing', ''],
  ])('has a fault: %s', (_, bytes) => {
    expect(clearTextFault(Buffer.from(bytes))).toBeDefined()
  })
})

it('any bytes at all are split or refused', () => {
  const piece = fc.constantFrom(
    '-----BEGIN PGP SIGNED MESSAGE-----',
    '-----BEGIN PGP SIGNATURE-----',
    '-----END PGP SIGNATURE-----',
    'Hash: SHA512',
    '\n',
    '- ',
    'Suite: x',
    ' ',
    '\r',
  )
  fc.assert(
    fc.property(fc.array(piece), pieces => {
      const read = splitClearSigned(Buffer.from(pieces.join('')))
      expect(read.fault === undefined).toBe(read.value !== undefined)
    }),
    { numRuns: 2000 },
  )
})
