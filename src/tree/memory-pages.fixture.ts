import { type ByteString, byteStringOf, bytesOf, type Digest, YardError } from '../model/index.ts'
import { edit } from './edit.ts'
import { emptyTree } from './empty-tree.ts'
import { entries } from './leaves.ts'
import type { Entry, TreeKind } from './page.ts'
import type { PageReader, PageStore } from './page-store.ts'

/** Pages in memory, counting what is asked of them. */
export interface MemoryPages extends PageStore {
  kept: Map<Digest, Uint8Array>
  reads: number
}

export function memoryPages(): MemoryPages {
  const kept = new Map<Digest, Uint8Array>()
  const store: MemoryPages = {
    kept,
    reads: 0,
    read: async digest => {
      store.reads++
      const bytes = kept.get(digest)
      if (bytes === undefined) throw new YardError('not-found', `no page ${digest}`)
      return bytes
    },
    write: async pages => {
      const fresh = pages.filter(page => !kept.has(page.digest))
      for (const page of fresh) kept.set(page.digest, page.bytes)
      return { pages: fresh.length, storedBytes: fresh.reduce((sum, page) => sum + page.bytes.length, 0) }
    },
  }
  return store
}

/** Everything a tree holds. */
export async function contentOf(pages: PageReader, root: Digest): Promise<Map<ByteString, string>> {
  const content = new Map<ByteString, string>()
  for await (const { key, value } of entries(pages, root)) content.set(key, byteStringOf(value))
  return content
}

/** The tree made in one go out of a map, in a store of its own unless one is given. */
export async function build(
  kind: TreeKind,
  content: Map<ByteString, string>,
  pages = memoryPages(),
): Promise<Digest> {
  const { root } = await edit(pages, emptyTree(kind).digest, sortedEntries(content))
  return root
}

export function sortedEntries(content: Map<ByteString, string>): Entry[] {
  const keys = [...content.keys()].sort((a, b) => (a < b ? -1 : 1))
  return keys.map(key => ({ key, value: bytesOf(content.get(key)!) }))
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** A stream of unsigned 32-bit integers that is the same at every run (docs/format/tree.md, "Golden vectors"). */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state
  }
}
