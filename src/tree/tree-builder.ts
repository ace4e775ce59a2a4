import type { ByteString } from '../model/index.ts'
import { appendEntry, appendRef, closePage, type OpenPage, openPage } from './open-page.ts'
import type { PageRef, TreeKind } from './page.ts'
import type { NewPage } from './page-store.ts'

/**
 * Builds a tree from its entries in ascending order, holding one open page a level. Wherever no page is open up to
 * some level, a whole page of that level from another tree can stand for its entries: boundaries depend only on what
 * the page holds, so building from the entries would give the same page.
 */
export interface TreeBuilder {
  addEntry(key: ByteString, value: Uint8Array): void
  /** Takes over a page of that level as it is. Allowed only when `aligned(level)`, and for a page that ended by the rule, not because its tree did. */
  addPage(level: number, ref: PageRef): void
  /** No page is open on this level or below. */
  aligned(level: number): boolean
  /** Ends the tree and gives its root. */
  finish(): PageRef
}

/** A builder that hands each finished page to `emit`, children before their parents. */
export function treeBuilder(kind: TreeKind, emit: (page: NewPage) => void): TreeBuilder {
  const levels: OpenPage[] = [openPage(kind, 0)]
  /** The page of each level that was added last. */
  const newest: PageRef[] = []

  function addPage(level: number, ref: PageRef): void {
    const parent = openAt(level + 1)
    newest[level] = ref
    if (appendRef(parent, ref)) close(parent)
  }

  function openAt(level: number): OpenPage {
    while (levels.length <= level) levels.push(openPage(kind, levels.length))
    return levels[level]!
  }

  function close(open: OpenPage): void {
    addPage(open.level, emitClosed(open))
  }

  function emitClosed(open: OpenPage): PageRef {
    const { ref, page } = closePage(open)
    emit(page)
    return ref
  }

  /** A level exists only above one that gave a page: the highest gave none yet, and is the top unless it has a single child. */
  function finish(): PageRef {
    for (let level = 0; level < levels.length - 1; level++)
      if (levels[level]!.length > 0) close(levels[level]!)
    const top = levels.at(-1)!
    if (top.level > 0 && top.length === 1) return newest[top.level - 1]!
    return emitClosed(top)
  }

  return {
    addEntry: (key, value) => {
      if (appendEntry(levels[0]!, key, value)) close(levels[0]!)
    },
    addPage,
    aligned: level => levels.every(open => open.level > level || open.length === 0),
    finish,
  }
}
