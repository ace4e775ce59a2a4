import type { ByteString } from '../../model/index.ts'

/** What XML takes for white space: space, tab, line feed, carriage return. */
export function isBlank(code: number | undefined): boolean {
  return code === 32 || code === 10 || code === 9 || code === 13
}

/** A text without blanks at its ends. (String.trim would take the byte A0, which ends letters in UTF-8.) */
export function trimBlanks(text: ByteString): ByteString {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}
