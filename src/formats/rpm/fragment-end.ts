import { isBlank } from './blanks.ts'

const greaterThan = 62
const lessThan = 60
const doubleQuote = 34
const singleQuote = 39
const exclamation = 33
const question = 63
const slash = 47

/** A tag is searched for its end only so far. The few that are longer have elements within, so that it does not matter. */
const maxTagBytes = 1 << 16

/** Where the tag ends that begins at `start`: behind its first `>` outside of quotes; -1 when that is not there yet. */
export function endOfTag(bytes: Buffer, start: number): number {
  const limit = start + maxTagBytes
  let quote = 0
  for (let at = start; at < bytes.length; at++) {
    if (at === limit) return limit
    const byte = bytes[at]!
    if (quote !== 0) quote = byte === quote ? 0 : quote
    else if (byte === doubleQuote || byte === singleQuote) quote = byte
    else if (byte === greaterThan) return at + 1
  }
  return -1
}

/** Finds where elements of one name end, elements that do not nest and may arrive in pieces. */
export interface EndFinder {
  /**
   * Behind the end tag of the element whose start tag begins at `start`; -1 when it is not there yet: the next call
   * then goes on, with the same element and more bytes behind it. An end tag of absurd length is cut: whoever reads the
   * element refuses it.
   */
  find(bytes: Buffer, start: number): number
}

/** What looks like an end tag in a comment, in CDATA or in a processing instruction is none. */
const opaque = [
  { begin: Buffer.from('<!--'), end: '-->' },
  { begin: Buffer.from('<![CDATA['), end: ']]>' },
  { begin: Buffer.from('<?'), end: '?>' },
]
const longestBegin = 9

export function createEndFinder(element: string): EndFinder {
  const endTag = Buffer.from(`</${element}`)
  const special = createSpecialFinder()
  /** How much of the element has been searched, in bytes. */
  let searched = 0

  function find(bytes: Buffer, start: number): number {
    let at = start + searched
    if (searched === 0) {
      at = endOfTag(bytes, start)
      if (at < 0) return -1
      if (bytes[at - 2] === slash) return at
    }
    const end = findFrom(bytes, at, start)
    if (end >= 0) searched = 0
    return end
  }

  function findFrom(bytes: Buffer, from: number, start: number): number {
    let at = from
    let tag = bytes.indexOf(endTag, at)
    for (;;) {
      if (tag >= 0 && tag < at) tag = bytes.indexOf(endTag, at)
      const hidden = special.next(bytes, at)
      if (hidden < (tag < 0 ? bytes.length : tag)) {
        at = endOfOpaque(bytes, hidden)
        if (at < 0) return wait(hidden, start)
      } else if (tag < 0) return wait(Math.max(at, bytes.length - endTag.length + 1), start)
      else {
        let end = tag + endTag.length
        while (isBlank(bytes[end]) && end - tag < maxTagBytes) end++
        if (end === bytes.length) return wait(tag, start)
        if (bytes[end] === greaterThan) return end + 1
        if (end - tag >= maxTagBytes) return end
        at = end
      }
    }
  }

  function wait(at: number, start: number): number {
    searched = at - start
    return -1
  }

  return { find }
}

/** Behind a comment, CDATA or processing instruction; behind its `<` for anything else; -1 when more bytes are needed. */
function endOfOpaque(bytes: Buffer, start: number): number {
  const kind = opaque.find(({ begin }) => bytes.subarray(start, start + begin.length).equals(begin))
  if (kind === undefined) return bytes.length - start < longestBegin ? -1 : start + 1
  const end = bytes.indexOf(kind.end, start + kind.begin.length)
  return end < 0 ? -1 : end + kind.end.length
}

/** Finds the first `<!` or `<?` from a place on. Both are rare, and found once for all elements that stand before them. */
function createSpecialFinder() {
  let searched: Buffer | undefined
  let declaration = -1
  let instruction = -1

  function next(bytes: Buffer, at: number): number {
    const isNew = bytes !== searched
    searched = bytes
    if (isNew || declaration < at) declaration = search(bytes, exclamation, at)
    if (isNew || instruction < at) instruction = search(bytes, question, at)
    return Math.min(declaration, instruction)
  }

  return { next }
}

/** The place of the first `<` from `at` on that this byte follows; the length when there is none. */
function search(bytes: Buffer, byte: number, at: number): number {
  for (let found = bytes.indexOf(byte, at + 1); found >= 0; found = bytes.indexOf(byte, found + 1))
    if (bytes[found - 1] === lessThan) return found - 1
  return bytes.length
}
