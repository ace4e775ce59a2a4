import type { ByteString, Digest } from '../model/index.ts'
import { lowerBound, type Page, valueAt } from './page.ts'
import type { PageReader } from './page-store.ts'
import { readChild, readRoot } from './read-page.ts'

/** A name directly below a directory. A name that has both an entry and names below it comes twice. */
export type Child =
  | { name: ByteString; directory: true }
  | { name: ByteString; directory: false; value: Uint8Array }

/**
 * The names directly below `directory` (without a final slash; `''` is the root), in the order of their keys, which
 * for a directory ends in its slash. What lies deeper is leapt over: the cost is one seek a name, however much is beneath.
 * @throws YardError `damaged` or `not-found` for a page that cannot be read.
 */
export async function* children(
  pages: PageReader,
  root: Digest,
  directory: ByteString,
): AsyncGenerator<Child> {
  const prefix = directory === '' ? '' : `${directory}/`
  const seek = await seeker(pages, root)
  let found = await seek(prefix)
  while (found?.key.startsWith(prefix)) {
    const rest = found.key.slice(prefix.length)
    const slash = rest.indexOf('/')
    if (slash === -1) yield { name: rest, directory: false, value: found.value() }
    else yield { name: rest.slice(0, slash), directory: true }
    // '0' is the byte behind '/'; NUL makes the least key behind a key.
    found = await seek(slash === -1 ? `${found.key}\0` : `${prefix}${rest.slice(0, slash)}0`)
  }
}

interface Found {
  key: ByteString
  value(): Uint8Array
}

/** Gives a function that finds the first entry at or behind a key, for keys that ascend; what two seeks share of the path is not read twice. */
async function seeker(
  pages: PageReader,
  root: Digest,
): Promise<(key: ByteString) => Promise<Found | undefined>> {
  const path: Page[] = [await readRoot(pages, root)]
  return async key => {
    while (path.length > 1 && path.at(-1)!.keys.at(-1)! < key) path.pop()
    let page = path.at(-1)!
    while (!page.leaf) {
      const child = page.children[lowerBound(page.keys, key)]
      if (child === undefined) return undefined
      page = await readChild(pages, page, child)
      path.push(page)
    }
    const leaf = page
    const i = lowerBound(leaf.keys, key)
    return i === leaf.keys.length ? undefined : { key: leaf.keys[i]!, value: () => valueAt(leaf, i) }
  }
}
