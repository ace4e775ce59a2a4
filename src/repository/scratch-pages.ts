import type { Digest } from '../model/index.ts'
import type { Pages } from '../store/index.ts'

/** Pages over others that stay as they are: what is written is kept in memory, and gone with it. */
export function scratchPages(under: Pages): Pages {
  const written = new Map<Digest, Uint8Array>()
  return {
    read: async digest => written.get(digest) ?? under.read(digest),
    async write(pages) {
      for (const { digest, bytes } of pages) written.set(digest, bytes)
      return { pages: pages.length, storedBytes: 0 }
    },
    has: async digest => written.has(digest) || under.has(digest),
    list: () => under.list(),
    async remove(digest) {
      written.delete(digest)
    },
  }
}
