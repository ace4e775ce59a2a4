import { describe, expect, it } from 'vitest'
import type { Name } from '../../model/index.ts'
import { judgeComplete } from './complete.ts'

const counted = (repository: string, total: number, missing: number) => ({
  repository: repository as Name,
  snapshot: `${repository}@20261121T070000Z`,
  total,
  missing,
})

describe('a release is complete', () => {
  it('when nothing is missing, and the number is told', () => {
    expect(judgeComplete('local', [counted('a', 10, 0), counted('b', 5, 0)])).toMatchObject({
      passed: true,
      summary: 'all 15 files are here',
      inputs: { total: 15, missing: 0 },
    })
  })

  it('or is not, with what is missing of which snapshot, and how it comes here', () => {
    expect(judgeComplete('local', [counted('a', 10, 3), counted('b', 5, 0)])).toEqual({
      passed: false,
      summary: '3 of 15 files are not here',
      findings: ['a@20261121T070000Z: 3 of 10 files are not here'],
      remedy: 'switchyard fetch a@20261121T070000Z',
      inputs: { total: 15, missing: 3 },
    })
  })

  it('as far as can be, where that is enough', () => {
    expect(judgeComplete('fetchable', [counted('a', 10, 0)])).toMatchObject({
      passed: true,
      summary: 'none of 10 files is lost upstream',
    })
    expect(judgeComplete('fetchable', [counted('a', 10, 1)])).toMatchObject({
      passed: false,
      remedy: expect.stringContaining('fallback'),
    })
  })
})
