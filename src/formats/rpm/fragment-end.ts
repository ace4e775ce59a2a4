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
   * then goes on, with the same element and more bytes behind it.
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
    for (;;) {
      const tag = bytes.indexOf(endTag, at)
      const hidden = special.next(bytes, at, tag)
      if (hidden >= 0) {
        at = endOfOpaque(bytes, hidden)
        if (at < 0) return wait(hidden, start)
      } else if (tag < 0) return wait(Math.max(at, bytes.length - endTag.length + 1), start)
      else {
        let end = tag + endTag.length
        while (isBlank(bytes[end])) end++
        if (end === bytes.length) return wait(tag, start)
        if (bytes[end] === greaterThan) return end + 1
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

/**
 * The first `<!` or `<?` from `at` on and before `end` (-1: before the last byte). One search for the rare second byte
 * serves many elements.
 */
function createSpecialFinder() {
  let searchedBytes: Buffer | undefined
  let next = -1

  /** The place of the next special byte whose `<` is not before `at`, or the length. */
  function search(bytes: Buffer, byte: number, at: number): number {
    for (let found = bytes.indexOf(byte, at + 1); found >= 0; found = bytes.indexOf(byte, found + 1))
      if (bytes[found - 1] === lessThan) return found - 1
    return bytes.length
  }

  return {
    next: (bytes: Buffer, at: number, end: number): number => {
      if (bytes !== searchedBytes || next < at) {
        searchedBytes = bytes
        next = Math.min(search(bytes, exclamation, at), search(bytes, question, at))
      }
      return next < (end < 0 ? bytes.length : end) ? next : -1
    },
  }
}
