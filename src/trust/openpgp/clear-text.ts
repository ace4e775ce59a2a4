import type { Read } from './armour.ts'
import { type Line, linesOf } from './lines.ts'

/** As gpgv and apt: longer lines are cut off silently there, so they cannot be signed. */
const maxLineLength = 19_990
/** Far more than any real Release file; bounds the time that a hostile one can take. */
const maxLines = 1_000_000

const lf = 10
const cr = 13
const space = 32
const dash = 45

/** The two halves of a clear-signed document. */
export interface ClearSigned {
  /**
   * The signed text, as apt reads it: no blanks before a line break, every line ends in LF. (`gpgv --output` keeps CR LF, but
   * whether there is a CR is not signed, so it must not matter.)
   */
  text: Buffer
  /** The armoured signatures: everything from `BEGIN PGP SIGNATURE` to the end. */
  signature: Buffer
}

/**
 * Takes a clear-signed document apart (RFC 4880, 7), as strictly as apt: the document begins with its first byte and ends
 * with its last signature, no armour header but `Hash`, no line that begins with an unescaped dash. So there is no
 * byte of which two readers could disagree whether it is signed.
 */
export function splitClearSigned(bytes: Buffer): Read<ClearSigned> {
  if (bytes.includes(0)) return { fault: 'it has a NUL byte' }
  const [first] = linesOf(bytes)
  if (first === undefined || !equals(bytes, first, '-----BEGIN PGP SIGNED MESSAGE-----'))
    return { fault: 'it does not begin with a signed message' }
  const textStart = endOfHeaders(bytes, first.next)
  return textStart.fault === undefined ? readText(bytes, textStart.value) : textStart
}

/**
 * Text that survives clear-signing byte for byte: no blanks before a line break, LF after every line, the last one
 * included. What a signed document is made of should have gone through here first.
 */
export function clearText(text: Buffer): Buffer {
  const writer = textWriter(text.length + 1)
  for (const line of linesOf(text)) writer.add(text, line)
  return writer.text()
}

/** Why this text would not come out of gpgv as it went in; undefined when it would. */
export function clearTextFault(text: Buffer): string | undefined {
  if (text.length === 0) return 'it is empty'
  if (text.includes(0)) return 'it has a NUL byte'
  for (const line of linesOf(text)) {
    if (line.end + 1 !== line.next || text[line.end] !== lf)
      return 'a line ends in blanks, in CR, or without a line break'
    if (isTooLong(line)) return tooLong
  }
  return undefined
}

/** Puts "- " before every line that begins with a dash. */
export function dashEscaped(text: Buffer): Buffer {
  return Buffer.from(text.toString('latin1').replace(/(^|\n)-/g, '$1- -'), 'latin1')
}

/** The form in which clear-signed text is hashed: lines joined by CR LF, the last line break left out (RFC 4880, 7.1). `text` has no blanks before its line breaks. */
export function hashedFormOfClearText(text: Buffer): Buffer {
  const withLast = hashedFormOfText(text)
  return withLast.subarray(0, withLast.length - 2)
}

/** The form in which a detached signature over text hashes it: every line break is CR LF (RFC 4880, 5.2.4; blanks stay, as in gpgv). */
export function hashedFormOfText(text: Buffer): Buffer {
  const out = Buffer.allocUnsafe(text.length + countLineBreaks(text))
  let length = 0
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf(lf, start)
    const next = found === -1 ? text.length : found + 1
    let end = next
    while (end > start && (text[end - 1] === lf || text[end - 1] === cr)) end--
    length += text.copy(out, length, start, end)
    if (found !== -1) {
      out[length++] = cr
      out[length++] = lf
    }
    start = next
  }
  return out.subarray(0, length)
}

/** Whether gpgv would cut a line of this text off, and with it what is signed. */
export function hasTooLongLine(text: Buffer): boolean {
  for (const line of linesOf(text)) if (isTooLong(line)) return true
  return false
}

/** One past the empty line that ends the armour headers. */
function endOfHeaders(bytes: Buffer, start: number): Read<number> {
  for (const line of linesOf(bytes, start)) {
    if (line.end === line.start) return { value: line.next }
    if (!/^Hash:[ A-Za-z0-9,/-]*$/.test(bytes.toString('latin1', line.start, line.end)))
      return { fault: 'it has an armour header other than Hash' }
  }
  return { fault: 'it ends before its text' }
}

function readText(bytes: Buffer, start: number): Read<ClearSigned> {
  const writer = textWriter(bytes.length - start + 1)
  let count = 0
  for (const line of linesOf(bytes, start)) {
    if (equals(bytes, line, '-----BEGIN PGP SIGNATURE-----')) {
      if (count === 0) return { fault: 'it has no text' }
      return { value: { text: writer.text(), signature: bytes.subarray(line.start) } }
    }
    if (++count > maxLines) return { fault: `it has more than ${maxLines} lines` }
    if (isTooLong(line)) return { fault: tooLong }
    const textStart = startOfText(bytes, line)
    if (textStart === undefined) return { fault: 'a line of its text begins with an unescaped dash' }
    writer.add(bytes, { ...line, start: textStart })
  }
  return { fault: 'it has no signature' }
}

/** Behind the dash escape, where there is one; undefined for a dash that is not escaped. */
function startOfText(bytes: Buffer, line: Line): number | undefined {
  if (line.end === line.start || bytes[line.start] !== dash) return line.start
  return line.end > line.start + 1 && bytes[line.start + 1] === space ? line.start + 2 : undefined
}

const tooLong = `it has a line of more than ${maxLineLength} bytes`

function isTooLong(line: Line): boolean {
  return line.next - line.start > maxLineLength
}

function textWriter(capacity: number) {
  const out = Buffer.allocUnsafe(capacity)
  let length = 0
  return {
    add: (bytes: Buffer, line: Line) => {
      length += bytes.copy(out, length, line.start, line.end)
      out[length++] = lf
    },
    text: () => out.subarray(0, length),
  }
}

function equals(bytes: Buffer, line: Line, text: string): boolean {
  return bytes.toString('latin1', line.start, line.end) === text
}

function countLineBreaks(text: Buffer): number {
  let count = 0
  for (let at = text.indexOf(lf); at !== -1; at = text.indexOf(lf, at + 1)) count++
  return count
}
