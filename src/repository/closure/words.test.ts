import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWords, findWord, numberOf, recallWords, slotsOf } from './words.ts'

describe('words', () => {
  it('have the numbers that they had when they were taken up, recalled or not', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.array(fc.string()), (known, more) => {
        const words = createWords()
        for (const [i, text] of known.entries()) expect(numberOf(words, text)).toBe(i)
        const recalled = recallWords([...words.texts], slotsOf(words.texts))
        for (const text of more) expect(numberOf(recalled, text)).toBe(numberOf(words, text))
        for (const [i, text] of words.texts.entries()) expect(findWord(recalled, text)).toBe(i)
        expect(recalled.texts).toEqual(words.texts)
      }),
    )
  })

  it('whose hashes are alike are found all the same', () => {
    // One word of a thousand has the same last ten bits of its hash as the first one.
    const alike: string[] = []
    for (let i = 0; alike.length < 300; i++) if (low(`w${i}`) === low('w0')) alike.push(`w${i}`)
    expect(slotsOf(alike)).toHaveLength(0)
    const recalled = recallWords(alike, slotsOf(alike))
    for (const [i, text] of alike.entries()) expect(findWord(recalled, text)).toBe(i)
  })
})

/** The last bits of FNV-1a. */
function low(text: string): number {
  let hash = 0x811c9dc5
  for (const sign of text) hash = Math.imul(hash ^ sign.charCodeAt(0), 0x01000193)
  return (hash >>> 0) & 0x3ff
}
