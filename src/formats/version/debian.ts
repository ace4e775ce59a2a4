import { type ByteString, YardError } from '../../model/index.ts'

/** A Debian version's three parts (deb-version(7)); `revision` is empty when there is none. */
export interface DebianVersion {
  epoch: number
  upstream: ByteString
  revision: ByteString
}

/**
 * The order of two Debian versions exactly as dpkg's (deb-version(7), "Sorting algorithm"): negative, zero or positive.
 * Different spellings may be equal (`1.0` and `0:1.0-0`). Never throws: what is not a valid version still has its place
 * in one total order, the epoch then being whatever stands before the first colon.
 */
export function compareDebianVersions(a: ByteString, b: ByteString): number {
  if (a === b) return 0
  const colonA = a.indexOf(':')
  const colonB = b.indexOf(':')
  if (colonA >= 0 || colonB >= 0) {
    const epochs = compareParts(a, 0, Math.max(colonA, 0), b, 0, Math.max(colonB, 0))
    if (epochs !== 0) return epochs
  }
  const startA = colonA + 1
  const startB = colonB + 1
  const hyphenA = upstreamEnd(a, startA)
  const hyphenB = upstreamEnd(b, startB)
  const upstreams = compareParts(a, startA, hyphenA, b, startB, hyphenB)
  if (upstreams !== 0) return upstreams
  return compareParts(a, hyphenA + 1, a.length, b, hyphenB + 1, b.length)
}

/**
 * Splits a version as dpkg's parseversion does.
 * @throws YardError `invalid` for what dpkg refuses in a package: an empty part, an epoch that is no number up to
 *   2147483647, an upstream version that does not begin with a digit, any character outside of deb-version(7)'s.
 */
export function parseDebianVersion(version: ByteString): DebianVersion {
  const fault = versionFault(version)
  if (fault !== undefined)
    throw new YardError('invalid', `not a Debian version: ${JSON.stringify(version.slice(0, 200))}: ${fault}`)
  const start = version.indexOf(':') + 1
  const hyphen = upstreamEnd(version, start)
  return {
    epoch: start === 0 ? 0 : Number(version.slice(0, start - 1)),
    upstream: version.slice(start, hyphen),
    revision: version.slice(hyphen + 1),
  }
}

function versionFault(version: ByteString): string | undefined {
  if (version === '') return 'it is empty'
  const colon = version.indexOf(':')
  if (colon >= 0) {
    const fault = epochFault(version.slice(0, colon))
    if (fault !== undefined) return fault
  }
  const hyphen = upstreamEnd(version, colon + 1)
  const upstream = version.slice(colon + 1, hyphen)
  if (upstream === '') return 'the upstream version is empty'
  if (!isDigit(upstream.charCodeAt(0))) return 'the upstream version does not begin with a digit'
  if (!/^[A-Za-z0-9.+~:-]*$/.test(upstream)) return 'the upstream version has an invalid character'
  if (hyphen === version.length - 1) return 'the revision is empty'
  if (!/^[A-Za-z0-9.+~]*$/.test(version.slice(hyphen + 1))) return 'the revision has an invalid character'
  return undefined
}

function epochFault(epoch: string): string | undefined {
  if (!/^\d+$/.test(epoch)) return 'the epoch is not a number'
  if (Number(epoch) > 2_147_483_647) return 'the epoch is too big'
  return undefined
}

/** Where the upstream version ends: at the last hyphen behind the epoch, or at the end. */
function upstreamEnd(version: string, start: number): number {
  const hyphen = version.lastIndexOf('-')
  return hyphen >= start ? hyphen : version.length
}

/** dpkg's verrevcmp on two ranges; a range that begins behind its end is empty. */
function compareParts(a: string, i: number, endA: number, b: string, j: number, endB: number): number {
  while (i < endA || j < endB) {
    while ((i < endA && !isDigit(a.charCodeAt(i))) || (j < endB && !isDigit(b.charCodeAt(j)))) {
      const difference = (i < endA ? rank(a.charCodeAt(i)) : 0) - (j < endB ? rank(b.charCodeAt(j)) : 0)
      if (difference !== 0) return difference
      i++
      j++
    }
    while (i < endA && a.charCodeAt(i) === 48) i++
    while (j < endB && b.charCodeAt(j) === 48) j++
    let first = 0
    while (i < endA && j < endB && isDigit(a.charCodeAt(i)) && isDigit(b.charCodeAt(j))) {
      if (first === 0) first = a.charCodeAt(i) - b.charCodeAt(j)
      i++
      j++
    }
    if (i < endA && isDigit(a.charCodeAt(i))) return 1
    if (j < endB && isDigit(b.charCodeAt(j))) return -1
    if (first !== 0) return first
  }
  return 0
}

/** Where a character sorts among non-digits: `~` before the end of the part, letters, then everything else by its byte. */
function rank(code: number): number {
  if (isDigit(code)) return 0
  if (code === 126) return -1
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
  return isLetter ? code : code + 256
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
