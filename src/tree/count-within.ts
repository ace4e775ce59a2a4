import type { Digest } from '../model/index.ts'
import { lowerBound, type Page } from './page.ts'
import type { PageReader } from './page-store.ts'
import { afterAllKeys, type KeyRange } from './range.ts'
import { readChild, readRoot } from './read-page.ts'

/**
 * How many entries a range has. Reads the pages at its two ends; those between are counted by what their parents say.
 * @throws YardError `damaged` or `not-found` for a page that cannot be read.
 */
export async function countWithin(pages: PageReader, root: Digest, range: KeyRange): Promise<number> {
  return countBelow(pages, await readRoot(pages, root), range)
}

async function countBelow(pages: PageReader, page: Page, range: KeyRange): Promise<number> {
  const first = lowerBound(page.keys, range.from ?? '')
  const end = lowerBound(page.keys, range.to ?? afterAllKeys)
  if (page.leaf) return Math.max(0, end - first)
  let count = 0
  for (const [i, child] of page.children.entries()) {
    if (i < first || i > end) continue
    // A child's key is its last one: those strictly between the ends lie in the range whole.
    const isWhole = i > first && i < end
    count += isWhole ? child.count : await countBelow(pages, await readChild(pages, page, child), range)
  }
  return count
}
