import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Digest, digestOf } from '../model/index.ts'
import { openMemoryStore } from '../store/index.ts'
import { cachedPages, edit, emptyTree, encodePackageKey, type PackageKey } from '../tree/index.ts'
import { changedKeys, keysNamed } from './package-keys.ts'

const trees = cachedPages(openMemoryStore().pages, 1024 * 1024)

async function treeOf(keys: PackageKey[], stanza = 'one'): Promise<Digest> {
  const edits = [...new Set(keys.map(encodePackageKey))]
    .sort()
    .map(key => ({ key, value: Buffer.from(stanza) }))
  return (await edit(trees, emptyTree('packages').digest, edits)).root
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of values) all.push(value)
  return all
}

const key: fc.Arbitrary<PackageKey> = fc.record({
  family: fc.constantFrom('deb', 'deb-src', 'rpm', 'rpm-filelists'),
  suite: fc.constantFrom('stable', ''),
  component: fc.constantFrom('main', 'contrib'),
  architecture: fc.constantFrom('amd64', 'arm64'),
  name: fc.constantFrom('a', 'ab', 'b', 'b+', 'c'),
  version: fc.constantFrom('1', '2'),
  digest: fc.constantFrom('x', 'y').map(text => digestOf(Buffer.from(text))),
})
const isPackage = ({ family }: PackageKey) => family !== 'rpm-filelists'
const sorted = (keys: PackageKey[]) => [...new Set(keys.map(encodePackageKey))].sort()

describe('the keys of packages trees', () => {
  it('are found by name, in every index, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(key), fc.subarray(['a', 'ab', 'b', 'b+', 'z']), async (keys, names) => {
        const found = await collect(keysNamed(trees, await treeOf(keys), new Set(names)))
        const expected = keys.filter(one => isPackage(one) && names.includes(one.name))
        expect(found.map(encodePackageKey).sort()).toEqual(sorted(expected))
      }),
      { numRuns: 60 },
    )
  })

  it('are found by so many names that all are read', async () => {
    const many = Array.from({ length: 6000 }, (_, i) => `p${i}`)
    const one = { family: 'deb', suite: 's', component: 'main', architecture: 'amd64', version: '1' }
    const keys = many.map(name => ({ ...one, name, digest: digestOf(Buffer.from(name)) }))
    const root = await treeOf(keys)
    expect(await collect(keysNamed(trees, root, new Set(many.slice(1))))).toHaveLength(5999)
    expect(await collect(keysNamed(trees, root, new Set(['p7'])))).toEqual([keys[7]])
  })

  it('came and went between two trees, whatever became of the stanzas of those that stayed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(key), fc.array(key), async (before, after) => {
        const changed = await collect(
          changedKeys(trees, await treeOf(before), await treeOf(after, 'another stanza')),
        )
        const [old, now] = [sorted(before.filter(isPackage)), sorted(after.filter(isPackage))]
        const found = (change: 'came' | 'went') =>
          changed
            .filter(one => one.change === change)
            .map(({ change: _, ...one }) => encodePackageKey(one))
            .sort()
        expect(found('came')).toEqual(now.filter(one => !old.includes(one)))
        expect(found('went')).toEqual(old.filter(one => !now.includes(one)))
      }),
      { numRuns: 60 },
    )
  })
})
