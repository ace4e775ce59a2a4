import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteString, byteStringOf, bytesOf, type Digest, isYardError } from '../model/index.ts'
import { decodePage } from './decode-page.ts'
import {
  type Change,
  children,
  countOf,
  diff,
  type Edit,
  edit,
  emptyTree,
  entries,
  entriesOfPage,
  leaves,
  lookup,
  pagesOf,
  prefixRange,
} from './index.ts'
import {
  build,
  collect,
  contentOf,
  type MemoryPages,
  memoryPages,
  numbersFrom,
  sortedEntries,
} from './memory-pages.fixture.ts'
import type { InnerPage } from './page.ts'

type Content = Map<ByteString, string>

/** Paths with shared prefixes, a name that is also a directory, and bytes from 0x00 to 0xff. */
function keyOf(n: number): ByteString {
  const parts = ['pool', 'dists', 'a', 'a-b', 'é\xff', 'p\0q']
  const depth = n % 4
  let key = parts[n % parts.length]!
  for (let i = 0; i < depth; i++) key += `/${parts[(n >> i) % parts.length]}`
  return n % 3 === 0 ? key : `${key}/${n}`
}

/** Sizes well spread, so that a few hundred entries make three levels; now and then one above the hard maximum. */
function bytesFor(n: number): string {
  return String.fromCharCode(n % 256).repeat(n % 97 === 0 ? 20_000 : n % 800)
}

const contents = fc
  .array(fc.tuple(fc.nat(2000), fc.nat(3000)), { maxLength: 250, size: 'max' })
  .map(pairs => new Map(pairs.map(([key, value]) => [keyOf(key), bytesFor(value)])))
const edits = fc
  .array(fc.tuple(fc.nat(2000), fc.option(fc.nat(3000))), { maxLength: 40, size: 'max' })
  .map(
    pairs => new Map(pairs.map(([key, value]) => [keyOf(key), value === null ? undefined : bytesFor(value)])),
  )
const keys = fc.nat(2000).map(keyOf)
const runs = { numRuns: 60 }

function pointEdits(changes: Map<ByteString, string | undefined>): Edit[] {
  return [...changes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, value: value === undefined ? undefined : bytesOf(value) }))
}

function edited(content: Content, changes: Map<ByteString, string | undefined>): Content {
  const result = new Map(content)
  for (const [key, value] of changes) {
    if (value === undefined) result.delete(key)
    else result.set(key, value)
  }
  return result
}

function within(content: Content, from: ByteString, to: ByteString | undefined): ByteString[] {
  return [...content.keys()]
    .filter(key => key >= from && (to === undefined || key < to))
    .sort((a, b) => (a < b ? -1 : 1))
}

describe('a tree', () => {
  it('gives back what was put in, in order', async () => {
    await fc.assert(
      fc.asyncProperty(contents, fc.constantFrom('files', 'packages'), async (content, kind) => {
        const pages = memoryPages()
        const root = await build(kind, content, pages)
        expect([...(await contentOf(pages, root)).keys()]).toEqual(within(content, '', undefined))
        expect(await contentOf(pages, root)).toEqual(content)
        expect(await countOf(pages, root)).toBe(content.size)
      }),
      runs,
    )
  })

  it('has the digest of its content, whatever edits led to it', async () => {
    await fc.assert(
      fc.asyncProperty(contents, fc.array(edits, { maxLength: 4 }), async (start, steps) => {
        const pages = memoryPages()
        let content = start
        let root = await build('files', start, pages)
        for (const changes of steps) {
          content = edited(content, changes)
          const result = await edit(pages, root, pointEdits(changes))
          expect(result.count).toBe(content.size)
          root = result.root
        }
        expect(root).toBe(await build('files', content))
      }),
      runs,
    )
  })

  it('has the digest of its content, in whatever order entries came one by one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...Array(60).keys()]), async order => {
        const pages = memoryPages()
        let root = emptyTree('files').digest
        for (const n of order)
          root = (await edit(pages, root, [{ key: keyOf(n), value: bytesOf(bytesFor(n * 31)) }])).root
        expect(root).toBe(await build('files', new Map(order.map(n => [keyOf(n), bytesFor(n * 31)]))))
      }),
      { numRuns: 20 },
    )
  })

  it('replaces a range as deletions and insertions would, together with edits around it', async () => {
    await fc.assert(
      fc.asyncProperty(
        contents,
        contents,
        edits,
        keys,
        fc.option(keys, { nil: undefined }),
        async (old, other, around, a, b) => {
          const [from, to] = b !== undefined && b < a ? [b, a] : [a, b]
          const pages = memoryPages()
          const fresh = new Map(within(other, from, to).map(key => [key, other.get(key)!]))
          const outside = new Map(
            [...around].filter(([key]) => key < from || (to !== undefined && key >= to)),
          )
          const points = pointEdits(outside)
          const before = points.filter(point => 'key' in point && point.key < from)
          const range = { from, to, entries: sortedEntries(fresh) }
          const { root } = await edit(pages, await build('files', old, pages), [
            ...before,
            range,
            ...points.slice(before.length),
          ])
          const kept = new Map([...old].filter(([key]) => key < from || (to !== undefined && key >= to)))
          expect(root).toBe(await build('files', new Map([...edited(kept, outside), ...fresh])))
        },
      ),
      runs,
    )
  })

  it('takes edits and ranges that arrive asynchronously, and consumes each before it asks for the next', async () => {
    const pages = memoryPages()
    const order: string[] = []
    async function* arriving(): AsyncGenerator<Edit> {
      order.push('first')
      yield { from: 'a', to: 'b', entries: one('a1') }
      order.push('second')
      yield { from: 'b', to: undefined, entries: one('b1') }
    }
    async function* one(key: string) {
      order.push(key)
      yield { key, value: bytesOf(key) }
    }
    const { root } = await edit(pages, emptyTree('files').digest, arriving())
    expect(await contentOf(pages, root)).toEqual(
      new Map([
        ['a1', 'a1'],
        ['b1', 'b1'],
      ]),
    )
    expect(order).toEqual(['first', 'a1', 'second', 'b1'])
  })

  it('answers look-ups as a map does', async () => {
    await fc.assert(
      fc.asyncProperty(contents, fc.array(keys, { maxLength: 30 }), async (content, asked) => {
        const pages = memoryPages()
        const root = await build('packages', content, pages)
        for (const key of [...asked, ...[...content.keys()].slice(0, 20)]) {
          const value = await lookup(pages, root, key)
          expect(value && byteStringOf(value)).toBe(content.get(key))
        }
      }),
      runs,
    )
  })

  it('iterates over ranges and prefixes as a filter does, in batches that are never empty', async () => {
    await fc.assert(
      fc.asyncProperty(contents, keys, fc.option(keys, { nil: undefined }), async (content, from, to) => {
        const pages = memoryPages()
        const root = await build('files', content, pages)
        const batches = await collect(leaves(pages, root, { from, to }))
        expect(batches.every(batch => batch.length > 0)).toBe(true)
        expect(batches.flat().map(entry => entry.key)).toEqual(within(content, from, to))
        const prefix = from.slice(0, 5)
        const found = await collect(entries(pages, root, prefixRange(prefix)))
        expect(found.map(entry => entry.key)).toEqual(
          within(content, '', undefined).filter(key => key.startsWith(prefix)),
        )
      }),
      runs,
    )
  })

  it('lists a directory as a naive listing does', async () => {
    await fc.assert(
      fc.asyncProperty(
        contents,
        fc.constantFrom('', 'pool', 'a', 'a/pool', 'é\xff', 'none'),
        async (content, directory) => {
          const pages = memoryPages()
          const root = await build('files', content, pages)
          const prefix = directory === '' ? '' : `${directory}/`
          const below = within(content, '', undefined).filter(key => key.startsWith(prefix))
          const naive = new Set(below.map(key => key.slice(prefix.length).replace(/\/.*/s, '/')))
          const listed = await collect(children(pages, root, directory))
          expect(listed.map(child => child.name + (child.directory ? '/' : ''))).toEqual([...naive])
          for (const child of listed)
            if (!child.directory) expect(byteStringOf(child.value)).toBe(content.get(prefix + child.name))
        },
      ),
      runs,
    )
  })

  it('lists a directory of many descendants by a few seeks', async () => {
    const pages = memoryPages()
    const names = Array.from(
      { length: 20_000 },
      (_, n) => [`pool/${String(n % 20).padStart(2, '0')}/${n}`, 'x'.repeat(40)] as const,
    )
    const root = await build('files', new Map(names), pages)
    pages.reads = 0
    expect(await collect(children(pages, root, 'pool'))).toHaveLength(20)
    expect(pages.reads).toBeLessThan(20 * 4)
  })
})

describe('the range of a prefix', () => {
  it.each([
    ['a', 'a', 'b'],
    ['a\xff', 'a\xff', 'b'],
    ['a\xfe', 'a\xfe', 'a\xff'],
    ['a\xff\xff', 'a\xff\xff', 'b'],
    ['\xff', '\xff', undefined],
    ['', '', undefined],
  ])('of %j begins with it and ends before the least key without it', (prefix, from, to) => {
    expect(prefixRange(prefix)).toEqual({ from, to })
  })
})

describe('the difference of two trees', () => {
  it('is empty for equal trees, and applied to the first gives the second', async () => {
    await fc.assert(
      fc.asyncProperty(contents, fc.oneof(contents, edits), async (first, other) => {
        const pages = memoryPages()
        const second = edited(first, other)
        const a = await build('files', first, pages)
        const b = await build('files', second, pages)
        const changes = await collect(diff(pages, a, b))
        const { root } = await edit(
          pages,
          a,
          changes.map(({ key, after }) => ({ key, value: after })),
        )
        expect(root).toBe(b)
        expect(changes.every(change => isTrue(change, first, second))).toBe(true)
        const back = await edit(
          pages,
          b,
          changes.map(({ key, before }) => ({ key, value: before })),
        )
        expect(back.root).toBe(a)
      }),
      runs,
    )
  })

  it('of trees of different heights, and of entirely different trees, is right', async () => {
    await fc.assert(
      fc.asyncProperty(contents, contents, fc.nat(10), async (first, second, few) => {
        const pages = memoryPages()
        const small = new Map([...second].slice(0, few))
        const a = await build('files', first, pages)
        const b = await build('files', small, pages)
        const changes = await collect(diff(pages, a, b))
        const { root } = await edit(
          pages,
          a,
          changes.map(({ key, after }) => ({ key, value: after })),
        )
        expect(root).toBe(b)
        expect(changes.length).toBe(
          new Set([...first.keys(), ...small.keys()].filter(key => first.get(key) !== small.get(key))).size,
        )
      }),
      runs,
    )
  })

  it('of a tree of one page and a tree several levels higher is right', async () => {
    const pages = memoryPages()
    const many = new Map(
      Array.from({ length: 20_000 }, (_, n) => [`pool/${n}`, `content of ${n}`.repeat(5)] as const),
    )
    const few = new Map([...many].slice(500, 510))
    const a = await build('files', many, pages)
    const b = await build('files', few, pages)
    expect(
      decodePage(await pages.read(a)).level - decodePage(await pages.read(b)).level,
    ).toBeGreaterThanOrEqual(2)
    expect(await collect(diff(pages, a, b))).toHaveLength(many.size - few.size)
    expect(await collect(diff(pages, b, a))).toHaveLength(many.size - few.size)
  })

  it('refuses trees of different kinds', async () => {
    const pages = memoryPages()
    await expect(
      collect(diff(pages, emptyTree('files').digest, emptyTree('packages').digest)),
    ).rejects.toSatisfy(error => isYardError(error, 'internal'))
  })

  function isTrue({ key, before, after }: Change, first: Content, second: Content): boolean {
    return (
      (before && byteStringOf(before)) === first.get(key) &&
      (after && byteStringOf(after)) === second.get(key)
    )
  }
})

describe('the cost of a change', () => {
  const size = 20_000
  const content: Content = new Map(
    Array.from({ length: size }, (_, n) => [
      `pool/main/p/p${Math.floor(n / 7)}/p${Math.floor(n / 7)}-${n}_1.${n % 13}_amd64.deb`,
      'v'.repeat(39),
    ]),
  )

  it('is its own page and the pages above it, seldom one or two more', async () => {
    const { pages, root, names } = await prepared()
    const next = numbersFrom(7)
    const rewritten: number[] = []
    for (let run = 0; run < 400; run++) {
      const key = names[next() % size]!
      const changes = [
        { key, value: undefined },
        { key: key.replace('_1.', '_2.'), value: bytesOf('w'.repeat(39)) },
      ]
      rewritten.push(await newLeaves(pages, root, changes))
    }
    expect(rewritten.reduce((sum, count) => sum + count, 0) / rewritten.length).toBeLessThan(1.5)
    // A run of moved boundaries ends at the first entry where both ways of cutting agree: longer ones are ever rarer.
    expect(Math.max(...rewritten)).toBeLessThan(12)
  })

  it('reads what it rewrites and its way there, not the tree', async () => {
    const { pages, root, names } = await prepared()
    const all = (await collect(pagesOf(pages, root))).length
    pages.reads = 0
    const result = await edit(pages, root, [{ key: names[size / 2]!, value: bytesOf('new') }])
    expect(all).toBeGreaterThan(300)
    expect(result.newPages).toBeLessThan(12)
    expect(pages.reads).toBeLessThan(20)
  })

  it('of comparing is the pages that differ', async () => {
    const { pages, root, names } = await prepared()
    const { root: other } = await edit(pages, root, [{ key: names[size / 2]!, value: bytesOf('new') }])
    pages.reads = 0
    expect(await collect(diff(pages, root, other))).toHaveLength(1)
    expect(pages.reads).toBeLessThan(30)
  })

  it('of an edit that changes nothing is no new page', async () => {
    const { pages, root, names } = await prepared()
    const value = bytesOf('v'.repeat(39))
    const result = await edit(pages, root, [
      { key: 'absent', value: undefined },
      { key: names[5]!, value },
    ])
    expect(result).toEqual({ root, count: size, newPages: 0, newPageBytes: 0 })
  })

  it('of dropping a wide range is its edges: what lies inside is not read', async () => {
    const { pages, root, names } = await prepared()
    pages.reads = 0
    const [from, to] = [names[100]!, names[size - 100]!]
    const result = await edit(pages, root, [{ from, to, entries: [] }])
    expect(result.count).toBe(200)
    expect(pages.reads).toBeLessThan(30)
  })

  it('is bounded in memory: pages are written in batches while the tree is being built', async () => {
    const pages = memoryPages()
    const batches: number[] = []
    const { write } = pages
    pages.write = batch => {
      batches.push(batch.length)
      return write(batch)
    }
    await build('files', content, pages)
    expect(batches.length).toBeGreaterThan(1)
    expect(Math.max(...batches)).toBeLessThanOrEqual(300)
  })

  async function prepared() {
    const pages = memoryPages()
    const root = await build('files', content, pages)
    return { pages, root, names: sortedEntries(content).map(entry => entry.key) }
  }

  /** Leaves that an edit adds, not counting them for later edits. */
  async function newLeaves(pages: MemoryPages, root: Digest, changes: Edit[]): Promise<number> {
    const fresh: Uint8Array[] = []
    const write = async (batch: { bytes: Uint8Array; digest: Digest }[]) => {
      for (const page of batch) if (!pages.kept.has(page.digest)) fresh.push(page.bytes)
      return pages.write(batch)
    }
    await edit({ read: pages.read, write }, root, changes)
    return fresh.filter(bytes => bytes[2] === 0).length
  }
})

describe('an edit', () => {
  it.each([
    [
      'points out of order',
      [
        { key: 'b', value: bytesOf('') },
        { key: 'a', value: bytesOf('') },
      ],
    ],
    [
      'the same point twice',
      [
        { key: 'b', value: undefined },
        { key: 'b', value: bytesOf('') },
      ],
    ],
    [
      'overlapping ranges',
      [
        { from: 'a', to: 'c', entries: [] },
        { from: 'b', to: 'd', entries: [] },
      ],
    ],
    ['a range backwards', [{ from: 'b', to: 'a', entries: [] }]],
    ['an entry before its range', [{ from: 'b', to: 'c', entries: [{ key: 'a', value: bytesOf('') }] }]],
    ['an entry behind its range', [{ from: 'b', to: 'c', entries: [{ key: 'c', value: bytesOf('') }] }]],
    [
      'entries of a range out of order',
      [
        {
          from: 'b',
          to: undefined,
          entries: [
            { key: 'd', value: bytesOf('') },
            { key: 'c', value: bytesOf('') },
          ],
        },
      ],
    ],
  ] as [string, Edit[]][])('refuses %s', async (_, wrong) => {
    await expect(edit(memoryPages(), emptyTree('files').digest, wrong)).rejects.toSatisfy(error =>
      isYardError(error, 'internal'),
    )
  })

  it.each([
    ['a key that is too long', { key: 'k'.repeat(16_384), value: bytesOf('') }],
    ['a key that is text', { key: 'łódź', value: bytesOf('') }],
    ['a value that is too large', { key: 'k', value: Buffer.alloc(16_777_217) }],
  ])('refuses %s', async (_, wrong) => {
    await expect(edit(memoryPages(), emptyTree('files').digest, [wrong])).rejects.toSatisfy(error =>
      isYardError(error, 'invalid'),
    )
  })

  it('fails as its writer fails, and leaves nothing running', async () => {
    const pages = memoryPages()
    pages.write = async () => {
      throw new Error('disk full')
    }
    await expect(edit(pages, emptyTree('files').digest, [{ key: 'k', value: bytesOf('v') }])).rejects.toThrow(
      'disk full',
    )
  })

  it("ends the caller's iteration when it fails", async () => {
    let ended = false
    function* wrong(): Generator<Edit> {
      try {
        yield { key: 'b', value: bytesOf('') }
        yield { key: 'a', value: bytesOf('') }
      } finally {
        ended = true
      }
    }
    await expect(edit(memoryPages(), emptyTree('files').digest, wrong())).rejects.toThrow()
    expect(ended).toBe(true)
  })

  it('holds keys as long as a key may be: inner pages take two at least, so that every level is smaller', async () => {
    const pages = memoryPages()
    const content: Content = new Map(Array.from({ length: 9 }, (_, n) => [`${n}`.padEnd(16_383, 'k'), 'v']))
    const root = await build('files', content, pages)
    expect(await contentOf(pages, root)).toEqual(content)
  })

  it('leaves the root in its one form when all but the last branch goes', async () => {
    // A last inner page with a single child is legal; as the topmost page it must give way to the child.
    const { pages, root, content } = await treeWithLonelyLeaf()
    const top = decodePage(pages.kept.get(root)!) as InnerPage
    const last = top.children.at(-2)!.key
    const { root: rest } = await edit(pages, root, [{ from: '', to: `${last}\0`, entries: [] }])
    expect(rest).toBe(await build('files', new Map([...content].filter(([key]) => key > last))))
    expect(decodePage(pages.kept.get(rest)!).leaf).toBe(true)
  })

  it('writes no page that the tree does not have', async () => {
    const pages = memoryPages()
    const root = await build('files', new Map([['a page of its own', 'x'.repeat(20_000)]]), pages)
    expect([...pages.kept.keys()]).toEqual([root])
  })

  /** A tree of three levels whose last page of level 1 has one child: entries are appended until one comes about. */
  async function treeWithLonelyLeaf() {
    const pages = memoryPages()
    const content: Content = new Map(
      Array.from({ length: 1600 }, (_, n) => [`${n + 10_000}`.repeat(9), 'v'.repeat(30)]),
    )
    let root = await build('files', content, pages)
    for (;;) {
      const top = decodePage(pages.kept.get(root)!)
      const last = top.leaf ? top : decodePage(pages.kept.get(top.children.at(-1)!.digest)!)
      if (top.level === 2 && !last.leaf && last.children.length === 1) return { pages, root, content }
      const key = `${content.size + 10_000}`.repeat(9)
      content.set(key, 'v')
      root = (await edit(pages, root, [{ key, value: bytesOf('v') }])).root
    }
  }

  it('down to nothing is the empty tree, kept like any other page', async () => {
    const pages = memoryPages()
    const root = await build(
      'files',
      new Map(Array.from({ length: 300 }, (_, n) => [`k${n}`, bytesFor(n * 17)])),
      pages,
    )
    const result = await edit(pages, root, [{ from: '', to: undefined, entries: [] }])
    expect(result.root).toBe(emptyTree('files').digest)
    expect(pages.kept.has(result.root)).toBe(true)
  })
})

describe('the pages of a tree', () => {
  it('give each entry once, leaf by leaf', async () => {
    const pages = memoryPages()
    const content: Content = new Map(Array.from({ length: 300 }, (_, n) => [`k${n}`, 'v'.repeat(60)]))
    const found: ByteString[] = []
    for await (const { digest } of pagesOf(pages, await build('files', content, pages)))
      found.push(...(await entriesOfPage(pages, digest)).map(entry => entry.key))
    expect(found).toEqual(within(content, '', undefined))
  })

  it('are all that a copy needs, each after the pages beneath it', async () => {
    await fc.assert(
      fc.asyncProperty(contents, async content => {
        const pages = memoryPages()
        const root = await build('files', content, pages)
        const copy = memoryPages()
        for await (const { digest } of pagesOf(pages, root)) {
          const bytes = pages.kept.get(digest)!
          await copy.write([{ digest, bytes }])
          expect(await contentOf(copy, digest)).toBeDefined()
        }
        expect(await contentOf(copy, root)).toEqual(content)
        expect(copy.kept).toEqual(pages.kept)
      }),
      { numRuns: 15 },
    )
  })

  it('leave out what was seen, with all that lies beneath', async () => {
    const pages = memoryPages()
    const content: Content = new Map(Array.from({ length: 3000 }, (_, n) => [`k${n}`, 'v'.repeat(60)]))
    const old = await build('files', content, pages)
    const { root } = await edit(pages, old, [{ key: 'k7', value: bytesOf('new') }])
    const seen = new Set((await collect(pagesOf(pages, old))).map(page => page.digest))
    pages.reads = 0
    const fresh = await collect(pagesOf(pages, root, digest => seen.has(digest)))
    expect(fresh.length).toBeLessThan(8)
    expect(fresh.some(page => seen.has(page.digest))).toBe(false)
    expect(pages.reads).toBeLessThan(4)
    expect(await collect(pagesOf(pages, root, digest => digest === root))).toEqual([])
  })
})
