import type { Digest } from '../model/index.ts'
import { type Entry, valueAt } from './page.ts'
import type { PageReader } from './page-store.ts'
import { readRoot } from './read-page.ts'

/**
 * The entries of one leaf page, for a walk over pages (`pagesOf`) that looks into each leaf once; none for an inner page.
 * @throws YardError `damaged` or `not-found`.
 */
export async function entriesOfPage(pages: PageReader, digest: Digest): Promise<Entry[]> {
  const page = await readRoot(pages, digest)
  return page.leaf ? page.keys.map((key, i) => ({ key, value: valueAt(page, i) })) : []
}
