import { type ByteString, byteStringOfText, YardError } from '../../model/index.ts'

/** Where characters stand: in attributes blanks are normalised too (XML 1.0, 3.3.3), in CDATA `&` is an ordinary character. */
export type TextPlace = 'text' | 'attribute' | 'cdata'

const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])
const longestReference = 12

/** What is wrong with the reference that begins at an `&`; undefined for XML's five entities and for characters that XML allows. */
export function referenceFault(text: ByteString, at: number): string | undefined {
  const end = text.slice(at, at + longestReference).indexOf(';')
  const known = end > 0 && referenced(text.slice(at + 1, at + end)) !== undefined
  return known ? undefined : `an unknown reference: ${JSON.stringify(text.slice(at, at + longestReference))}`
}

/** The characters that well-formed XML stands for: references as UTF-8 bytes, line ends as line feeds (XML 1.0, 2.11). */
export function decodeXml(written: ByteString, place: TextPlace): ByteString {
  const lines = written.includes('\r') ? written.replace(/\r\n?/g, '\n') : written
  if (place === 'cdata') return lines
  return decodeReferences(
    place === 'attribute' && /[\t\n]/.test(lines) ? lines.replace(/[\t\n]/g, ' ') : lines,
  )
}

function decodeReferences(text: ByteString): ByteString {
  let decoded = ''
  let from = 0
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', from)) {
    const end = text.indexOf(';', at)
    decoded += text.slice(from, at) + (referenced(text.slice(at + 1, end)) ?? '')
    from = end + 1
  }
  return from === 0 ? text : decoded + text.slice(from)
}

/** What stands for `&name;`. */
function referenced(name: string): ByteString | undefined {
  const entity = entities.get(name)
  if (entity !== undefined) return entity
  const match = /^#(?:([0-9]+)|x([0-9A-Fa-f]+))$/.exec(name)
  if (match === null) return undefined
  const code = match[1] === undefined ? Number.parseInt(match[2]!, 16) : Number(match[1])
  return isCharacter(code) ? byteStringOfText(String.fromCodePoint(code)) : undefined
}

/** Char of XML 1.0, 2.2. */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff)
}

const declaration =
  /<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.[0-9]+"|'1\.[0-9]+')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z][\w.-]*)"|'([A-Za-z][\w.-]*)'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>/y

/**
 * Where the document goes on behind its XML declaration, if there is one.
 * @throws YardError `invalid` for a malformed one, and for an encoding other than UTF-8 (or its part, US-ASCII).
 */
export function skipDeclaration(text: ByteString, start: number, object: string): number {
  if (!text.startsWith('<?xml', start) || !/[ \t\r\n]/.test(text.charAt(start + 5))) return start
  declaration.lastIndex = start
  const match = declaration.exec(text)
  if (match === null) throw new YardError('invalid', `${object}: malformed XML declaration`)
  const encoding = match[1] ?? match[2] ?? 'UTF-8'
  if (!/^(utf-8|us-ascii|ascii)$/i.test(encoding))
    throw new YardError('invalid', `${object}: it is written in ${encoding}; only UTF-8 is read`)
  return declaration.lastIndex
}
