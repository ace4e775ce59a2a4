import { expect, it } from 'vitest'
import type { Digest, Name } from '../model/index.ts'
import { isTokenOf, makeToken, nameInToken } from './token.ts'

it('a token has a name and 32 random bytes, and is known by its digest alone', () => {
  const { token, digest } = makeToken('ci-1.x' as Name)
  expect(nameInToken(token)).toBe('ci-1.x')
  expect(Buffer.from(token.slice('swyd_ci-1.x_'.length), 'base64url')).toHaveLength(32)
  expect(isTokenOf(token, digest)).toBe(true)
  expect(digest).not.toContain(token)
  expect(makeToken('ci-1.x' as Name).token).not.toBe(token)
})

it('another text is another token, and so is the same secret under another name', () => {
  const { token, digest } = makeToken('ci' as Name)
  const flipped = `${token.slice(0, -2)}${token.at(-2) === 'A' ? 'B' : 'A'}${token.at(-1)}`
  expect(isTokenOf(flipped, digest)).toBe(false)
  expect(isTokenOf(token.replace('swyd_ci_', 'swyd_cd_'), digest)).toBe(false)
  expect(isTokenOf(token, 'f'.repeat(64) as Digest)).toBe(false)
  expect(isTokenOf('', digest)).toBe(false)
})

it.each([
  '',
  'swyd',
  'swyd_ci_short',
  `swyd_../x_${'A'.repeat(43)}`,
  `swyd_CI_${'A'.repeat(43)}`,
  `swyd_ci_${'A'.repeat(44)}`,
])('what is no token has no name: %j', text => {
  expect(nameInToken(text)).toBeUndefined()
})
