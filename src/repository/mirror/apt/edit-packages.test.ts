import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AptSnapshot, type Digest, digestOf } from '../../../model/index.ts'
import { openMemoryStore } from '../../../store/index.ts'
import { cachedPages, edit, emptyTree, encodeFileEntry, type NewPage } from '../../../tree/index.ts'
import type { SuiteReading } from '../../../upstream/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { digestFor } from '../../rows.fixture.ts'
import { editPackages } from './edit-packages.ts'

const path = 'dists/stable/main/binary-amd64/Packages'

/** A store, and what it takes to read one index of one suite from it. */
function openWorld() {
  const store = openMemoryStore()
  const context = {
    ...store,
    trees: cachedPages(store.pages, 1e6),
    onLost: () => {},
  } as unknown as RepositoryContext
  const wanted = {
    suites: ['stable'],
    // The index is in the store already.
    fetcher: { blob: async () => {} } as never,
    signal: new AbortController().signal,
  }

  async function readingOf(index: Buffer): Promise<SuiteReading> {
    const sha256 = await store.blobs.put(index)
    const variant = {
      path,
      stem: path,
      sha256,
      size: index.length,
      kind: 'packages',
      component: 'main',
      architecture: 'amd64',
    }
    return { suite: 'stable', release: {}, indexFiles: [variant] } as unknown as SuiteReading
  }

  return {
    context,
    /** The packages tree of an index, out of the snapshot that holds another one. */
    async treeOf(index: Buffer, previous?: AptSnapshot): Promise<Digest> {
      return (await editPackages(context, previous, [await readingOf(index)], wanted)).root
    },
    async snapshotOf(index: Buffer, packages: Digest): Promise<AptSnapshot> {
      const value = encodeFileEntry({ sha256: digestOf(index), size: index.length })
      const files = await edit(store.pages, emptyTree('files').digest, [{ key: path, value }])
      return { files: files.root, packages, suites: [{ suite: 'stable' }] } as unknown as AptSnapshot
    },
  }
}

const stanzas = fc
  .array(fc.tuple(fc.nat(5), fc.nat(1), fc.nat(1)), { maxLength: 12, size: 'max' })
  .map(list =>
    list.map(
      ([name, version, note]) => `Package: p${name}
Version: ${version}
Architecture: amd64
Size: 10
SHA256: ${digestFor(`${name} ${version}`)}
Filename: pool/p${name}_${version}.deb
Description: ${note}

`,
    ),
  )

describe('the packages tree of the next day', () => {
  it('is the one that reading the whole index would make, also where packages stand twice or in no order', async () => {
    await fc.assert(
      fc.asyncProperty(stanzas, stanzas, async (one, two) => {
        const { treeOf, snapshotOf } = openWorld()
        const [before, after] = [Buffer.from(one.join('')), Buffer.from(two.join(''))]
        const previous = await snapshotOf(before, await treeOf(before))
        expect(await treeOf(after, previous)).toBe(await treeOf(after))
      }),
      { numRuns: 400 },
    )
  })

  it('writes only the pages that changed', async () => {
    const { context, treeOf, snapshotOf } = openWorld()
    const many = Array.from({ length: 4000 }, (_, n) =>
      Buffer.from(
        `Package: p${10_000 + n}\nVersion: 1\nArchitecture: amd64\nSize: 1\nSHA256: ${digestFor(`${n}`)}\nFilename: pool/${n}.deb\n\n`,
      ),
    )
    const before = Buffer.concat(many)
    const previous = await snapshotOf(before, await treeOf(before))
    const { pages } = context
    let written = 0
    const counting = {
      ...pages,
      write: (batch: NewPage[]) => {
        written += batch.length
        return pages.write(batch)
      },
    }
    Object.assign(context, { pages: counting, trees: cachedPages(counting, 1e6) })
    await treeOf(Buffer.concat(many.toSpliced(2000, 1)), previous)
    expect(written).toBeGreaterThan(0)
    expect(written).toBeLessThan(8)
  })
})
