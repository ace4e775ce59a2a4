import { describe, expect, it } from 'vitest'
import { covers, coversSome, parseRight, type Right, rightNames } from './right.ts'

describe('a right', () => {
  it('is a word, or a word and what it is for', () => {
    for (const text of [...rightNames, 'promote:web', 'promote:web/production', 'sync:debian-12.base'])
      expect(parseRight(text)).toBe(text)
  })

  it.each([
    '',
    'promot',
    'promote:',
    'promote:web/production/x',
    'promote:web/',
    'promote:Web',
    'promote:*',
    'promote:web:x',
    'admin:web',
    'token:web',
    ':web',
    'sync debian',
  ])('is refused when it is none: %j', text => {
    expect(() => parseRight(text)).toThrow(expect.objectContaining({ code: 'usage' }))
  })

  const cases: [owned: Right[], asked: Right, answer: boolean][] = [
    [['promote'], 'promote:web/production', true],
    [['promote:web'], 'promote:web/production', true],
    [['promote:web'], 'promote:web', true],
    [['promote:web/production'], 'promote:web/production', true],
    [['promote:web/staging', 'promote:web/production'], 'promote:web/production', true],
    [['promote:web/staging'], 'promote:web/production', false],
    [['promote:we'], 'promote:web/production', false],
    [['promote:web/prod'], 'promote:web/production', false],
    [['promote:web/production'], 'promote:web', false],
    [['promote:web/production'], 'promote', false],
    [['rollback'], 'promote:web/production', false],
    [['admin'], 'promote:web/production', true],
    [['admin'], 'token', true],
    [['token'], 'admin', false],
    [[], 'sync', false],
  ]
  it.each(cases)('%j has %s: %s', (owned, asked, answer) => {
    expect(covers(owned, asked)).toBe(answer)
  })

  it('is held of something when any of it is', () => {
    expect(coversSome(['promote:web/staging'], 'promote')).toBe(true)
    expect(coversSome(['admin'], 'promote')).toBe(true)
    expect(coversSome(['rollback'], 'promote')).toBe(false)
  })
})
