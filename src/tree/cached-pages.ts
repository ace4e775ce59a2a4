import type { Digest } from '../model/index.ts'
import { decodePage } from './decode-page.ts'
import type { Page } from './page.ts'
import type { NewPage, PageStore } from './page-store.ts'
import type { TreeStore } from './read-page.ts'

/**
 * A store in front of another one that keeps the pages read or written last, decoded, in about `maxBytes` of memory.
 * Callers that ask for a page while it is being read share the read.
 */
export function cachedPages(store: PageStore, maxBytes: number): TreeStore {
  const kept = new Map<Digest, Page>()
  const beingRead = new Map<Digest, Promise<Page>>()
  let bytes = 0

  function page(digest: Digest): Page | Promise<Page> {
    const found = kept.get(digest)
    if (found === undefined) return beingRead.get(digest) ?? load(digest)
    kept.delete(digest)
    kept.set(digest, found)
    return found
  }

  function load(digest: Digest): Promise<Page> {
    const reading = readAndKeep(digest).finally(() => beingRead.delete(digest))
    beingRead.set(digest, reading)
    return reading
  }

  async function readAndKeep(digest: Digest): Promise<Page> {
    const page = decodePage(await store.read(digest))
    keep(digest, page)
    return page
  }

  /** Whoever made a tree looks at its new pages next: to tell what changed, to count, to serve it. */
  async function write(pages: NewPage[]): ReturnType<PageStore['write']> {
    const written = await store.write(pages)
    for (const { digest, bytes } of pages) keep(digest, decodePage(bytes))
    return written
  }

  function keep(digest: Digest, page: Page): void {
    const size = memoryOf(page)
    if (size > maxBytes || kept.has(digest)) return
    kept.set(digest, page)
    bytes += size
    for (const [oldest, page] of kept) {
      if (bytes <= maxBytes) break
      kept.delete(oldest)
      bytes -= memoryOf(page)
    }
  }

  return { page, write, read: async digest => (await page(digest)).bytes }
}

/** An estimate of what a decoded page takes, in bytes: its own, its keys as strings, and what holds them. */
function memoryOf(page: Page): number {
  const perEntry = page.leaf ? 32 : 200
  const keyLength = page.keys.length === 0 ? 0 : page.keys[0]!.length
  return 500 + page.bytes.length + page.keys.length * (perEntry + keyLength)
}
