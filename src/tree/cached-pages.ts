import type { Digest } from '../model/index.ts'
import { decodePage } from './decode-page.ts'
import type { Page } from './page.ts'
import type { PageReader } from './page-store.ts'
import type { TreeReader } from './read-page.ts'

/**
 * A reader in front of another one that keeps the pages used last, decoded, in about `maxBytes` of memory. Callers
 * that ask for a page while it is being read share the read.
 */
export function cachedPages(reader: PageReader, maxBytes: number): TreeReader {
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
    const page = decodePage(await reader.read(digest))
    const size = memoryOf(page)
    if (size > maxBytes) return page
    kept.set(digest, page)
    bytes += size
    for (const [oldest, page] of kept) {
      if (bytes <= maxBytes) break
      kept.delete(oldest)
      bytes -= memoryOf(page)
    }
    return page
  }

  return { page, read: async digest => (await page(digest)).bytes }
}

/** An estimate of what a decoded page takes, in bytes: its own, its keys as strings, and what holds them. */
function memoryOf(page: Page): number {
  const perEntry = page.leaf ? 32 : 200
  const keyLength = page.keys.length === 0 ? 0 : page.keys[0]!.length
  return 500 + page.bytes.length + page.keys.length * (perEntry + keyLength)
}
