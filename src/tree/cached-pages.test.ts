import { describe, expect, it } from 'vitest'
import { type Digest, YardError } from '../model/index.ts'
import { cachedPages } from './cached-pages.ts'
import { lookup } from './lookup.ts'
import { build, collect, contentOf, memoryPages } from './memory-pages.fixture.ts'
import { pagesOf } from './pages-of.ts'

const content = new Map(Array.from({ length: 2000 }, (_, n) => [`key ${n}`, 'v'.repeat(60)]))

describe('cached pages', () => {
  it('are read once and answer as the reader behind them', async () => {
    const { pages, root } = await prepared()
    const cache = cachedPages(pages, 1_000_000)
    for (let round = 0; round < 2; round++) expect(await contentOf(cache, root)).toEqual(content)
    expect(pages.reads).toBe((await collect(pagesOf(cache, root))).length)
    expect(await cache.read(root)).toBe(pages.kept.get(root))
  })

  it('share the read of a page that several callers want at once', async () => {
    const { pages, root } = await prepared()
    const cache = cachedPages(pages, 1_000_000)
    await Promise.all(Array.from({ length: 20 }, () => lookup(cache, root, 'key 7')))
    expect(pages.reads).toBe(2)
  })

  it('give way, the one used longest ago first, when they take more than they may', async () => {
    const { pages, root } = await prepared()
    const asked: Digest[] = []
    const counting = {
      read: (digest: Digest) => {
        asked.push(digest)
        return pages.read(digest)
      },
    }
    const cache = cachedPages(counting, 40_000)
    await lookup(cache, root, 'key 0')
    const usedAlways = [...asked]
    for (let n = 0; n < 2000; n += 10) {
      await lookup(cache, root, `key ${n}`)
      await lookup(cache, root, 'key 0')
    }
    expect(asked.length).toBeGreaterThan(new Set(asked).size)
    for (const digest of usedAlways) expect(asked.filter(other => other === digest)).toHaveLength(1)
  })

  it('are not kept when larger than the whole cache, nor when they could not be read', async () => {
    const { pages, root } = await prepared()
    const none = cachedPages(pages, 0)
    await lookup(none, root, 'key 7')
    await lookup(none, root, 'key 7')
    expect(pages.reads).toBe(4)
    let broken = true
    const cache = cachedPages(
      {
        read: async digest => {
          if (broken) throw new YardError('unavailable', 'gone for a moment')
          return pages.read(digest)
        },
      },
      1_000_000,
    )
    await expect(lookup(cache, root, 'key 7')).rejects.toThrow('gone for a moment')
    broken = false
    expect(await lookup(cache, root, 'key 7')).toBeDefined()
  })

  async function prepared() {
    const pages = memoryPages()
    const root = await build('files', content, pages)
    pages.reads = 0
    return { pages, root }
  }
})
