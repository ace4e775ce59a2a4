import { type ByteString, type Digest, YardError } from '../model/index.ts'
import { type LeafPage, type Page, type PageRef, type TreeKind, valueAt } from './page.ts'
import type { PageReader } from './page-store.ts'
import { readInOrder, readRoot } from './read-page.ts'

/** A key whose value differs: without `before` it is new, without `after` it is gone. */
export interface Change {
  key: ByteString
  before: Uint8Array | undefined
  after: Uint8Array | undefined
}

/**
 * What changes tree `a` into tree `b`, by ascending key. A page that both trees hold is left out unread, on every
 * level: cost and memory follow the change. Values are views of their page and must not be changed.
 * @throws YardError `internal` for trees of different kinds, `damaged` or `not-found` for a page that cannot be read.
 */
export async function* diff(pages: PageReader, a: Digest, b: Digest): AsyncGenerator<Change> {
  if (a === b) return
  const [before, after] = await Promise.all([readRoot(pages, a), readRoot(pages, b)])
  if (before.kind !== after.kind)
    throw new YardError('internal', `a ${before.kind} and a ${after.kind} tree have no difference`)
  const [left, right] = await differingLeaves(pages, frontOf(a, before), frontOf(b, after))
  yield* mergedChanges(walk(pages, left), walk(pages, right))
}

/** Pages of one level of a tree, in order. */
interface Front {
  kind: TreeKind
  level: number
  refs: PageRef[]
}

function frontOf(root: Digest, { kind, level, keys, count }: Page): Front {
  return { kind, level, refs: count === 0 ? [] : [{ key: keys.at(-1)!, digest: root, count }] }
}

/**
 * Goes down level by level, leaving out the pages that both sides hold. What one page holds is nowhere else in its
 * tree, so a page that both hold adds nothing to the difference, wherever it stands.
 */
async function differingLeaves(pages: PageReader, a: Front, b: Front): Promise<[Front, Front]> {
  while (a.level > 0 || b.level > 0) {
    const level = Math.max(a.level, b.level) - 1
    ;[a, b] = await Promise.all([descend(pages, a, level), descend(pages, b, level)])
    if (a.level === b.level) [a, b] = [without(a, b), without(b, a)]
  }
  return [a, b]
}

async function descend(pages: PageReader, front: Front, level: number): Promise<Front> {
  if (front.level <= level) return front
  const refs: PageRef[] = []
  for await (const page of readInOrder(pages, front.kind, front.level, front.refs))
    if (!page.leaf) refs.push(...page.children)
  return { kind: front.kind, level, refs }
}

function without(front: Front, other: Front): Front {
  const digests = new Set(other.refs.map(ref => ref.digest))
  return { ...front, refs: front.refs.filter(ref => !digests.has(ref.digest)) }
}

async function* mergedChanges(a: Walk, b: Walk): AsyncGenerator<Change> {
  for (;;) {
    if (a.at === a.keys.length) await nextLeaf(a)
    if (b.at === b.keys.length) await nextLeaf(b)
    const before = a.keys[a.at]
    const after = b.keys[b.at]
    if (before === undefined && after === undefined) return
    if (after === undefined || before! < after)
      yield { key: before!, before: valueAt(a.leaf!, a.at++), after: undefined }
    else if (before === undefined || after < before)
      yield { key: after, before: undefined, after: valueAt(b.leaf!, b.at++) }
    else {
      const change = { key: before, before: valueAt(a.leaf!, a.at++), after: valueAt(b.leaf!, b.at++) }
      if (Buffer.compare(change.before, change.after) !== 0) yield change
    }
  }
}

/** A place in a row of leaves; behind the last one there are no keys. */
interface Walk {
  leaf: LeafPage | undefined
  keys: ByteString[]
  at: number
  rest: AsyncGenerator<Page>
}

function walk(pages: PageReader, { kind, level, refs }: Front): Walk {
  return { leaf: undefined, keys: [], at: 0, rest: readInOrder(pages, kind, level, refs) }
}

async function nextLeaf(walk: Walk): Promise<void> {
  const { value: page } = await walk.rest.next()
  walk.leaf = page?.leaf ? page : undefined
  walk.keys = walk.leaf?.keys ?? []
  walk.at = 0
}
