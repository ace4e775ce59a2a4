import { describe, expect, it } from 'vitest'
import type { FileEntry } from '../model/index.ts'
import { type FileSurroundings, metadataEdits, packageFileEdits, sortedEdits } from './file-edits.ts'
import { digestFor, rowFor } from './rows.fixture.ts'

const nothingAround: FileSurroundings = { current: async () => undefined, stillNamed: async () => [] }
const entry = (text: string): FileEntry => ({ sha256: digestFor(text), size: 1 })

describe('edits of package files', () => {
  it('set what came and remove what went', async () => {
    const edits = await packageFileEdits(
      { removed: [rowFor('a', '1')], added: [rowFor('a', '2')] },
      nothingAround,
      'debian',
    )
    expect([...edits.keys()]).toEqual(['pool/a_2_amd64.deb', 'pool/a_1_amd64.deb'])
    expect(edits.get('pool/a_1_amd64.deb')).toBeUndefined()
  })

  it('keep a path that a package of another index still names', async () => {
    const went = rowFor('a', '1')
    const edits = await packageFileEdits(
      { removed: [went], added: [] },
      { ...nothingAround, stillNamed: async () => [went.files[0]!.entry] },
      'debian',
    )
    expect(edits.size).toBe(0)
  })

  it('replace the bytes of a re-issued path', async () => {
    const old = rowFor('a', '1', { bytes: 'x' })
    const fresh = rowFor('a', '1', { bytes: 'y' })
    const around: FileSurroundings = {
      current: async () => old.files[0]!.entry,
      stillNamed: async () => [fresh.files[0]!.entry],
    }
    const edits = await packageFileEdits({ removed: [old], added: [fresh] }, around, 'debian')
    expect([...edits]).toEqual([['pool/a_1_amd64.deb', fresh.files[0]!.entry]])
  })

  it('refuse two live packages that name one path with different bytes', async () => {
    const rows = {
      removed: [],
      added: [rowFor('a', '1', { bytes: 'x' }), rowFor('a', '1', { bytes: 'y', suite: 'other' })],
    }
    await expect(packageFileEdits(rows, nothingAround, 'debian')).rejects.toThrow(
      /debian: two packages name pool\/a_1_amd64.deb with different bytes/,
    )
  })

  it('refuse bytes that differ from those of a package that stays', async () => {
    const around: FileSurroundings = { ...nothingAround, current: async () => entry('other bytes') }
    await expect(
      packageFileEdits({ removed: [], added: [rowFor('a', '1')] }, around, 'debian'),
    ).rejects.toThrow(/two packages name/)
  })
})

describe('edits of metadata files', () => {
  it('remove what is wanted no more, and come out sorted by the bytes of the path', () => {
    const edits = sortedEdits(
      metadataEdits(['dists/s/old', 'dists/s/kept'], new Map([['dists/s/kept', entry('k')]])),
      new Map([['dists/a', entry('a')]]),
    )
    expect(edits.map(({ path, entry }) => [path, entry !== undefined])).toEqual([
      ['dists/a', true],
      ['dists/s/kept', true],
      ['dists/s/old', false],
    ])
  })
})
