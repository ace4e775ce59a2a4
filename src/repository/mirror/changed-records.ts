import { createTextWindow, type WindowOptions } from './text-window.ts'

/** What of two versions of a text of records stands in only one of them. */
export interface ChangedRecords {
  gone: Buffer
  come: Buffer
  /** How many records the second version has. */
  count: number
}

/**
 * The records that stand in one version of a text and not, at the place where a walk through both expects them, in the
 * other. A record ends with its separator, or with the text. In whatever order the records are, the second version is
 * the first without `gone` and with `come`; one that moved may be in both. Both are read once, as they come; what is
 * kept of them are two windows and what changed.
 * Undefined when a record is longer than a window may be. Throws what the texts throw.
 */
export async function changedRecords(
  before: AsyncIterable<Buffer>,
  after: AsyncIterable<Buffer>,
  options: WindowOptions,
): Promise<ChangedRecords | undefined> {
  const { separator } = options
  const [old, fresh] = [createTextWindow(before, options), createTextWindow(after, options)]
  const gone: Buffer[] = []
  const come: Buffer[] = []
  let count = 0
  try {
    for (;;) {
      const filled = await Promise.all([old.fill(), fresh.fill()])
      if (filled.includes(false)) return undefined
      const [b, a] = [old.records(), fresh.records()]
      if (b.length === 0 && a.length === 0)
        return { gone: Buffer.concat(gone), come: Buffer.concat(come), count }
      const same = equalRecords(b, a, separator)
      const apart = same > 0 ? { b: same, a: same } : nextInCommon(b, a, separator)
      if (same === 0) {
        gone.push(Buffer.from(b.subarray(0, apart.b)))
        come.push(Buffer.from(a.subarray(0, apart.a)))
      }
      count += countRecords(a.subarray(0, apart.a), separator)
      old.pass(apart.b)
      fresh.pass(apart.a)
    }
  } finally {
    await Promise.all([old.close(), fresh.close()])
  }
}

/** How many records the bytes are. */
function countRecords(bytes: Buffer, separator: Buffer): number {
  let count = 0
  let start = 0
  for (let end = bytes.indexOf(separator); end >= 0; end = bytes.indexOf(separator, start)) {
    count++
    start = end + separator.length
  }
  return start < bytes.length ? count + 1 : count
}

/** How many bytes at the beginning of both are the same whole records. */
function equalRecords(b: Buffer, a: Buffer, separator: Buffer): number {
  const same = commonLength(b, a)
  if (same === b.length && same === a.length) return same
  const last = b.subarray(0, same).lastIndexOf(separator)
  return last < 0 ? 0 : last + separator.length
}

const compareBytes = 64 * 1024

/** How many bytes at the beginning are the same in both: found by comparing memory, in pieces as large as possible. */
function commonLength(b: Buffer, a: Buffer): number {
  const length = Math.min(b.length, a.length)
  let same = 0
  let step = compareBytes
  while (same < length) {
    const end = Math.min(same + step, length)
    if (b.compare(a, same, end, same, end) === 0) same = end
    else if (end - same === 1) break
    else step = (end - same) >> 1
  }
  return same
}

/** Where in both the nearest record begins that both have: a few records on, mostly. Where there is none, everything differs. */
function nextInCommon(b: Buffer, a: Buffer, separator: Buffer): { b: number; a: number } {
  for (let records = 8; ; records *= 8) {
    const [ours, theirs] = [firstRecords(b, separator, records), firstRecords(a, separator, records)]
    const found = nearestPair(ours, theirs)
    if (found !== undefined) return found
    if (ours.length < records && theirs.length < records) return { b: b.length, a: a.length }
  }
}

interface Place {
  text: string
  start: number
}

function firstRecords(bytes: Buffer, separator: Buffer, atMost: number): Place[] {
  const places: Place[] = []
  for (let start = 0; start < bytes.length && places.length < atMost; ) {
    const found = bytes.indexOf(separator, start)
    const end = found < 0 ? bytes.length : found + separator.length
    places.push({ text: bytes.toString('latin1', start, end), start })
    start = end
  }
  return places
}

function nearestPair(ours: Place[], theirs: Place[]): { b: number; a: number } | undefined {
  const byText = new Map<string, number>()
  for (const [i, { text }] of ours.entries()) if (!byText.has(text)) byText.set(text, i)
  let nearest: { b: number; a: number } | undefined
  let least = Number.POSITIVE_INFINITY
  for (const [j, { text, start }] of theirs.entries()) {
    const i = byText.get(text)
    if (i === undefined || i + j >= least) continue
    least = i + j
    nearest = { b: ours[i]!.start, a: start }
  }
  return nearest
}
