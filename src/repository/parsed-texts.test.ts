import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createParsedTexts } from './parsed-texts.ts'

it('what is kept is found by its very text, until newer ones have taken its room', () => {
  const texts = createParsedTexts(10)
  texts.keep('four', 4)
  texts.keep('sixsix', 6)
  expect([texts.find('four'), texts.find('sixsix')]).toEqual([4, 6])
  texts.keep('x', 1)
  expect([texts.find('four'), texts.find('sixsix'), texts.find('x')]).toEqual([undefined, 6, 1])
})

it('a text that is too large for all of the room takes none of it', () => {
  const texts = createParsedTexts(10)
  texts.keep('four', 4)
  texts.keep('elevenchars', 11)
  expect([texts.find('four'), texts.find('elevenchars')]).toEqual([4, undefined])
})

it('never more than its room is held, in whatever order texts come', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 12 })), given => {
      const texts = createParsedTexts(20)
      for (const text of given) texts.keep(text, true)
      const held = [...new Set(given)].filter(text => texts.find(text))
      expect(held.reduce((sum, text) => sum + text.length, 0)).toBeLessThanOrEqual(20)
    }),
  )
})
