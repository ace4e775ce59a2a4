import { byteStringOfText, YardError } from '../../model/index.ts'
import { shownUrl } from './url.ts'

/** One base URL of an upstream, taken apart: what may be shown, and what must not. */
export interface Mirror {
  /** Without user, password and trailing slash: what `Fetcher.mirrors` lists and messages show. */
  base: string
  protocol: 'http:' | 'https:' | 'file:'
  /** User and password that stood in the URL. */
  login: { username: string; password: string } | undefined
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
