import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Digest, digestOf } from '../model/index.ts'
import { maximumPageBytes, type Pages } from './pages.ts'

/** A driver under test: empty at first, with a way to spoil a page that it keeps (given uncompressed). */
export interface PagesUnderTest {
  pages: Pages
  overwrite(digest: Digest, bytes: Uint8Array): Promise<void>
  remove(): Promise<void>
}

/** What every driver of Pages does. */
export function describePages(driver: string, open: () => Promise<PagesUnderTest>): void {
  describe(`pages in ${driver}`, () => {
    let under: PagesUnderTest
    let pages: Pages

    beforeEach(async () => {
      under = await open()
      pages = under.pages
    })
    afterEach(() => under.remove())

    const absent = digestOf(Buffer.from('nobody has written this'))

    it('gives back what was written, of any size', async () => {
      const written = [0, 1, 4096, 32_768, 500_000].map(size => page(size, size))
      await pages.write(written)
      for (const { digest, bytes } of written) {
        expect(await pages.has(digest)).toBe(true)
        expect(Buffer.from(await pages.read(digest)).equals(bytes)).toBe(true)
      }
    })

    it('counts what was really new', async () => {
      expect(await pages.write([])).toEqual({ pages: 0, storedBytes: 0 })
      const first = await pages.write([page(100, 1), page(100, 2), page(100, 1)])
      expect(first.pages).toBe(2)
      expect(first.storedBytes).toBeGreaterThan(0)
      const second = await pages.write([page(100, 1), page(100, 3)])
      expect(second.pages).toBe(1)
      expect(await pages.write([page(100, 2)])).toEqual({ pages: 0, storedBytes: 0 })
    })

    it('keeps batches of thousands, also of several callers at once', async () => {
      const batch = Array.from({ length: 600 }, (_, index) => page(300, index))
      await Promise.all([pages.write(batch), pages.write(batch), pages.write(batch.slice(0, 50))])
      for (const { digest, bytes } of batch)
        expect(Buffer.from(await pages.read(digest)).equals(bytes)).toBe(true)
      let listed = 0
      for await (const { storedSize, written } of pages.list()) {
        expect(storedSize).toBeGreaterThan(0)
        expect(Math.abs(Date.now() - written)).toBeLessThan(30_000)
        listed++
      }
      expect(listed).toBe(600)
    })

    it('says that a page is not here', async () => {
      expect(await pages.has(absent)).toBe(false)
      await expect(pages.read(absent)).rejects.toMatchObject({ code: 'not-found' })
    })

    it('finds damage', async () => {
      const written = page(4096, 1)
      await pages.write([written])
      await under.overwrite(written.digest, page(4096, 2).bytes)
      await expect(pages.read(written.digest)).rejects.toMatchObject({ code: 'damaged' })
    })

    it('keeps no page under a wrong name, and none that is too large', async () => {
      const right = page(100, 1)
      await expect(pages.write([right, { digest: absent, bytes: right.bytes }])).rejects.toMatchObject({
        code: 'internal',
      })
      await expect(pages.write([right, page(maximumPageBytes + 1, 0)])).rejects.toMatchObject({
        code: 'invalid',
      })
      expect(await pages.has(right.digest)).toBe(false)
    })

    it('forgets a removed page, also one that never was', async () => {
      const written = page(100, 1)
      await pages.write([written])
      await pages.remove(written.digest)
      await pages.remove(written.digest)
      await pages.remove(absent)
      expect(await pages.has(written.digest)).toBe(false)
      for await (const { digest } of pages.list()) expect(digest).toBe('not listed')
      expect((await pages.write([written])).pages).toBe(1)
    })
  })
}

function page(size: number, seed: number): { digest: Digest; bytes: Buffer } {
  const bytes = Buffer.alloc(size, `entry ${seed}\n`)
  return { digest: digestOf(bytes), bytes }
}
