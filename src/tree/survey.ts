import { type ByteString, type Digest, isYardError, type YardError } from '../model/index.ts'
import { type Entry, type Page, type PageRef, valueAt } from './page.ts'
import type { PageReader } from './page-store.ts'
import type { KeyRange } from './range.ts'
import { readChild, readRoot } from './read-page.ts'

/** What a walk over a tree that may be damaged meets, in the order of the keys. */
export type Surveyed =
  /** A page that can be read, after all that lies beneath it; `whole` when that can be read too. */
  | { kind: 'page'; digest: Digest; whole: boolean; entries: Entry[] }
  /** A page that cannot be read, and the range of keys that it and the pages beneath it held. */
  | { kind: 'gap'; digest: Digest; problem: YardError; range: KeyRange }

/**
 * Reads every page of a tree and goes on where one cannot be read. `alreadyWhole` is asked before a page is read; one
 * for which it answers true is left out with all that lies beneath. The entries of an inner page are none.
 */
export async function* survey(
  pages: PageReader,
  root: Digest,
  alreadyWhole: (digest: Digest) => boolean = () => false,
): AsyncGenerator<Surveyed> {
  yield* surveyPage({ pages, alreadyWhole }, root, () => readRoot(pages, root), {})
}

interface Walk {
  pages: PageReader
  alreadyWhole(digest: Digest): boolean
}

/** Returns whether the page and all beneath it can be read. */
async function* surveyPage(
  walk: Walk,
  digest: Digest,
  read: () => Page | Promise<Page>,
  range: KeyRange,
): AsyncGenerator<Surveyed, boolean> {
  if (walk.alreadyWhole(digest)) return true
  const page = await pageOr(read)
  if ('problem' in page) {
    yield { kind: 'gap', digest, problem: page.problem, range }
    return false
  }
  let whole = true
  if (!page.leaf)
    for (const { child, range: part } of partsOf(page.children, range)) {
      const below = yield* surveyPage(walk, child.digest, () => readChild(walk.pages, page, child), part)
      whole &&= below
    }
  const entries = page.leaf ? page.keys.map((key, i) => ({ key, value: valueAt(page, i) })) : []
  yield { kind: 'page', digest, whole, entries }
  return whole
}

async function pageOr(read: () => Page | Promise<Page>): Promise<Page | { problem: YardError }> {
  try {
    return await read()
  } catch (error) {
    if (isYardError(error, 'damaged', 'not-found')) return { problem: error }
    throw error
  }
}

/** Each child with the range of keys that is its own: behind the last key of the one before, up to its own last key. */
function* partsOf(children: readonly PageRef[], { from }: KeyRange) {
  let start: ByteString | undefined = from
  for (const child of children) {
    const range: KeyRange = { from: start, to: `${child.key}\0` }
    yield { child, range }
    start = range.to
  }
}
