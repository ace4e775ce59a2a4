import { type ByteString, checkPath, pathFault, YardError } from '../../model/index.ts'

/** A `<location>`: where a file lies, as it is written. */
export interface Location {
  /** Relative to `base`, or to the repository where there is none. It is a path, not yet a URL: nothing in it is escaped. */
  href: ByteString
  /** `xml:base`: a URL at which the file lies instead of in the repository. Nothing about it has been checked. */
  base?: ByteString
}

/**
 * A location whose href stays below its base, also for a client that takes it for a URL: relative, no `..`, written
 * plainly or as `%2e%2e`, no backslash, which URLs take for a slash, no NUL. A leading `./` may stand.
 * @throws YardError `invalid`
 */
export function readLocation(
  href: ByteString | undefined,
  base: ByteString | undefined,
  where: () => string,
): Location {
  if (href === undefined) throw new YardError('invalid', `${where()}: a <location> without href`)
  const path = href.startsWith('./') ? href.slice(2) : href
  if (pathFault(path) !== undefined) checkPath(path, where())
  if (path.includes('\\') || (path.includes('%') && hasEscapedDots(path)))
    throw new YardError('invalid', `${where()}: unsafe path ${JSON.stringify(href.slice(0, 200))}`)
  return base === undefined ? { href } : { href, base }
}

function hasEscapedDots(path: ByteString): boolean {
  return path.split('/').some(segment => /^(?:\.|%2e){1,2}$/i.test(segment))
}
