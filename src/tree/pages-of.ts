import type { Digest } from '../model/index.ts'
import type { InnerPage } from './page.ts'
import type { PageReader } from './page-store.ts'
import { readInOrder, readRoot } from './read-page.ts'

/** A page of a tree by name, and its distance from the leaves. */
export interface PagePlace {
  digest: Digest
  level: number
}

/**
 * Every page of a tree, each after the pages beneath it: whoever copies them in this order and stops anywhere holds
 * whole subtrees only. `alreadySeen` is asked before a page is read; a page for which it answers true is left out
 * with all that lies beneath. Leaf pages below the root are named, not read.
 * @throws YardError `damaged` or `not-found` for an inner page that cannot be read.
 */
export async function* pagesOf(
  pages: PageReader,
  root: Digest,
  alreadySeen: (digest: Digest) => boolean | Promise<boolean> = () => false,
): AsyncGenerator<PagePlace> {
  if (await alreadySeen(root)) return
  const page = await readRoot(pages, root)
  if (!page.leaf) yield* pagesBelow(pages, page, alreadySeen)
  yield { digest: root, level: page.level }
}

async function* pagesBelow(
  pages: PageReader,
  parent: InnerPage,
  alreadySeen: (digest: Digest) => boolean | Promise<boolean>,
): AsyncGenerator<PagePlace> {
  const level = parent.level - 1
  const wanted = []
  for (const child of parent.children) if (!(await alreadySeen(child.digest))) wanted.push(child)
  if (level === 0) {
    for (const { digest } of wanted) yield { digest, level }
    return
  }
  const names = wanted.values()
  for await (const page of readInOrder(pages, parent.kind, level, wanted)) {
    if (!page.leaf) yield* pagesBelow(pages, page, alreadySeen)
    yield { digest: names.next().value!.digest, level }
  }
}
