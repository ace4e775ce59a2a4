import type { Digest } from '../model/index.ts'
import { closePage, openPage } from './open-page.ts'
import type { TreeKind } from './page.ts'
import type { NewPage } from './page-store.ts'

const emptyPages = { files: emptyPage('files'), packages: emptyPage('packages') }

/** The tree without entries: its one page. Reading it needs no store. */
export function emptyTree(kind: TreeKind): NewPage {
  return emptyPages[kind]
}

/** The page of an empty tree of either kind, when the digest is its. */
export function emptyPageOf(digest: Digest): Uint8Array | undefined {
  return Object.values(emptyPages).find(page => page.digest === digest)?.bytes
}

function emptyPage(kind: TreeKind): NewPage {
  return closePage(openPage(kind, 0)).page
}
