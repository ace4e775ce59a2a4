import { expect, it } from 'vitest'
import { digestFor } from '../rows.fixture.ts'
import { movedPath, originalPath } from './moved-paths.ts'

it('a moved path stays in its directory, names its bytes, and can be taken back', () => {
  const digest = digestFor('x')
  expect(movedPath('pool/a/a_1.deb', digest)).toBe(`pool/a/by-digest/${digest}/a_1.deb`)
  expect(originalPath(movedPath('pool/a/a_1.deb', digest))).toBe('pool/a/a_1.deb')
  expect(originalPath(movedPath('a_1.deb', digest))).toBe('a_1.deb')
  expect(originalPath('pool/a/a_1.deb')).toBeUndefined()
})
