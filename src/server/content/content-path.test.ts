import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePercent, encodePercent, maxUrlLength, parseContentUrl, shownTarget } from './content-path.ts'

const snapshot = '20261121T064500Z'

function pathOf(rest: string): unknown {
  const asked = parseContentUrl(`/content/debian/latest/${rest}`)
  return asked.kind === 'tree' ? asked.path : asked.kind
}

describe('parseContentUrl', () => {
  it('names the view', () => {
    expect(parseContentUrl(`/content/debian/${snapshot}/a`)).toEqual({
      kind: 'tree',
      repository: 'debian',
      view: { kind: 'snapshot', timestamp: snapshot },
      path: 'a',
    })
    expect(parseContentUrl('/content/debian/latest/a')).toMatchObject({ view: { kind: 'latest' } })
    expect(parseContentUrl(`/content/debian/by-time/${snapshot}/a/b`)).toMatchObject({
      view: { kind: 'by-time', timestamp: snapshot },
      path: 'a/b',
    })
  })

  it('decodes escapes exactly once and never takes a plus for a space', () => {
    expect(pathOf('a%2bb+c%7ed~e')).toBe('a+b+c~d~e')
    expect(pathOf('x_1%253a2.deb')).toBe('x_1%3a2.deb')
    expect(pathOf('%C3%A9%FF%20')).toBe('\xc3\xa9\xff ')
  })

  it('passes over single dots and empty segments, as flat repositories are asked for', () => {
    expect(pathOf('./Packages')).toBe('Packages')
    expect(pathOf('./dir//./x')).toBe('dir/x')
    expect(pathOf('dists/.')).toBe('dists/')
  })

  it('keeps the final slash of a directory and ignores the query', () => {
    expect(pathOf('')).toBe('')
    expect(pathOf('./')).toBe('')
    expect(pathOf('dists/')).toBe('dists/')
    expect(pathOf('dists/?C=M&x=/../')).toBe('dists/')
  })

  it('refuses what could leave the tree, and bad escapes', () => {
    for (const bad of [
      '../x',
      'a/../b',
      'a/..',
      '%2e%2e/x',
      'a%2f..%2fb',
      'a%00',
      'a%0a',
      '%',
      '%4',
      '%zz',
      'a%',
    ])
      expect(pathOf(bad), bad).toBe('malformed')
    expect(pathOf('a'.repeat(256))).toBe('malformed')
    expect(pathOf('a/'.repeat(2100))).toBe('malformed')
  })

  it('knows no name, no view and no timestamp that cannot exist', () => {
    for (const bad of [
      '/content/',
      '/content//latest/a',
      '/content/Debian/latest/',
      '/content/debian/newest/a',
      '/content/debian/20261321T064500Z/',
      '/content/debian/by-time/today/',
      '/content/debian//a',
    ])
      expect(parseContentUrl(bad).kind, bad).toBe('unknown')
  })

  it('asks for the final slash of a view and of a repository', () => {
    expect(parseContentUrl('/content/debian').kind).toBe('unfinished')
    expect(parseContentUrl('/content/debian/latest').kind).toBe('unfinished')
    expect(parseContentUrl(`/content/debian/by-time/${snapshot}`).kind).toBe('unfinished')
    expect(parseContentUrl('/content/debian/')).toEqual({ kind: 'repository', repository: 'debian' })
  })

  it('never throws, and never lets a parent segment through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => {
        const asked = parseContentUrl(`/content/debian/latest/${text}`)
        if (asked.kind === 'tree') expect(asked.path.split('/')).not.toContain('..')
      }),
    )
  })
})

describe('encodePercent', () => {
  it('is undone by decodePercent, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        const path = Buffer.from(bytes).toString('latin1')
        expect(decodePercent(encodePercent(path))).toBe(path)
        expect(encodePercent(path)).toMatch(/^[\x21-\x7e]*$/)
      }),
    )
  })
})

describe('shownTarget', () => {
  it('is bounded and has no control characters', () => {
    expect(shownTarget('/a\u0007b\u001b[2J?secret=1')).toBe('/a?b?[2J')
    expect(shownTarget(`/${'a'.repeat(maxUrlLength)}`).length).toBeLessThan(1010)
  })
})
