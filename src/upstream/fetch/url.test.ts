import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteStringOf, bytesOf } from '../../model/index.ts'
import { encodePath, joinUrl, shownUrl } from './url.ts'

const byteStrings = fc.uint8Array({ minLength: 1, maxLength: 60 }).map(byteStringOf)

describe('encodePath', () => {
  it('writes plus, tilde and percent as apt does', () => {
    expect(encodePath('pool/g/g++~1%3a2 x.deb')).toBe('pool/g/g%2b%2b%7e1%253a2%20x.deb')
  })

  it('leaves what may stand in a path as it is', () => {
    expect(encodePath("a,b=c:d@e!f$g&h'i(j)k*l;m-n._/o")).toBe("a,b=c:d@e!f$g&h'i(j)k*l;m-n._/o")
  })

  it('hides every byte that would end a path or a line', () => {
    expect(encodePath('?#[]"<>\\^`{|}\r\n\0\x7f\xff')).toBe(
      '%3f%23%5b%5d%22%3c%3e%5c%5e%60%7b%7c%7d%0d%0a%00%7f%ff',
    )
  })

  it('gives back every byte string when decoded, and only ever plain ASCII', () => {
    fc.assert(
      fc.property(byteStrings, path => {
        const encoded = encodePath(path)
        expect(encoded).toMatch(/^[\x21-\x7e]*$/)
        const decoded = encoded.replace(/%([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
        expect(bytesOf(decoded).equals(bytesOf(path))).toBe(true)
      }),
    )
  })

  it('gives a path that the URL parser leaves alone', () => {
    fc.assert(
      fc.property(byteStrings, path => {
        const encoded = encodePath(`x${path.replaceAll('.', '_')}`)
        expect(new URL(`http://mirror.example.org/base/${encoded}`).pathname).toBe(`/base/${encoded}`)
      }),
    )
  })

  it('is undone by another implementation of percent-decoding', () => {
    const path = byteStringOf(Uint8Array.from({ length: 254 }, (_, i) => (i === 9 ? 32 : i + 1)))
    const program = 'import sys,urllib.parse as u;sys.stdout.buffer.write(u.unquote_to_bytes(sys.argv[1]))'
    const decoded = execFileSync('python3', ['-c', program, encodePath(path)])
    expect(decoded.equals(bytesOf(path))).toBe(true)
  })
})

describe('joinUrl', () => {
  it.each(['../etc/passwd', '/etc/passwd', 'a/../../b', 'a//b', '', 'a\0b'])('refuses %j', path => {
    expect(() => joinUrl('http://mirror.example.org/debian', path)).toThrow(/unsafe path/)
  })
})

describe('shownUrl', () => {
  it('shows neither login nor query', () => {
    expect(shownUrl('https://me:secret@mirror.example.org:8443/a?signature=x#y')).toBe(
      'https://mirror.example.org:8443/a',
    )
  })
})
