import { describe, expect, it } from 'vitest'
import { followRedirect, startTrail, type Trail } from './redirects.ts'

const from = (url: string): Trail => startTrail(new URL(url))

function follow(url: string, ...locations: string[]): Trail | { refused: string } {
  let trail = from(url)
  for (const location of locations) {
    const next = followRedirect(trail, location)
    if ('refused' in next) return next
    trail = next
  }
  return trail
}

describe('followRedirect', () => {
  it('keeps credentials on the same origin', () => {
    expect(follow('https://a.example.org/x', '/y', 'z')).toMatchObject({ trusted: true })
  })

  it.each([
    ['another host', 'https://b.example.org/x'],
    ['another port', 'https://a.example.org:444/x'],
  ])('drops credentials on %s, for good', (_, location) => {
    expect(follow('https://a.example.org/x', location)).toMatchObject({ trusted: false })
    expect(follow('https://a.example.org/x', location, 'https://a.example.org/y')).toMatchObject({
      trusted: false,
    })
  })

  it('drops credentials from http to https of the same host', () => {
    expect(follow('http://a.example.org/x', 'https://a.example.org/x')).toMatchObject({ trusted: false })
  })

  it('drops a login that the Location carries', () => {
    const trail = follow('https://a.example.org/x', 'https://me:secret@a.example.org/y') as Trail
    expect(trail.url.href).toBe('https://a.example.org/y')
  })

  it.each([
    ['from https to http', 'https://a.example.org/x', ['http://a.example.org/x'], /down to http/],
    ['to a file', 'http://a.example.org/x', ['file:///etc/passwd'], /file: URL/],
    ['in a circle', 'http://a.example.org/x', ['/y', '/x'], /circle/],
    ['to itself', 'http://a.example.org/x', ['/x'], /circle/],
    ['a sixth time', 'http://a.example.org/0', ['/1', '/2', '/3', '/4', '/5', '/6'], /more than 5/],
    ['to something that is no URL', 'http://a.example.org/x', ['http://['], /nowhere/],
  ])('refuses to go %s', (_, url, locations, reason) => {
    expect(follow(url, ...locations)).toEqual({ refused: expect.stringMatching(reason) })
  })

  it('follows five', () => {
    expect(follow('http://a.example.org/0', '/1', '/2', '/3', '/4', '/5')).toMatchObject({ trusted: true })
  })

  it('refuses an answer without Location', () => {
    expect(followRedirect(from('http://a.example.org/'), undefined)).toEqual({
      refused: 'it redirects to nowhere',
    })
  })
})
