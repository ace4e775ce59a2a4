import type { ByteString } from '../../model/index.ts'

/** Texts by numbers from 0 on, each once. */
export interface Words {
  texts: ByteString[]
  numbers: Map<ByteString, number>
}

export function createWords(texts: ByteString[] = []): Words {
  const numbers = new Map<ByteString, number>()
  for (let i = 0; i < texts.length; i++) numbers.set(texts[i]!, i)
  return { texts, numbers }
}

/** The number of a text, which is taken up if it is new. */
export function numberOf({ texts, numbers }: Words, text: ByteString): number {
  const known = numbers.get(text)
  if (known !== undefined) return known
  numbers.set(text, texts.length)
  return texts.push(text) - 1
}
