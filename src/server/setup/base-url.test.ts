import { expect, it } from 'vitest'
import { baseUrl, checkPublicUrl } from './base-url.ts'

it('takes the host that the client named, when it can be one', () => {
  for (const host of ['yard.example.org', 'yard:8080', '127.0.0.1:80', '[::1]:8080', 'YARD.', 'a-b.c'])
    expect(baseUrl(undefined, host)).toBe(`http://${host}`)
})

it('refuses every other text', () => {
  for (const host of [
    undefined,
    '',
    'a b',
    'a\nb',
    'a/b',
    'a:b',
    'user@a',
    'a\r\nX: y',
    '-a',
    'a..b',
    '"a"',
    'a#',
    'a?',
    `${'a'.repeat(256)}`,
    'é',
    '[::1',
    'a:999999',
  ])
    expect(() => baseUrl(undefined, host), String(host)).toThrow(expect.objectContaining({ code: 'usage' }))
})

it("prefers the operator's URL, whatever the client says", () => {
  expect(baseUrl('https://yard.example.org/x/', 'evil host')).toBe('https://yard.example.org/x')
})

it('accepts a public URL without login, query and fragment only', () => {
  expect(checkPublicUrl('https://yard.example.org')).toBe('https://yard.example.org')
  expect(checkPublicUrl('http://yard:81/x/')).toBe('http://yard:81/x')
  for (const text of [
    '',
    'yard',
    'ftp://a',
    'https://u:p@a',
    'https://a?b',
    'https://a#b',
    'https://a b',
    'javascript:x',
  ])
    expect(() => checkPublicUrl(text), text).toThrow(expect.objectContaining({ code: 'usage' }))
})
