import { describe, expect, it } from 'vitest'
import { type Digest, YardError } from '../model/index.ts'
import { cachedPages } from './cached-pages.ts'
import { edit } from './edit.ts'
import { emptyTree } from './empty-tree.ts'
import { lookup } from './lookup.ts'
import { build, collect, contentOf, memoryPages, sortedEntries } from './memory-pages.fixture.ts'
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
      ...pages,
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
        ...pages,
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

  it('are there unread for whoever wrote them', async () => {
    const pages = memoryPages()
    const cache = cachedPages(pages, 1_000_000)
    const { root } = await edit(cache, emptyTree('files').digest, sortedEntries(content))
    expect(await contentOf(cache, root)).toEqual(content)
    expect(pages.reads).toBe(0)
    expect(await contentOf(pages, root)).toEqual(content)
  })

  it('that could not be written are not there', async () => {
    const { pages, root } = await prepared()
    const bytes = pages.kept.get(root)!
    pages.kept.delete(root)
    const full = async () => {
      throw new YardError('no-space', 'full')
    }
    const cache = cachedPages({ ...pages, write: full }, 1_000_000)
    await expect(cache.write([{ digest: root, bytes }])).rejects.toThrow('full')
    await expect(lookup(cache, root, 'key 7')).rejects.toMatchObject({ code: 'not-found' })
  })

  async function prepared() {
    const pages = memoryPages()
    const root = await build('files', content, pages)
    pages.reads = 0
    return { pages, root }
  }
})
