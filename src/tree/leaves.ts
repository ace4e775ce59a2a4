import type { Digest } from '../model/index.ts'
import { type Entry, type LeafPage, lowerBound, type Page, valueAt } from './page.ts'
import type { PageReader } from './page-store.ts'
import { afterAllKeys, type KeyRange } from './range.ts'
import { readInOrder, readRoot } from './read-page.ts'

/**
 * The entries of a range in order, one leaf page's worth at a time, never an empty batch. Reads the pages that hold
 * the range and no other, a few of them ahead. Values are views of their page and must not be changed.
 * @throws YardError `damaged` or `not-found` for a page that cannot be read.
 */
export async function* leaves(
  pages: PageReader,
  root: Digest,
  range: KeyRange = {},
): AsyncGenerator<Entry[]> {
  for await (const leaf of leafPages(pages, await readRoot(pages, root), range)) {
    const batch = entriesWithin(leaf, range)
    if (batch.length > 0) yield batch
  }
}

/** The entries of a range in order, one by one; `leaves` is quicker. */
export async function* entries(pages: PageReader, root: Digest, range: KeyRange = {}): AsyncGenerator<Entry> {
  for await (const batch of leaves(pages, root, range)) yield* batch
}

async function* leafPages(pages: PageReader, page: Page, range: KeyRange): AsyncGenerator<LeafPage> {
  if (page.leaf) {
    yield page
    return
  }
  const first = lowerBound(page.keys, range.from ?? '')
  const last = lowerBound(page.keys, range.to ?? afterAllKeys)
  const wanted = page.children.slice(first, last + 1)
  for await (const child of readInOrder(pages, page.kind, page.level - 1, wanted))
    yield* leafPages(pages, child, range)
}

function entriesWithin(leaf: LeafPage, range: KeyRange): Entry[] {
  const end = lowerBound(leaf.keys, range.to ?? afterAllKeys)
  const batch: Entry[] = []
  for (let i = lowerBound(leaf.keys, range.from ?? ''); i < end; i++)
    batch.push({ key: leaf.keys[i]!, value: valueAt(leaf, i) })
  return batch
}
