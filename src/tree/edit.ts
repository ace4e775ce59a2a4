import { type ByteString, type Digest, YardError } from '../model/index.ts'
import { type Edit, type EditSource, editSource } from './edit-source.ts'
import { shown } from './open-page.ts'
import { type Entry, type InnerPage, type LeafPage, type PageRef, valueAt } from './page.ts'
import { type PageSink, pageSink } from './page-sink.ts'
import type { PageReader, PageStore } from './page-store.ts'
import { afterAllKeys } from './range.ts'
import { readChild, readRoot } from './read-page.ts'
import { type TreeBuilder, treeBuilder } from './tree-builder.ts'

export interface EditResult {
  root: Digest
  /** Entries of the new tree. */
  count: number
  /** What the change cost: pages that were not there before, and their size at rest in bytes. */
  newPages: number
  newPageBytes: number
}

/**
 * Makes the tree that `root` becomes by the edits, which ascend and do not overlap; every page of it is durable when
 * this resolves. The old tree stays as it is. Building from scratch is an edit of `emptyTree(kind).digest`. Reads and
 * writes the pages that hold an edit, and the few behind them whose boundaries move; all others but
 * the last of each level are taken over unread.
 * @throws YardError `internal` for edits out of order or outside their range, `invalid` for keys or values that a tree
 *   cannot hold, `damaged` or `not-found` for a page that cannot be read.
 */
export async function edit(
  pages: PageStore,
  root: Digest,
  edits: Iterable<Edit> | AsyncIterable<Edit>,
): Promise<EditResult> {
  const top = await readRoot(pages, root)
  const source = await editSource(edits)
  const sink = pageSink(pages)
  const builder = treeBuilder(top.kind, sink.add)
  const rewriting: Rewriting = { pages, source, sink, builder, dropBelow: '' }
  try {
    if (top.leaf) await rewriteLeaf(rewriting, top)
    else await rewriteInner(rewriting, top, afterAllKeys)
    while (source.head() !== undefined) await applyEdit(rewriting)
    const { digest, count } = builder.finish()
    const { pages: newPages, storedBytes: newPageBytes } = await sink.finish()
    return { root: digest, count, newPages, newPageBytes }
  } finally {
    await sink.settle()
    await source.close()
  }
}

/** An edit under way. Old entries below `dropBelow` have been replaced. */
interface Rewriting {
  pages: PageReader
  source: EditSource
  sink: PageSink
  builder: TreeBuilder
  dropBelow: ByteString
}

/**
 * Rewrites what lies below an inner page; edits that begin at or before `bound` belong there. The last page of each
 * level is always opened: it may have ended only because the tree did.
 */
async function rewriteInner(rewriting: Rewriting, page: InnerPage, bound: ByteString): Promise<void> {
  for (const child of page.children) {
    const isLast = child === page.children.at(-1)
    await rewriteChild(rewriting, page, child, isLast ? bound : child.key)
  }
}

async function rewriteChild(
  rewriting: Rewriting,
  parent: InnerPage,
  child: PageRef,
  bound: ByteString,
): Promise<void> {
  const { builder, source } = rewriting
  const level = parent.level - 1
  if (child.key < rewriting.dropBelow) return passed(rewriting, child.key)
  const untouched = rewriting.dropBelow === '' && source.start() > bound
  if (untouched && builder.aligned(level)) {
    builder.addPage(level, child)
    return
  }
  const page = await readChild(rewriting.pages, parent, child)
  if (page.leaf) await rewriteLeaf(rewriting, page)
  else await rewriteInner(rewriting, page, bound)
}

async function rewriteLeaf(rewriting: Rewriting, page: LeafPage): Promise<void> {
  const { builder, source, sink } = rewriting
  for (let i = 0; i < page.keys.length; i++) {
    const key = page.keys[i]!
    while (source.start() <= key) await applyEdit(rewriting)
    if (key < rewriting.dropBelow) continue
    builder.addEntry(key, valueAt(page, i))
  }
  passed(rewriting, page.keys.at(-1) ?? '')
  if (sink.full()) await sink.flush()
}

/** Whatever follows in the old tree comes after `lastKey`: is there still something to drop? */
function passed(rewriting: Rewriting, lastKey: ByteString): void {
  if (rewriting.dropBelow <= `${lastKey}\0`) rewriting.dropBelow = ''
}

/** Puts the next edit's entries into the new tree and has the old ones of its range dropped. */
async function applyEdit(rewriting: Rewriting): Promise<void> {
  const { builder, source, sink } = rewriting
  const { from, to, edit } = source.head()!
  if ('entries' in edit) {
    let least = from
    for await (const entry of edit.entries) {
      checkWithin(entry, least, to)
      least = `${entry.key}\0`
      builder.addEntry(entry.key, entry.value)
      if (sink.full()) await sink.flush()
    }
  } else if (edit.value !== undefined) builder.addEntry(edit.key, edit.value)
  if (sink.full()) await sink.flush()
  rewriting.dropBelow = to
  await source.advance()
}

function checkWithin({ key }: Entry, least: ByteString, to: ByteString): void {
  if (key >= least && key < to) return
  throw new YardError(
    'internal',
    `an edit's entries ascend within its range, but ${shown(key)} is below ${shown(least)} or behind it`,
  )
}
