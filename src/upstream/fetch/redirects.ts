import { shownUrl } from './url.ts'

/** Where a request stands after some redirects. */
export interface Trail {
  url: URL
  /** Every URL asked so far, this one included. */
  seen: readonly string[]
  /** Credentials are sent only as long as every step stayed on the first origin. */
  trusted: boolean
}

const maxRedirects = 5

export function startTrail(url: URL, trusted = true): Trail {
  return { url, seen: [url.href], trusted }
}

export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

/**
 * The next step after a redirect (RFC 9110, 15.4), or why it is not taken: five steps are the most, no URL twice, never from https
 * to http, never to anything else than those, and a user or password in `Location` is dropped.
 */
export function followRedirect(trail: Trail, location: string | undefined): Trail | { refused: string } {
  const next = location === undefined ? null : URL.parse(location, trail.url.href)
  if (next === null) return { refused: 'it redirects to nowhere' }
  next.hash = ''
  next.username = ''
  next.password = ''
  if (next.protocol !== 'https:' && next.protocol !== 'http:')
    return { refused: `it redirects to a ${next.protocol} URL` }
  if (trail.url.protocol === 'https:' && next.protocol === 'http:')
    return { refused: `it redirects from https down to http (${shownUrl(next)})` }
  if (trail.seen.includes(next.href)) return { refused: 'it redirects in a circle' }
  if (trail.seen.length > maxRedirects) return { refused: `it redirects more than ${maxRedirects} times` }
  return {
    url: next,
    seen: [...trail.seen, next.href],
    trusted: trail.trusted && next.origin === trail.url.origin,
  }
}
