import type { ByteString } from '../../model/index.ts'

/** Texts by numbers from 0 on, each once. */
export interface Words {
  texts: ByteString[]
  /** Finds the texts that were recalled, without a Map of all of them: see `slotsOf`. Empty: nothing was. */
  slots: Int32Array
  /** The other ones. */
  added: Map<ByteString, number>
}

export function createWords(): Words {
  return { texts: [], slots: new Int32Array(0), added: new Map() }
}

/** `slots`: what `slotsOf` gave for just these texts. */
export function recallWords(texts: ByteString[], slots: Int32Array): Words {
  return { texts, slots, added: slots.length > 0 ? new Map() : new Map(texts.map((text, i) => [text, i])) }
}

export function findWord({ texts, slots, added }: Words, text: ByteString): number | undefined {
  if (slots.length > 0)
    for (let at = hashOf(text) & (slots.length - 1); slots[at] !== 0; at = (at + 1) & (slots.length - 1))
      if (texts[slots[at]! - 1] === text) return slots[at]! - 1
  return added.get(text)
}

/** The number of a text, which is taken up if it is new. */
export function numberOf(words: Words, text: ByteString): number {
  const known = findWord(words, text)
  if (known !== undefined) return known
  words.added.set(text, words.texts.length)
  return words.texts.push(text) - 1
}

/**
 * A hash table as numbers: in the slot of a text's hash, or the next one that is free, stands the text's number + 1. Empty for
 * texts that somebody chose so that their hashes are alike: a Map serves those.
 */
export function slotsOf(texts: readonly ByteString[]): Int32Array {
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * texts.length + 1)))
  let steps = 10 * texts.length
  for (let i = 0; i < texts.length; i++) {
    let at = hashOf(texts[i]!) & (slots.length - 1)
    for (; slots[at] !== 0; steps--) at = (at + 1) & (slots.length - 1)
    if (steps < 0) return new Int32Array(0)
    slots[at] = i + 1
  }
  return slots
}

/** FNV-1a. */
function hashOf(text: ByteString): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
