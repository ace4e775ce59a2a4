import { isUtf8 } from 'node:buffer'
import { type ByteString, bytesOf } from '../../model/index.ts'

/**
 * An element's text as createrepo_c writes it through libxml2: UTF-8 as it is, with `&`, `<`, `>` and carriage returns
 * escaped. Bytes that are not UTF-8 are taken for Latin-1.
 */
export function xmlText(value: ByteString): string {
  const text = utf8Of(value)
  return /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, sign => escapes[sign]!) : text
}

/** An attribute's value, which libxml2 writes in ASCII, with character references for everything else. */
export function xmlAttribute(value: ByteString): string {
  return rawXmlAttribute(utf8Of(value))
}

/**
 * The same for bytes that createrepo_c hands to libxml2 as they are. What is not UTF-8 comes out as libxml2 happens to
 * read it (xmlBufAttrSerializeTxtContent): a byte that says how many belong to it is believed.
 */
export function rawXmlAttribute(value: ByteString): string {
  if (!/[^ !#-%'-;=?-~]/.test(value)) return value
  let text = ''
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code < 0x80 || i === value.length - 1) {
      text += escapes[value[i]!] ?? value[i]
      continue
    }
    const more = continuationBytes(code, value.length - i)
    const character = codePointOf(value, i, more)
    const isCharacter = more > 0 && isXmlCharacter(character)
    text += reference(isCharacter ? character : code)
    if (isCharacter) i += more
  }
  return text
}

/** Latin-1's letters become UTF-8; its control codes are dropped, since such bytes come from other encodings. */
function utf8Of(value: ByteString): ByteString {
  if (!/[\x80-\xff]/.test(value) || isUtf8(bytesOf(value)) || looksLikeUtf8(value)) return value
  const letters = value.replace(/[\x80-\xbf]/g, '')
  return Buffer.from(letters, 'utf8').toString('latin1')
}

/** libxml2's xmlCheckUTF8: sequences of the right length, whatever they stand for. */
function looksLikeUtf8(value: ByteString): boolean {
  let missing = 0
  for (let i = 0; i < value.length; i++) {
    const byte = value.charCodeAt(i)
    const continues = byte >= 0x80 && byte < 0xc0
    if (continues !== missing > 0 || byte >= 0xf8) return false
    if (continues) missing--
    else if (byte >= 0xc0) missing = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1
  }
  return missing === 0
}

const escapes: { [sign: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** How many bytes follow this one in a character, as far as there are so many. */
function continuationBytes(first: number, left: number): number {
  if (first < 0xc0) return 0
  if (first < 0xe0) return 1
  if (first < 0xf0) return left > 2 ? 2 : 0
  return first < 0xf8 && left > 3 ? 3 : 0
}

function codePointOf(value: ByteString, at: number, more: number): number {
  let code = value.charCodeAt(at) & (0x3f >> more)
  for (let i = 1; i <= more; i++) code = code * 64 + (value.charCodeAt(at + i) & 0x3f)
  return code
}

/** XML 1.0, production 2. */
function isXmlCharacter(code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13
  return code < 0xd800 || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x1_0000 && code <= 0x10_ffff)
}

function reference(code: number): string {
  return `&#x${code.toString(16).toUpperCase()};`
}
