import { type Digest, digestOf, YardError } from '../../model/index.ts'
import { checkPage } from '../check-page.ts'
import type { Pages } from '../pages.ts'

/** Pages that live as long as the process, uncompressed. `kept` is open to tests that want to damage it. */
export function createMemoryPages(
  kept: Map<Digest, { bytes: Buffer; written: number }> = new Map(),
  now: () => number = Date.now,
): Pages {
  return {
    async read(digest) {
      const page = kept.get(digest)
      if (page === undefined) throw new YardError('not-found', `there is no page ${digest}`)
      if (digestOf(page.bytes) !== digest)
        throw new YardError('damaged', `the page ${digest} has other bytes than its name says`)
      return page.bytes
    },
    async write(pages) {
      for (const page of pages) checkPage(page)
      const fresh = new Map(
        pages.filter(page => !kept.has(page.digest)).map(page => [page.digest, page.bytes]),
      )
      let storedBytes = 0
      for (const { digest, bytes } of pages)
        kept.set(digest, { bytes: kept.get(digest)?.bytes ?? Buffer.from(bytes), written: now() })
      for (const bytes of fresh.values()) storedBytes += bytes.length
      return { pages: fresh.size, storedBytes }
    },
    has: async digest => kept.has(digest),
    async *list() {
      for (const [digest, { bytes, written }] of [...kept])
        yield { digest, storedSize: bytes.length, written }
    },
    async remove(digest) {
      kept.delete(digest)
    },
  }
}
