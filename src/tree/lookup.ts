import type { ByteString, Digest } from '../model/index.ts'
import { lowerBound, valueAt } from './page.ts'
import type { PageReader } from './page-store.ts'
import { readChild, readRoot } from './read-page.ts'

/**
 * The key's value, as a view that must not be changed, or undefined when the tree has no such key. Reads one page a level.
 * @throws YardError `damaged` or `not-found` for a page that cannot be read.
 */
export async function lookup(
  pages: PageReader,
  root: Digest,
  key: ByteString,
): Promise<Uint8Array | undefined> {
  // Awaiting only what is not in memory halves the cost of a cached look-up.
  const top = readRoot(pages, root)
  let page = top instanceof Promise ? await top : top
  while (!page.leaf) {
    const child = page.children[lowerBound(page.keys, key)]
    if (child === undefined) return undefined
    const next = readChild(pages, page, child)
    page = next instanceof Promise ? await next : next
  }
  const i = lowerBound(page.keys, key)
  return page.keys[i] === key ? valueAt(page, i) : undefined
}

/** How many entries the tree has. Reads its root page. @throws YardError `damaged` or `not-found`. */
export async function countOf(pages: PageReader, root: Digest): Promise<number> {
  return (await readRoot(pages, root)).count
}
