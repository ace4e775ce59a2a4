import { type ByteString, checkPath } from '../../model/index.ts'

/**
 * Bytes of a path that stand for themselves in a URL: RFC 3986's pchar without `+` and `~`, and the slash. What is
 * left is written as lower-case `%xx`. That is what apt sends (`%2b` because object stores read a bare `+` as a
 * space, `%7e`, `%25`), so caches on the way hold one copy for both; `?`, `#` and the like, which apt forgets, too.
 */
const plainByte = /[A-Za-z0-9\-._!$&'()*,;=:@/]/

const encodedBytes = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  return plainByte.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`
})

/** A path as it stands in a URL: `pool/a+b%3ac.deb` becomes `pool/a%2bb%253ac.deb`. */
export function encodePath(path: ByteString): string {
  if (!/[^A-Za-z0-9\-._/]/.test(path)) return path
  let encoded = ''
  for (let i = 0; i < path.length; i++) encoded += encodedBytes[path.charCodeAt(i) & 0xff]
  return encoded
}

/**
 * The URL of a path below a base URL that ends without a slash.
 * @throws YardError `invalid` when the path could leave the base (`..`, absolute, NUL).
 */
export function joinUrl(base: string, path: ByteString): string {
  return `${base}/${encodePath(checkPath(path, base))}`
}

/** A URL fit for a message: without user, password, query (it may be signed) and fragment. */
export function shownUrl(url: string | URL): string {
  const parsed = typeof url === 'string' ? URL.parse(url) : url
  if (parsed === null) return '(not a URL)'
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`
}
