import type { ByteString } from '../../../model/index.ts'
import type { PointEdit } from '../../../tree/index.ts'
import { entriesOfIndex, type IndexPlace, maxStanzaBytes } from '../../package-rows.ts'
import { changedRecords } from '../changed-records.ts'

export interface IndexEdits {
  /** By ascending key. */
  edits: PointEdit[]
  /** How many stanzas the second version has. */
  count: number
}

const emptyLine = Buffer.from('\n\n')
const windowBytes = 1024 * 1024

/**
 * How the packages tree changes from one version of an index to the next, so that the cost follows the change: both are
 * read once as they come, and only stanzas that are not in both are looked into. Whatever the order of the stanzas,
 * applying the edits to the first version's entries gives the second's, unless one of them lists a package twice: then
 * entries may be missing, and there are fewer than `count`.
 * Undefined when it cannot be told this way, and the whole index has to be read.
 * @throws YardError as `entriesOfIndex` for a stanza that came; whatever the versions throw, which are read to their ends before.
 */
export async function indexEdits(
  before: AsyncIterable<Buffer>,
  after: AsyncIterable<Buffer>,
  place: IndexPlace,
  object: string,
): Promise<IndexEdits | undefined> {
  const lines = { hasReturns: false }
  const changed = await changedRecords(watchReturns(before, lines), watchReturns(after, lines), {
    separator: emptyLine,
    windowBytes,
    maxWindowBytes: 2 * maxStanzaBytes,
  })
  if (changed === undefined || lines.hasReturns) return undefined
  const edits = new Map<ByteString, Uint8Array | undefined>()
  try {
    for (const { key } of entriesOfIndex(changed.gone, place, object)) edits.set(key, undefined)
  } catch {
    // What went is no reason to fail: an older program may have taken what this one would refuse.
    return undefined
  }
  for (const { key, value } of entriesOfIndex(changed.come, place, object)) edits.set(key, value)
  const sorted = [...edits].map(([key, value]) => ({ key, value })).sort((a, b) => (a.key < b.key ? -1 : 1))
  return { edits: sorted, count: changed.count }
}

/** Notes a line that is empty but for carriage returns; nobody writes indexes so. */
async function* watchReturns(
  text: AsyncIterable<Buffer>,
  lines: { hasReturns: boolean },
): AsyncGenerator<Buffer> {
  let last: number | undefined
  for await (const chunk of text) {
    if (chunk.includes(carriageReturn))
      lines.hasReturns ||=
        chunk.includes('\n\r', 0, 'latin1') || (last === lineFeed && chunk[0] === carriageReturn)
    last = chunk.at(-1) ?? last
    yield chunk
  }
}

const lineFeed = 10
const carriageReturn = 13
