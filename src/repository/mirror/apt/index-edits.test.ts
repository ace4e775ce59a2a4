import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PointEdit } from '../../../tree/index.ts'
import { entriesOfIndex, type IndexPlace } from '../../package-rows.ts'
import { digestFor } from '../../rows.fixture.ts'
import { type IndexEdits, indexEdits } from './index-edits.ts'

const place: IndexPlace = { family: 'deb', suite: 'stable', component: 'main', architecture: 'amd64' }

interface Package {
  name: string
  version: number
  note: number
}

function stanza({ name, version, note }: Package): string {
  return `Package: ${name}
Version: ${version}
Architecture: amd64
Size: 10
SHA256: ${digestFor(`${name} ${version}`)}
Filename: pool/${name}_${version}.deb
Description: ${'text '.repeat(note % 40)}${note}
`
}

function indexOf(packages: Package[]): Buffer {
  return Buffer.from(packages.map(entry => `${stanza(entry)}\n`).join(''))
}

function entriesIn(index: Buffer): Map<string, string> {
  return new Map(
    entriesOfIndex(index, place, 'Packages').map(({ key, value }) => [key, Buffer.from(value).toString()]),
  )
}

function applied(before: Buffer, edits: PointEdit[]): Map<string, string> {
  const entries = entriesIn(before)
  for (const { key, value } of edits)
    if (value === undefined) entries.delete(key)
    else entries.set(key, Buffer.from(value).toString())
  return entries
}

/** Cut into chunks, most of them shorter than a stanza. */
async function* chunksOf(bytes: Buffer, size = 97): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

function compared(before: Buffer, after: Buffer, size?: number): Promise<IndexEdits | undefined> {
  return indexEdits(chunksOf(before, size), chunksOf(after, size), place, 'Packages')
}

async function editsOf(before: Buffer, after: Buffer): Promise<PointEdit[]> {
  const told = await compared(before, after)
  expect(told).toBeDefined()
  return told!.edits
}

const packages = fc.uniqueArray(
  fc.record({
    name: fc
      .constantFrom('a', 'ab', 'b', 'libc6', 'libz', 'z')
      .chain(name => fc.nat(30).map(n => `${name}${n}`)),
    version: fc.integer({ min: 1, max: 3 }),
    note: fc.nat(90),
  }),
  { selector: ({ name, version }) => `${name} ${version}`, maxLength: 60, size: 'max' },
)

describe('the edits from one version of an index to the next', () => {
  it('make the entries of the one those of the other, whatever came, went, changed or moved', async () => {
    await fc.assert(
      fc.asyncProperty(packages, packages, fc.boolean(), async (one, two, sorted) => {
        const order = (list: Package[]) =>
          sorted ? list.toSorted((a, b) => (stanza(a) < stanza(b) ? -1 : 1)) : list
        const [before, after] = [indexOf(order(one)), indexOf(order(two))]
        const edits = await editsOf(before, after)
        expect(applied(before, edits)).toEqual(entriesIn(after))
        const keys = edits.map(({ key }) => key)
        expect(keys).toEqual([...new Set(keys)].sort())
      }),
      { numRuns: 300 },
    )
  })

  it('are only of what changed', async () => {
    const many = Array.from({ length: 2000 }, (_, n) => ({ name: `p${10_000 + n}`, version: 1, note: n }))
    const after = many
      .filter(({ note }) => note !== 700)
      .map(entry => (entry.note % 500 === 0 ? { ...entry, version: 2 } : entry))
    after.splice(1200, 0, { name: 'p11200a', version: 1, note: 5 })
    const edits = await editsOf(indexOf(many), indexOf(after))
    expect(edits.filter(({ value }) => value === undefined)).toHaveLength(5)
    expect(edits.filter(({ value }) => value !== undefined)).toHaveLength(5)
  })

  it('are none between equal indexes, and everything from or to an empty one', async () => {
    const index = indexOf([1, 2, 3].map(n => ({ name: `p${n}`, version: n, note: n })))
    expect(await editsOf(index, index)).toEqual([])
    expect(await editsOf(Buffer.alloc(0), index)).toHaveLength(3)
    expect((await editsOf(index, Buffer.alloc(0))).every(({ value }) => value === undefined)).toBe(true)
  })

  it('take a missing empty line at the end, and further empty lines', async () => {
    const index = indexOf([1, 2, 3].map(n => ({ name: `p${n}`, version: n, note: n })))
    const text = index.toString()
    for (const other of [
      text.slice(0, -1),
      text.slice(0, -2),
      `\n${text}\n\n`,
      text.replaceAll('\n\n', '\n\n\n\n'),
    ]) {
      const bytes = Buffer.from(other)
      expect(applied(index, await editsOf(index, bytes))).toEqual(entriesIn(bytes))
      expect(applied(bytes, await editsOf(bytes, index))).toEqual(entriesIn(index))
    }
  })

  it('are few where packages stand in no order and one comes, goes and moves', async () => {
    const many = Array.from({ length: 3000 }, (_, n) => ({
      name: `p${(n * 7919) % 3000}`,
      version: 1,
      note: n,
    }))
    const after = many.toSpliced(100, 1).toSpliced(2000, 0, { name: 'aaa', version: 1, note: 1 })
    after.splice(700, 1)
    after.splice(2500, 0, many[701]!)
    const edits = await editsOf(indexOf(many), indexOf(after))
    expect(applied(indexOf(many), edits)).toEqual(entriesIn(indexOf(after)))
    expect(edits).toHaveLength(3)
  })

  it('cannot be told where lines are empty but for carriage returns, nor where what went is not understood', async () => {
    const index = indexOf([{ name: 'p', version: 1, note: 1 }])
    const returns = Buffer.from('Package: a\n\r\nPackage: b\n')
    for (const size of [1, 3, 100]) expect(await compared(index, returns, size)).toBeUndefined()
    expect(await compared(Buffer.from('Package: a\n\n'), index)).toBeUndefined()
  })

  it('throw for what came and is not understood', async () => {
    await expect(compared(Buffer.alloc(0), Buffer.from('Package: a\n\n'))).rejects.toMatchObject({
      code: 'invalid',
    })
  })

  it('come with the number of stanzas, with or without an empty line at the end', async () => {
    await fc.assert(
      fc.asyncProperty(packages, packages, async (one, two) => {
        const [before, after] = [indexOf(one), indexOf(two)]
        expect((await compared(before, after))!.count).toBe(two.length)
        expect((await compared(before, after.subarray(0, -1)))!.count).toBe(two.length)
      }),
    )
  })

  it('come with a larger number of stanzas than there are entries, when a package stands there twice', async () => {
    const twice = indexOf([1, 2, 1].map(n => ({ name: `p${n}`, version: n, note: n })))
    expect((await compared(twice, twice))!.count).toBe(3)
    expect(entriesIn(twice).size).toBe(2)
  })
})
