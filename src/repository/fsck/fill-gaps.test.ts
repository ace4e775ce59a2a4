import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Digest, YardError } from '../../model/index.ts'
import { openMemoryStore, type Pages } from '../../store/index.ts'
import { type Entry, edit, emptyTree, pagesOf, type TreeKind } from '../../tree/index.ts'
import { fillGaps, sourceOfEntries } from './fill-gaps.ts'

/** How many entries of how many bytes. */
const sizes = { files: { count: 3000, bytes: 300 }, packages: { count: 1000, bytes: 6000 } }

/** A tree of three levels. */
async function treeOf(kind: TreeKind) {
  const pages = openMemoryStore().pages
  const entries: Entry[] = Array.from({ length: sizes[kind].count }, (_, n) => ({
    key: `${n}`.padStart(6, '0'),
    value: Buffer.alloc(sizes[kind].bytes, n),
  }))
  const { root } = await edit(pages, emptyTree(kind).digest, entries)
  const all: Digest[] = []
  let levels = 0
  for await (const { digest, level } of pagesOf(pages, root)) {
    all.push(digest)
    levels = Math.max(levels, level + 1)
  }
  expect(levels).toBe(3)
  return { pages, entries, root, all }
}

/** The pages that can be read, which proves their bytes. */
async function readable(pages: Pages, digests: Digest[]): Promise<Digest[]> {
  const found: Digest[] = []
  for (const digest of digests)
    await pages.read(digest).then(
      () => found.push(digest),
      () => {},
    )
  return found
}

/** The same pages, of which some are there with other bytes than their name says: they are not written over. */
function spoil(pages: Pages, which: Set<Digest>): Pages {
  return {
    ...pages,
    async read(digest) {
      if (which.has(digest)) throw new YardError('damaged', `the page ${digest} has other bytes`)
      return pages.read(digest)
    },
    write: fresh => pages.write(fresh.filter(({ digest }) => !which.has(digest))),
    async remove(digest) {
      which.delete(digest)
      await pages.remove(digest)
    },
  }
}

describe.each<TreeKind>(['files', 'packages'])('a tree of %s', kind => {
  it('is the same again, whichever pages are gone or damaged', async () => {
    const { pages, entries, root, all } = await treeOf(kind)
    const some = fc.uniqueArray(fc.oneof(fc.constant(all.length - 1), fc.nat(all.length - 1)), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(some, some, async (gone, spoilt) => {
        for (const i of gone) await pages.remove(all[i]!)
        const kept = spoil(pages, new Set(spoilt.map(i => all[i]!)))
        // A page beneath one that is gone shows only once that one is back.
        for (let tries = 0; tries < 3; tries++)
          expect(await fillGaps(kept, root, kind, sourceOfEntries(entries))).toBe(true)
        expect(await readable(kept, all)).toEqual(all)
      }),
      { numRuns: 20 },
    )
  })

  it('is left as it is when the source has other entries', async () => {
    const { pages, entries, root, all } = await treeOf(kind)
    await pages.remove(all[0]!)
    const others = entries.map((entry, i) => (i === 1 ? { ...entry, value: Buffer.from('other') } : entry))
    expect(await fillGaps(pages, root, kind, sourceOfEntries(others))).toBe(false)
    expect(await readable(pages, all)).toEqual(all.slice(1))
  })
})
