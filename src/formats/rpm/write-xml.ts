import type { ByteString } from '../../model/index.ts'

/**
 * An element's text as createrepo_c writes it through libxml2: UTF-8 as it is, with `&`, `<`, `>` and carriage returns
 * escaped. Bytes that are not UTF-8 are taken for Latin-1.
 */
export function xmlText(value: ByteString): string {
  const text = utf8Of(value)
  return /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, escapeSign) : text
}

/** An attribute's value, which libxml2 writes in ASCII, with character references for everything else. */
export function xmlAttribute(value: ByteString): string {
  return rawXmlAttribute(utf8Of(value))
}

/** The same for bytes that createrepo_c hands to libxml2 as they are; those that are not UTF-8 become references one by one. */
export function rawXmlAttribute(value: ByteString): string {
  if (!/[^ !#-%'-;=?-~]/.test(value)) return value
  return value.replace(character, (sign, at: number) => {
    if (sign.charCodeAt(0) < 0x80) return escapeSign(sign)
    // libxml2 leaves a lone byte at the very end alone.
    if (at === value.length - 1) return sign
    const code = codePointOf(sign)
    return code !== undefined && isXmlCharacter(code) ? reference(code) : referencesOf(sign, at, value)
  })
}

const utf8 = /^(?:[\0-\x7f]|[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3})*$/
const character =
  /[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3}|[\x80-\xff]|[\t\n\r"&<>]/g

/** Latin-1's letters become UTF-8; its control codes are dropped, since such bytes come from other encodings. */
function utf8Of(value: ByteString): ByteString {
  if (!/[\x80-\xff]/.test(value) || utf8.test(value)) return value
  const letters = value.replace(/[\x80-\xbf]/g, '')
  return Buffer.from(letters, 'utf8').toString('latin1')
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

function escapeSign(sign: string): string {
  return escapes[sign]!
}

function codePointOf(sign: ByteString): number | undefined {
  const [first, ...rest] = Buffer.from(sign, 'latin1')
  if (rest.length === 0) return undefined
  return rest.reduce((code, byte) => code * 64 + (byte & 0x3f), first! & (0x3f >> rest.length))
}

/** XML 1.0, production 2, beyond ASCII. */
function isXmlCharacter(code: number): boolean {
  return code < 0xd800 || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x1_0000 && code <= 0x10_ffff)
}

function referencesOf(sign: ByteString, at: number, value: ByteString): string {
  return [...sign]
    .map((byte, i) => (at + i === value.length - 1 ? byte : reference(byte.charCodeAt(0))))
    .join('')
}

function reference(code: number): string {
  return `&#x${code.toString(16).toUpperCase()};`
}
