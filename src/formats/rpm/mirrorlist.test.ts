import { describe, expect, it } from 'vitest'
import { expectOnlyYardErrors } from '../archive/mutation.fixture.ts'
import { parseMirrorlist } from './mirrorlist.ts'

const parse = (text: string) => parseMirrorlist(Buffer.from(text, 'latin1'), 'mirrorlist')

describe('a mirrorlist', () => {
  it('names mirrors in their order, among comments and empty lines', () => {
    const text =
      '# repo = x\r\nhttps://a.example.org/x/\r\n\r\n  http://b.example.org/$releasever/%20 \n#http://c.example.org/\nHTTPS://d.example.org'
    expect(parse(text)).toEqual([
      'https://a.example.org/x/',
      'http://b.example.org/$releasever/%20',
      'HTTPS://d.example.org',
    ])
  })

  it('names each once, and only those that speak http or https', () => {
    const others = [
      'ftp://a.example.org/',
      'rsync://a.example.org/',
      'file:///etc/passwd',
      '/srv/mirror',
      'javascript:x',
    ]
    const malformed = [
      'http://',
      'http://a b/',
      'http://a"/',
      'http://user:secret@a.example.org/',
      'http://a\\b/',
      'http://\xe9/',
    ]
    expect(
      parse([...others, ...malformed, 'http://b.example.org/', 'http://b.example.org/'].join('\n')),
    ).toEqual(['http://b.example.org/'])
  })

  it.each([
    ['nothing', '', '""'],
    ['an error', '# repo = x\n# error: invalid repo or arch\n', '"# error: invalid repo or arch"'],
    ['a web page', '<html>\n<body>Not found', '"<html>"'],
  ])('is refused when it holds %s, which is told', (_, text, clue) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: `mirrorlist: it names no http or https mirror: ${clue}`,
      }),
    )
  })

  it('is refused when it is longer than any', () => {
    const text = Array.from({ length: 2001 }, (_, i) => `http://a.example.org/${i}\n`).join('')
    expect(() => parse(text)).toThrow('more than 2000 mirrors')
  })

  it('is read or refused with a YardError, whatever the damage', async () => {
    await expectOnlyYardErrors(
      [Buffer.from('http://[::1]:80/a\n# b\n')],
      async damaged => parseMirrorlist(damaged, 'x'),
      1000,
    )
  })
})
