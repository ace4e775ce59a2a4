import type { Digest } from '../model/index.ts'
import { damagedPage, decodePage } from './decode-page.ts'
import { emptyPageOf } from './empty-tree.ts'
import type { InnerPage, Page, PageRef, TreeKind } from './page.ts'
import type { PageReader, PageWriter } from './page-store.ts'

/**
 * A page reader that keeps decoded pages in memory. Every function of this room takes one
 * where it takes a page reader, and is quicker with it.
 */
export interface TreeReader extends PageReader {
  /** The page at once when it is in memory. @throws YardError as `read`, and `damaged` when it is no page. */
  page(digest: Digest): Page | Promise<Page>
}

/** The same for whoever writes, too: what was written is in memory already. */
export interface TreeStore extends TreeReader, PageWriter {}

/** The tree's root page. @throws YardError `damaged` or `not-found`. */
export function readRoot(pages: PageReader, root: Digest): Page | Promise<Page> {
  const empty = emptyPageOf(root)
  return empty === undefined ? readPage(pages, root) : decodePage(empty)
}

/** A page below another one, proved to be what that one says. @throws YardError `damaged` or `not-found`. */
export function readChild(pages: PageReader, parent: InnerPage, child: PageRef): Page | Promise<Page> {
  return readRef(pages, parent.kind, parent.level - 1, child)
}

/** The page that a reference names, proved to be of that kind and level and to hold what the reference says. */
export function readRef(
  pages: PageReader,
  kind: TreeKind,
  level: number,
  ref: PageRef,
): Page | Promise<Page> {
  const page = readPage(pages, ref.digest)
  if (page instanceof Promise) return page.then(page => checkedAgainst(ref, kind, level, page))
  return checkedAgainst(ref, kind, level, page)
}

function readPage(pages: PageReader, digest: Digest): Page | Promise<Page> {
  return isTreeReader(pages) ? pages.page(digest) : pages.read(digest).then(decodePage)
}

function isTreeReader(pages: PageReader): pages is TreeReader {
  return 'page' in pages
}

function checkedAgainst(ref: PageRef, kind: TreeKind, level: number, page: Page): Page {
  if (page.kind !== kind || page.level !== level)
    throw damagedPage(
      ref.digest,
      `it is a ${page.kind} page of level ${page.level} where ${kind}, ${level} belongs`,
    )
  if (page.count !== ref.count)
    throw damagedPage(
      ref.digest,
      `${page.count} entries lie beneath it, not the ${ref.count} that its parent counts`,
    )
  if (page.keys.at(-1) !== ref.key)
    throw damagedPage(ref.digest, 'its last key is not the one that its parent gives')
  return page
}

/** How many reads run ahead of whoever takes pages in order. */
const readsAhead = 8

/** The pages that references name, in their order, a few of them being read ahead. */
export async function* readInOrder(
  pages: PageReader,
  kind: TreeKind,
  level: number,
  refs: readonly PageRef[],
): AsyncGenerator<Page> {
  const started: Promise<Page>[] = []
  for (let next = 0; next < refs.length || started.length > 0; ) {
    while (next < refs.length && started.length < readsAhead)
      started.push(begin(pages, kind, level, refs[next++]!))
    yield await started.shift()!
  }
}

/** Begins a read whose failure waits for whoever awaits it, and troubles nobody when nobody does. */
function begin(pages: PageReader, kind: TreeKind, level: number, ref: PageRef): Promise<Page> {
  const page = (async () => readRef(pages, kind, level, ref))()
  page.catch(() => {})
  return page
}
