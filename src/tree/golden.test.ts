import { describe, expect, it } from 'vitest'
import { byteStringOf, digestOf } from '../model/index.ts'
import { decodePage } from './decode-page.ts'
import { edit } from './edit.ts'
import { emptyTree } from './empty-tree.ts'
import { encodeFileEntry } from './file-entry.ts'
import golden from './golden.json' with { type: 'json' }
import { collect, contentOf, memoryPages, numbersFrom } from './memory-pages.fixture.ts'
import { type Entry, type TreeKind, valueAt } from './page.ts'
import { pagesOf } from './pages-of.ts'

/**
 * Trees whose bytes are fixed for ever (docs/format/tree.md, "Golden vectors"). A change that makes one of these fail
 * needs a new format version, not new vectors.
 */
describe('golden vectors', () => {
  for (const { name, kind, entries, root, page } of golden.small)
    it(`${name}: entries to page and back`, async () => {
      const pages = memoryPages()
      const pairs = entries.map(([key, value]) => ({ key: latin1(key!), value: Buffer.from(value!, 'hex') }))
      const result = await edit(pages, emptyTree(kind as TreeKind).digest, pairs)
      expect(result.root).toBe(root)
      expect(Buffer.from(pages.kept.get(result.root)!).toString('hex')).toBe(page)
      const read = decodePage(Buffer.from(page, 'hex'))
      if (!read.leaf) throw new Error('a small tree is one leaf')
      const found = read.keys.map((key, i) => [hex(Buffer.from(key, 'latin1')), hex(valueAt(read, i))])
      expect(found).toEqual(entries)
    })

  for (const { name, kind, count, root, rootPage, pages: named } of golden.generated)
    it(`${name}: the tree of the stated rule`, async () => {
      const pages = memoryPages()
      const result = await edit(pages, emptyTree(kind as TreeKind).digest, generated(count))
      expect(result.root).toBe(root)
      expect(hex(pages.kept.get(result.root)!)).toBe(rootPage)
      const places = await collect(pagesOf(pages, result.root))
      expect(places.map(({ digest, level }) => [level, pages.kept.get(digest)!.length, digest])).toEqual(
        named,
      )
      expect((await contentOf(pages, result.root)).size).toBe(count)
    })

  function generated(count: number): Entry[] {
    const next = numbersFrom(1)
    const entries: Entry[] = []
    for (let n = 0; n < count; n++) {
      const [a, b] = [next(), next()]
      const key = `pool/${(a >>> 28).toString(16)}/${a}_${n}.deb`
      entries.push({ key, value: encodeFileEntry({ sha256: digestOf(Buffer.from(key)), size: b }) })
    }
    return entries.sort((x, y) => (x.key < y.key ? -1 : 1))
  }

  function latin1(text: string): string {
    return byteStringOf(Buffer.from(text, 'hex'))
  }

  function hex(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString('hex')
  }
})
