import fc from 'fast-check'
import { expect, it } from 'vitest'
import { digestOf } from '../../../model/index.ts'
import type { IndexFile } from '../../../upstream/index.ts'
import { directoriesOf, isPatch } from './metadata-files.ts'

const fileAt = (path: string): IndexFile => ({
  path,
  sha256: digestOf(Buffer.from(path)),
  sha512: undefined,
  size: 0,
  kind: 'other',
  stem: path,
  component: '',
  architecture: '',
})
const path = fc
  .array(fc.constantFrom('a', 'b', 'a.diff', 'Index'), { minLength: 1, maxLength: 4 })
  .map(parts => parts.join('/'))

it('a patch is what lies in the directory of a patch index, or below it', () => {
  fc.assert(
    fc.property(path, fc.array(path), (file, indexes) => {
      const begins = indexes.some(index => file.startsWith(index.slice(0, index.lastIndexOf('/') + 1)))
      expect(isPatch(fileAt(file), directoriesOf(indexes.map(fileAt)))).toBe(begins)
    }),
    { numRuns: 2000 },
  )
})

it('a Release that names 100,000 files and as many patch indexes is looked through at once', () => {
  const files = Array.from({ length: 100_000 }, (_, i) => fileAt(`main/binary-amd64/file-${i}`))
  const indexes = directoriesOf(files.map(({ path }) => fileAt(`${path}.diff/Index`)))
  expect(files.filter(file => isPatch(file, indexes))).toEqual([])
})
