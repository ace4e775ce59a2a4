import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf, isYardError, messageOf } from '../model/index.ts'
import { decodePage } from './decode-page.ts'
import { edit } from './edit.ts'
import { emptyTree } from './empty-tree.ts'
import { leaves } from './leaves.ts'
import { countOf, lookup } from './lookup.ts'
import { build, collect, memoryPages } from './memory-pages.fixture.ts'
import { appendEntry, appendRef, closePage, openPage } from './open-page.ts'
import { type Page, valueAt } from './page.ts'

const content = new Map(
  Array.from({ length: 200 }, (_, n) => [`pool/${n % 7}/name-${n}`, 'value'.repeat(n % 40)]),
)
const pages = memoryPages()
const root = await build('files', content, pages)
const rootBytes = pages.kept.get(root)!
const leafBytes = pages.kept.get(
  (decodePage(rootBytes) as Extract<Page, { leaf: false }>).children[0]!.digest,
)!

function encode(page: Page): Uint8Array {
  const open = openPage(page.kind, page.level)
  if (page.leaf) for (const [i, key] of page.keys.entries()) appendEntry(open, key, valueAt(page, i))
  else for (const child of page.children) appendRef(open, child)
  return closePage(open).page.bytes
}

describe('decoding a page', () => {
  it('takes what was encoded, and says what it is', () => {
    expect(decodePage(rootBytes)).toMatchObject({ kind: 'files', level: 1, count: 200 })
    expect(decodePage(emptyTree('packages').bytes)).toMatchObject({ kind: 'packages', level: 0, count: 0 })
  })

  it.each([
    ['nothing at all', []],
    ['another version', [2, 1, 0, 0]],
    ['an unknown kind', [1, 3, 0, 0]],
    ['a level above 63', [1, 1, 64, 0]],
    ['a count that is cut short', [1, 1, 0, 0x80]],
    ['a count in two bytes where one is enough', [1, 1, 0, 0x80, 0]],
    ['a count above 2^53 - 1', [1, 1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]],
    ['more entries than bytes', [1, 1, 0, 100, 0, 1, 0, 97]],
    ['fewer entries than bytes', [1, 1, 0, 1, 0, 1, 0, 97, 0, 1, 0, 98]],
    ['a byte behind an empty page', [1, 1, 0, 0, 0]],
    ['a value that is cut short', [1, 1, 0, 1, 0, 1, 2, 97, 0]],
    ['a key that is cut short', [1, 1, 0, 1, 0, 3, 0, 97]],
    ['a first key that shares a prefix', [1, 1, 0, 1, 1, 1, 0, 97]],
    ['a key that shares more than the one before has', [1, 1, 0, 2, 0, 1, 0, 97, 2, 1, 0, 98]],
    ['a key twice', [1, 1, 0, 2, 0, 1, 0, 97, 1, 0, 0]],
    ['a key before its predecessor', [1, 1, 0, 2, 0, 1, 0, 98, 0, 1, 0, 97]],
    ['a shared prefix that could be longer', [1, 1, 0, 2, 0, 1, 0, 97, 0, 2, 0, 97, 98]],
    ['an inner page without entries', [1, 1, 1, 0]],
    ['a child without entries', [1, 1, 1, 1, 0, 1, 0, 97, ...new Array(32).fill(7)]],
    ['a digest that is cut short', [1, 1, 1, 1, 0, 1, 1, 97, ...new Array(31).fill(7)]],
  ])('refuses %s', (_, bytes) => {
    const page = Uint8Array.from(bytes)
    expect(() => decodePage(page)).toThrow(expect.objectContaining({ code: 'damaged' }))
    expect(() => decodePage(page)).toThrow(digestOf(page))
  })

  it('takes a page only if encoding it again gives the same bytes, whatever was damaged', () => {
    const damages = fc.array(fc.tuple(fc.nat(4000), fc.nat(2), fc.nat(255)), { minLength: 1, maxLength: 3 })
    let refused = 0
    fc.assert(
      fc.property(fc.constantFrom(rootBytes, leafBytes), damages, fc.nat(9), (bytes, where, cut) => {
        const broken = damage(bytes, where, cut)
        try {
          expect(Buffer.compare(encode(decodePage(broken)), broken)).toBe(0)
        } catch (error) {
          if (!isYardError(error, 'damaged')) throw error
          refused++
        }
      }),
      { numRuns: 3000 },
    )
    expect(refused).toBeGreaterThan(500)
  })

  it('never fails but with `damaged`, on any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom([], [1, 1, 0], [1, 2, 1, 2]),
        (bytes, head) => {
          try {
            decodePage(Uint8Array.from([...head, ...bytes]))
          } catch (error) {
            if (!isYardError(error, 'damaged')) throw error
          }
        },
      ),
      { numRuns: 3000 },
    )
  })

  function damage(bytes: Uint8Array, where: [number, number, number][], cut: number): Uint8Array {
    const broken = [...bytes]
    for (const [at, how, byte] of where) {
      const place = at % broken.length
      if (how === 0) broken[place] = byte
      else broken.splice(place, how === 1 ? 1 : 0, ...(how === 1 ? [] : [byte]))
    }
    return Uint8Array.from(cut === 0 ? broken.slice(0, broken.length >> 1) : broken)
  }
})

describe('a tree whose pages are not what their parents say', () => {
  const leaf = (...keys: string[]) =>
    pageOf(
      0,
      keys.map(key => ({ key, digest: root, count: 1 })),
    )
  const a = leaf('a', 'b')
  const b = leaf('c', 'd')

  it.each([
    ['counts that lie', [{ ...a.ref, count: 3 }, b.ref]],
    ['last keys that lie', [{ ...a.ref, key: 'bb' }, b.ref]],
  ])('is refused by lookup, iteration and edit: %s', async (_, refs) => {
    await expectRefused(pageOf(1, refs))
  })

  it('is refused when a level is missing, or of another kind', async () => {
    await expectRefused(pageOf(2, [a.ref, b.ref]))
    await expectRefused(pageOf(1, [a.ref, b.ref], 'packages'))
  })

  it('is refused when a page is gone', async () => {
    const parent = pageOf(1, [{ ...a.ref, digest: root }, b.ref])
    await expect(lookup(storeOf(parent, b), parent.ref.digest, 'a')).rejects.toSatisfy(error =>
      isYardError(error, 'not-found'),
    )
  })

  it('is named in the message, with what to do', async () => {
    const parent = pageOf(1, [{ ...a.ref, count: 3 }, b.ref])
    const error = await lookup(storeOf(parent, a, b), parent.ref.digest, 'a').catch(error => error)
    expect(messageOf(error)).toContain(a.ref.digest)
    expect(error.hint).toContain('fsck')
  })

  async function expectRefused(parent: ReturnType<typeof pageOf>): Promise<void> {
    const store = storeOf(parent, a, b)
    const digest = parent.ref.digest
    const damaged = (error: unknown) => isYardError(error, 'damaged')
    expect(await countOf(store, digest)).toBeGreaterThan(3)
    await expect(lookup(store, digest, 'a')).rejects.toSatisfy(damaged)
    await expect(collect(leaves(store, digest))).rejects.toSatisfy(damaged)
    await expect(edit(store, digest, [{ key: 'a', value: undefined }])).rejects.toSatisfy(damaged)
  }

  function pageOf(
    level: number,
    refs: { key: string; digest: typeof root; count: number }[],
    kind: 'files' | 'packages' = 'files',
  ) {
    const open = openPage(kind, level)
    for (const ref of refs) {
      if (level === 0) appendEntry(open, ref.key, new Uint8Array())
      else appendRef(open, ref)
    }
    return closePage(open)
  }

  function storeOf(...built: ReturnType<typeof pageOf>[]) {
    const store = memoryPages()
    for (const { page } of built) store.kept.set(page.digest, page.bytes)
    return store
  }
})
