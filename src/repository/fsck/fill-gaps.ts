import type { Digest } from '../../model/index.ts'
import type { Pages } from '../../store/index.ts'
import { type Entry, edit, emptyTree, type KeyRange, survey, type TreeKind } from '../../tree/index.ts'

/** Where the entries of a range may come from, in the order of their keys; none of them lies outside. */
export type Source = (range: KeyRange) => AsyncIterable<Entry>

/**
 * Builds a tree again whose pages cannot all be read: what can be read stays, `source` says what the gaps held. The root's
 * digest proves it before a page is written; where the tree would be another one, nothing is changed and the answer is false.
 */
export async function fillGaps(pages: Pages, root: Digest, kind: TreeKind, source: Source): Promise<boolean> {
  const gaps: Digest[] = []
  const empty = emptyTree(kind).digest
  const whole = (onGap: (digest: Digest) => void = () => {}) => [
    { from: '', to: undefined, entries: filled(pages, root, source, onGap) },
  ]
  const nowhere = { read: pages.read, write: async () => ({ pages: 0, storedBytes: 0 }) }
  const proof = await edit(
    nowhere,
    empty,
    whole(digest => void gaps.push(digest)),
  )
  if (proof.root !== root) return false
  // A page that is there is not written again, whatever its bytes are.
  for (const digest of gaps) await pages.remove(digest)
  await edit(pages, empty, whole())
  return true
}

async function* filled(
  pages: Pages,
  root: Digest,
  source: Source,
  onGap: (digest: Digest) => void,
): AsyncGenerator<Entry> {
  for await (const found of survey(pages, root)) {
    if (found.kind === 'page') {
      yield* found.entries
      continue
    }
    onGap(found.digest)
    yield* source(found.range)
  }
}

/** A source of entries that are in memory, sorted by key. */
export function sourceOfEntries(entries: Entry[]): Source {
  return async function* ({ from = '', to }) {
    for (const entry of entries) if (entry.key >= from && (to === undefined || entry.key < to)) yield entry
  }
}
