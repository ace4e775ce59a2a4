import { describe, expect, it } from 'vitest'
import { textOf } from './unverified-text.ts'

const text = 'Origin: Example\nSuite: stable\n'
const signature = '-----BEGIN PGP SIGNATURE-----\n\nabcd\n-----END PGP SIGNATURE-----\n'
const textIn = (document: string) => textOf(Buffer.from(document), 'InRelease').toString()

describe('the text of a document that is not verified', () => {
  it.each([
    ['an empty line', '\n'],
    ['a line of blanks, as verification does', ' \t\r\n'],
  ])('begins behind %s', (_, line) => {
    expect(textIn(`-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n${line}${text}${signature}`)).toBe(text)
  })

  it('has its dashes back', () => {
    expect(textIn(`-----BEGIN PGP SIGNED MESSAGE-----\n\n- -dash\n${signature}`)).toBe('-dash\n')
  })

  it('is the document, where nobody signed it', () => {
    expect(textIn(text)).toBe(text)
    expect(textIn('')).toBe('')
  })

  it.each([
    ['without a signature', `-----BEGIN PGP SIGNED MESSAGE-----\n\n${text}`],
    ['with another header', `-----BEGIN PGP SIGNED MESSAGE-----\nSuite: evil\n\n${text}${signature}`],
  ])('is refused: %s', (_, document) => {
    expect(() => textIn(document)).toThrow('InRelease is not one whole signed message')
  })
})
