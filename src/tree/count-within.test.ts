import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cachedPages, countWithin } from './index.ts'
import { build, memoryPages } from './memory-pages.fixture.ts'

function numbered(n: number): string {
  return `${n}`.padStart(5, '0')
}

const content = new Map(Array.from({ length: 3000 }, (_, n) => [numbered(n), 'x'.repeat(n % 300)]))

describe('the number of entries in a range', () => {
  it('is right for every range', async () => {
    const pages = memoryPages()
    const root = await build('files', content, pages)
    const bound = fc.option(fc.nat(3200).map(numbered), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(bound, bound, async (from, to) => {
        const keys = [...content.keys()].filter(key => key >= (from ?? '') && (to === undefined || key < to))
        expect(await countWithin(cachedPages(pages, 1e6), root, { from, to })).toBe(keys.length)
      }),
    )
  })

  it('costs the pages at its ends', async () => {
    const pages = memoryPages()
    const root = await build('files', content, pages)
    pages.reads = 0
    expect(await countWithin(pages, root, { from: numbered(10), to: numbered(2990) })).toBe(2980)
    expect(pages.reads).toBeLessThan(10)
    expect(pages.kept.size).toBeGreaterThan(50)
  })
})
