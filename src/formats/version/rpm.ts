import type { ByteString } from '../../model/index.ts'

/** What rpm compares: `[epoch:]version[-release]`. An absent epoch counts as 0. */
export interface Evr {
  /** Decimal digits. */
  epoch: ByteString | undefined
  version: ByteString
  release: ByteString | undefined
}

/**
 * The order of two versions, or of two releases, exactly as rpm's rpmvercmp: negative, zero or positive. Runs of digits are
 * numbers of any length, runs of ASCII letters are compared by their bytes, everything else but `~` and `^` only
 * separates. At one place `~` sorts before the end, then the end, `^`, letters, digits. Never throws; one total order in
 * which different spellings may be equal (`1.0` and `1_00`).
 */
export function compareRpmVersions(a: ByteString, b: ByteString): number {
  if (a === b) return 0
  let i = 0
  let j = 0
  for (;;) {
    while (rankOf(a.charCodeAt(i)) === separator) i++
    while (rankOf(b.charCodeAt(j)) === separator) j++
    const rank = rankOf(a.charCodeAt(i))
    const difference = rank - rankOf(b.charCodeAt(j))
    if (difference !== 0) return difference
    if (rank === end) return 0
    const endA = segmentEnd(a, i, rank)
    const endB = segmentEnd(b, j, rank)
    const order =
      rank === digit ? compareNumbers(a, i, endA, b, j, endB) : compareRuns(a, i, endA, b, j, endB)
    if (order !== 0) return order
    i = endA
    j = endB
  }
}

/**
 * The order of two packages' versions as rpm's rpmverCmp: epoch, version, release. An absent release sorts before any;
 * it matches every release only in dependencies (`rangesOverlap`).
 */
export function compareEvr(a: Evr, b: Evr): number {
  const order = compareRpmVersions(a.epoch ?? '0', b.epoch ?? '0') || compareRpmVersions(a.version, b.version)
  if (order !== 0 || a.release === b.release) return order
  if (a.release === undefined) return -1
  if (b.release === undefined) return 1
  return compareRpmVersions(a.release, b.release)
}

/**
 * Splits `[epoch:]version[-release]` as rpm's rpmverParse: an epoch is digits before the first colon (none at all mean 0), the
 * release stands behind the last hyphen. Takes any bytes.
 */
export function parseEvr(text: ByteString): Evr {
  let colon = 0
  while (isDigit(text.charCodeAt(colon))) colon++
  const hasEpoch = text[colon] === ':'
  const start = hasEpoch ? colon + 1 : 0
  const hyphen = text.lastIndexOf('-')
  const hasRelease = hyphen >= start
  return {
    epoch: hasEpoch ? text.slice(0, colon) || '0' : undefined,
    version: text.slice(start, hasRelease ? hyphen : text.length),
    release: hasRelease ? text.slice(hyphen + 1) : undefined,
  }
}

/** `1:2-3`; an epoch or release that is absent is not written. */
export function formatEvr({ epoch, version, release }: Evr): ByteString {
  return (epoch === undefined ? '' : `${epoch}:`) + version + (release === undefined ? '' : `-${release}`)
}

const separator = -1
const tilde = 0
const end = 1
const caret = 2
const letter = 3
const digit = 4

/** Where what begins with this character sorts; NaN is the end of the string. */
function rankOf(code: number): number {
  if (isDigit(code)) return digit
  if (isLetter(code)) return letter
  if (code === 126) return tilde
  if (code === 94) return caret
  return code >= 0 ? separator : end
}

/** Behind one `~` or `^`, or behind the run of digits or letters that begins here. */
function segmentEnd(text: string, start: number, rank: number): number {
  let at = start + 1
  if (rank === digit) while (isDigit(text.charCodeAt(at))) at++
  if (rank === letter) while (isLetter(text.charCodeAt(at))) at++
  return at
}

function compareNumbers(a: string, i: number, endA: number, b: string, j: number, endB: number): number {
  while (i < endA && a.charCodeAt(i) === 48) i++
  while (j < endB && b.charCodeAt(j) === 48) j++
  return endA - i - (endB - j) || compareRuns(a, i, endA, b, j, endB)
}

function compareRuns(a: string, i: number, endA: number, b: string, j: number, endB: number): number {
  for (; i < endA && j < endB; i++, j++) {
    const difference = a.charCodeAt(i) - b.charCodeAt(j)
    if (difference !== 0) return difference
  }
  return endA - i - (endB - j)
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}
