import { type ByteString, byteStringOfText, YardError } from '../../model/index.ts'
import { joinUrl, shownUrl } from './url.ts'

/** One base URL of an upstream, taken apart: what may be shown, and what must not. */
export interface Mirror {
  /** Without user, password and trailing slash: what `Fetcher.mirrors` lists and messages show. */
  base: string
  protocol: 'http:' | 'https:' | 'file:'
  /** User and password that stood in the URL. */
  login: { username: string; password: string } | undefined
  /** Named by what was read, not by the operator: gets no credentials. */
  foreign?: true
  /** The one document's own URL, query included, in place of a base. */
  page?: string
}

/** The URL of a path of a mirror. @throws YardError `invalid` when the path could leave it. */
export function urlIn(mirror: Mirror, path: ByteString): string {
  return mirror.page ?? joinUrl(mirror.base, path)
}

/** The same fit for a message. */
export function shownUrlIn(mirror: Mirror, path: ByteString): string {
  return mirror.page === undefined ? joinUrl(mirror.base, path) : mirror.base
}

/** A page that the operator named. @throws YardError `configuration` as `parseMirrors`. */
export function pageMirror(url: string, object: string): Mirror {
  const [mirror] = parseMirrors([url.replace(/\?.*$/s, '')], object)
  return { ...mirror!, page: url }
}

/**
 * Mirrors that were read somewhere, each once: foreign, but for those on a host that the operator named, which get what the
 * operator's own URL there gets. What is no http or https URL, and none of the operator's, is left out.
 */
export function foreignMirrors(urls: readonly string[], own: readonly Mirror[]): Mirror[] {
  const mirrors = urls.flatMap((text): Mirror[] => {
    const url = URL.parse(text)
    if (url === null) return []
    const base = shownUrl(url).replace(/\/+$/, '')
    const known = own.find(mirror => mirror.base === base && mirror.page === undefined)
    if (known !== undefined) return [known]
    const { protocol } = url
    if (protocol !== 'http:' && protocol !== 'https:') return []
    const neighbour = own.find(mirror => URL.parse(mirror.base)?.origin === url.origin)
    return [
      neighbour === undefined
        ? { base, protocol, login: undefined, foreign: true as const }
        : { base, protocol, login: neighbour.login },
    ]
  })
  return [...new Map(mirrors.map(mirror => [mirror.base, mirror])).values()]
}

/**
 * @throws YardError `configuration` when there is no URL, or one is not http, https or file. The message does not repeat
 *   a URL that cannot be parsed, because it may hold a password.
 */
export function parseMirrors(urls: readonly string[], object: string): Mirror[] {
  if (urls.length === 0) throw new YardError('configuration', `${object}: the upstream has no URL`)
  return urls.map((url, index) => parseMirror(url, `${object}: URL ${index + 1} of the upstream`))
}

function parseMirror(text: string, where: string): Mirror {
  const url = URL.parse(text)
  if (url === null) throw new YardError('configuration', `${where} is not a URL`)
  const { protocol } = url
  if (protocol !== 'http:' && protocol !== 'https:' && protocol !== 'file:')
    throw new YardError('configuration', `${where} is a ${protocol} URL`, {
      hint: 'write http, https or file',
    })
  if (url.username !== '' && url.pathname.includes('@'))
    throw new YardError(
      'configuration',
      `${where} has a user or password with a character that ends it early`,
      {
        hint: 'write `/` as %2f, `?` as %3f, `#` as %23 and `@` as %40 there, or use basic authentication',
      },
    )
  if (url.search !== '' || url.hash !== '')
    throw new YardError('configuration', `${where} has a query or a fragment: ${shownUrl(url)}`)
  return { base: shownUrl(url).replace(/\/+$/, ''), protocol, login: loginOf(url) }
}

function loginOf(url: URL): Mirror['login'] {
  if (url.username === '' && url.password === '') return undefined
  return { username: decoded(url.username), password: decoded(url.password) }
}

/** Percent-decoding of a user or password; text that only looks encoded stays as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The value of `Authorization` or `Proxy-Authorization` (RFC 7617, UTF-8). */
export function basicAuthorization(login: { username: string; password: string }): string {
  return `Basic ${Buffer.from(byteStringOfText(`${login.username}:${login.password}`), 'latin1').toString('base64')}`
}
