import type { ByteString } from '../../../model/index.ts'
import type { PointEdit } from '../../../tree/index.ts'
import { entriesOfIndex, type IndexPlace } from '../../package-rows.ts'

/**
 * How the packages tree changes from one version of an index to the next, by ascending key, so that the cost follows the
 * change: only stanzas that are not in both are read. Whatever the order of the stanzas, applying the edits to the first
 * version's entries gives the second's, unless one of them lists a package twice: then entries may be missing, and there are
 * fewer than `countStanzas` says.
 * Undefined when it cannot be told this way, and the whole index has to be read.
 * @throws YardError as `entriesOfIndex` for a stanza that came.
 */
export function indexEdits(
  before: Buffer,
  after: Buffer,
  place: IndexPlace,
  object: string,
): PointEdit[] | undefined {
  if (hasReturns(before) || hasReturns(after)) return undefined
  const { gone, come } = changedStanzas(before, after)
  const edits = new Map<ByteString, Uint8Array | undefined>()
  try {
    for (const { key } of entriesOfIndex(gone, place, object)) edits.set(key, undefined)
  } catch {
    // What went is no reason to fail: an older program may have taken what this one would refuse.
    return undefined
  }
  for (const { key, value } of entriesOfIndex(come, place, object)) edits.set(key, value)
  return [...edits].map(([key, value]) => ({ key, value })).sort((a, b) => (a.key < b.key ? -1 : 1))
}

const emptyLine = Buffer.from('\n\n')

/** How many stanzas a well-formed index has, without reading them. */
export function countStanzas(index: Buffer): number {
  let count = 0
  let start = 0
  for (let end = index.indexOf(emptyLine); end >= 0; end = index.indexOf(emptyLine, start)) {
    count++
    start = end + emptyLine.length
  }
  return start < index.length ? count + 1 : count
}

/** A line of carriage returns is an empty line too; nobody writes indexes so. */
function hasReturns(index: Buffer): boolean {
  return index.includes('\n\r', 0, 'latin1')
}

/**
 * The stanzas of either version that do not stand in the other at the place where a walk by first lines expects them.
 * What is equal is stepped over by comparing memory, in runs that are as long as possible.
 */
function changedStanzas(before: Buffer, after: Buffer): { gone: Buffer; come: Buffer } {
  const gone: Buffer[] = []
  const come: Buffer[] = []
  let b = 0
  let a = 0
  for (;;) {
    const equal = wholeStanzas(before, b, commonLength(before, b, after, a))
    b += equal
    a += equal
    if (b === before.length && a === after.length) break
    const order = compareFirstLines(before, b, after, a)
    if (order <= 0) {
      const end = stanzaEnd(before, b)
      gone.push(before.subarray(b, end))
      b = end
    }
    if (order >= 0) {
      const end = stanzaEnd(after, a)
      come.push(after.subarray(a, end))
      a = end
    }
  }
  return { gone: Buffer.concat(gone), come: Buffer.concat(come) }
}

const chunkBytes = 64 * 1024

/** How many bytes are the same from there on in both. */
function commonLength(before: Buffer, b: number, after: Buffer, a: number): number {
  const length = Math.min(before.length - b, after.length - a)
  let same = 0
  let step = chunkBytes
  while (same < length) {
    const size = Math.min(step, length - same)
    const [from, to] = [a + same, a + same + size]
    if (before.compare(after, from, to, b + same, b + same + size) === 0) same += size
    else if (size === 1) break
    else step = size >> 1
  }
  return same
}

/** How many of the `length` bytes from `start`, where a stanza begins, are whole stanzas with the empty line behind them. */
function wholeStanzas(index: Buffer, start: number, length: number): number {
  if (length < emptyLine.length) return 0
  const last = index.lastIndexOf(emptyLine, start + length - emptyLine.length)
  return last < start ? 0 : last + emptyLine.length - start
}

/** Where the next stanza begins. */
function stanzaEnd(index: Buffer, start: number): number {
  const end = index.indexOf(emptyLine, start)
  return end < 0 ? index.length : end + emptyLine.length
}

/** Indexes are sorted by the name in the first line; what has ended comes last. */
function compareFirstLines(before: Buffer, b: number, after: Buffer, a: number): number {
  if (b === before.length) return 1
  if (a === after.length) return -1
  return Buffer.compare(firstLine(before, b), firstLine(after, a))
}

function firstLine(index: Buffer, start: number): Buffer {
  const end = index.indexOf('\n', start)
  return index.subarray(start, end < 0 ? index.length : end)
}
