import type { ByteString } from '../model/index.ts'

/** Keys from `from` on and below `to`; without a bound, to that end of the tree. */
export interface KeyRange {
  from?: ByteString | undefined
  to?: ByteString | undefined
}

/** Greater than every byte string, whose characters end at U+00FF. */
export const afterAllKeys = '\u0100'

/** The keys that begin with the prefix. */
export function prefixRange(prefix: ByteString): { from: ByteString; to: ByteString | undefined } {
  let end = prefix.length
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xff) end--
  if (end === 0) return { from: prefix, to: undefined }
  return { from: prefix, to: prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1) }
}
