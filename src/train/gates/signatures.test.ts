import { describe, expect, it } from 'vitest'
import type { Name } from '../../model/index.ts'
import { judgeSignatures, type Vouched } from './signatures.ts'

const vouched = (repository: string, of: string, anchors: Vouched['anchors']): Vouched => ({
  repository: repository as Name,
  snapshot: `${of}@20261121T070000Z`,
  anchors,
})
const usual = ['keys', 'packages', 'metalink'] as const

describe('signatures', () => {
  it.each<[string, Vouched[], readonly ('keys' | 'packages' | 'metalink' | 'trusted')[], boolean]>([
    ['named keys', [vouched('a', 'a', ['keys'])], usual, true],
    ['a metalink', [vouched('a', 'a', ['metalink'])], usual, true],
    ['a metalink, where only keys are accepted', [vouched('a', 'a', ['metalink'])], ['keys'], false],
    ['nobody', [vouched('a', 'a', ['trusted'])], usual, false],
    ['nobody, where that is accepted', [vouched('a', 'a', ['trusted'])], [...usual, 'trusted'], true],
    ['one suite of two', [vouched('a', 'a', ['keys', 'trusted'])], usual, false],
    [
      'our keys, over what nobody vouches for',
      [vouched('a', 'a', ['keys']), vouched('a', 'b', ['trusted'])],
      usual,
      false,
    ],
    ['what was removed', [vouched('a', 'a', ['keys']), vouched('a', 'b', undefined)], usual, false],
  ])('%s', (_, all, accepted, passed) => {
    expect(judgeSignatures(all, accepted).passed).toBe(passed)
  })

  it('name what is vouched for by nobody, and of what it is a part', () => {
    const judged = judgeSignatures(
      [vouched('a', 'a', ['keys']), vouched('a', 'b', ['trusted']), vouched('c', 'c', ['trusted'])],
      usual,
    )
    expect(judged.findings).toEqual([
      'b@20261121T070000Z, of which a is made, is vouched for by nobody (`trusted: true`)',
      'c@20261121T070000Z is vouched for by nobody (`trusted: true`)',
    ])
    expect(judged.inputs).toMatchObject({ anchors: { 'b@20261121T070000Z': ['trusted'] } })
  })
})
