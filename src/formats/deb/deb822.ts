import { type ByteString, YardError } from '../../model/index.ts'

/** Names of fields, prepared by `selectFields` for reading many stanzas fast. */
export interface FieldSelection {
  readonly names: readonly string[]
  /** Indexes into `names`, by the length of the name (below 64). */
  readonly byLength: readonly (readonly number[])[]
  readonly lowerCase: readonly Buffer[]
}

/** Prepares field names (any case) for `fieldsOf`; do it once, outside of loops. */
export function selectFields(...names: string[]): FieldSelection {
  const byLength = Array.from({ length: 64 }, (_, length) =>
    names.flatMap((name, index) => (name.length === length ? [index] : [])),
  )
  return { names, byLength, lowerCase: names.map(name => Buffer.from(name.toLowerCase(), 'latin1')) }
}

/**
 * The values of the selected fields of one stanza, in the order of the selection, in one pass; undefined where the
 * stanza has no such field. Values are as `parseStanza` gives them.
 * @throws YardError `invalid` naming `object`, line and byte when the stanza is malformed or a selected field stands twice.
 */
export function fieldsOf(
  stanza: Buffer,
  selection: FieldSelection,
  object: string,
): (ByteString | undefined)[] {
  const values: (ByteString | undefined)[] = new Array(selection.names.length).fill(undefined)
  walkFields(stanza, object, (start, colon, end) => {
    const index = indexIn(selection, stanza, start, colon)
    if (index < 0) return
    if (values[index] !== undefined) throw fault(object, stanza, start, duplicate(selection.names[index]!))
    values[index] = readValue(stanza, colon + 1, end)
  })
  return values
}

/** The value of one field of one stanza (the first, should it stand twice), as `parseStanza` gives it. */
export function fieldOf(stanza: Buffer, name: string): ByteString | undefined {
  const selection = selectFields(name)
  let value: ByteString | undefined
  walkFields(stanza, 'stanza', (start, colon, end) => {
    if (value === undefined && indexIn(selection, stanza, start, colon) === 0)
      value = readValue(stanza, colon + 1, end)
  })
  return value
}

/**
 * All fields of one stanza (deb822(5)) by their names in lower case, in the order of the file. A value has no blanks at
 * its ends; continuation lines follow after a newline each, with the blank that they begin with, without carriage returns
 * and comment lines.
 * @throws YardError `invalid` naming `object`, line and byte: a line that is no field, a field that stands twice, a NUL,
 *   an empty line inside.
 */
export function parseStanza(stanza: Buffer, object: string): Map<string, ByteString> {
  const fields = new Map<string, ByteString>()
  walkFields(stanza, object, (start, colon, end) => {
    const name = stanza.toString('latin1', start, colon).toLowerCase()
    if (fields.has(name))
      throw fault(object, stanza, start, duplicate(stanza.toString('latin1', start, colon)))
    fields.set(name, readValue(stanza, colon + 1, end))
  })
  return fields
}

/** The lines of a value, without the blanks at their ends and without empty ones. */
export function linesOf(value: ByteString): ByteString[] {
  return value
    .split('\n')
    .map(trimBlanks)
    .filter(line => line !== '')
}

/** A byte string without spaces, tabs and carriage returns at its ends (String.trim would take the byte A0, too). */
export function trimBlanks(value: ByteString): ByteString {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value.charCodeAt(start))) start++
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--
  return value.slice(start, end)
}

const tab = 9
const lineFeed = 10
const carriageReturn = 13
const space = 32
const hash = 35
const hyphen = 45
const colonSign = 58

/** Calls `visit` with the places of each field: its name's first byte, its colon, the end of its last line. */
function walkFields(
  stanza: Buffer,
  object: string,
  visit: (start: number, colon: number, end: number) => void,
): void {
  if (stanza.includes(0)) throw fault(object, stanza, stanza.indexOf(0), 'a NUL')
  let at = 0
  while (at < stanza.length) {
    if (stanza[at] === hash) {
      at = lineEnd(stanza, at) + 1
      continue
    }
    const colon = nameEnd(stanza, at)
    if (colon === at || stanza[colon] !== colonSign || stanza[at] === hyphen)
      throw fault(object, stanza, at, describeLine(stanza, at))
    const end = fieldEnd(stanza, colon)
    visit(at, colon, end)
    at = end + 1
  }
}

/** The first byte that cannot belong to a field's name. */
function nameEnd(stanza: Buffer, start: number): number {
  let at = start
  while (at < stanza.length && stanza[at]! > space && stanza[at]! < 127 && stanza[at] !== colonSign) at++
  return at
}

/** The end of a field's last line: its newline, or the end of the stanza. Comments between its lines belong to it. */
function fieldEnd(stanza: Buffer, start: number): number {
  let end = lineEnd(stanza, start)
  let next = end
  while (next + 1 < stanza.length) {
    const first = stanza[next + 1]
    if (first !== space && first !== tab && first !== hash) break
    next = lineEnd(stanza, next + 1)
    if (first !== hash) end = next
  }
  return end
}

function lineEnd(stanza: Buffer, start: number): number {
  const end = stanza.indexOf(lineFeed, start)
  return end < 0 ? stanza.length : end
}

/** Which of the selected names stands at `start`; -1 for none. */
function indexIn(selection: FieldSelection, stanza: Buffer, start: number, colon: number): number {
  const length = colon - start
  if (length >= selection.byLength.length) return -1
  for (const index of selection.byLength[length]!)
    if (hasName(stanza, start, selection.lowerCase[index]!)) return index
  return -1
}

function hasName(stanza: Buffer, start: number, lowerCase: Buffer): boolean {
  for (let i = 0; i < lowerCase.length; i++) {
    const byte = stanza[start + i]!
    if ((byte >= 65 && byte <= 90 ? byte + 32 : byte) !== lowerCase[i]) return false
  }
  return true
}

function readValue(stanza: Buffer, start: number, end: number): ByteString {
  while (start < end && isBlank(stanza[start]!)) start++
  while (end > start && (isBlank(stanza[end - 1]!) || stanza[end - 1] === lineFeed)) end--
  const value = stanza.toString('latin1', start, end)
  return value.includes('\n') ? withoutComments(value) : value
}

function withoutComments(value: ByteString): ByteString {
  return value
    .split('\n')
    .filter((line, index) => index === 0 || !line.startsWith('#'))
    .map(withoutReturns)
    .join('\n')
}

function withoutReturns(line: string): string {
  let end = line.length
  while (end > 0 && line.charCodeAt(end - 1) === carriageReturn) end--
  return line.slice(0, end)
}

function isBlank(code: number): boolean {
  return code === space || code === tab || code === carriageReturn
}

function duplicate(name: string): string {
  return `the field ${name} stands twice`
}

function describeLine(stanza: Buffer, at: number): string {
  const first = stanza[at]
  if (first === space || first === tab) return 'a continuation line without a field before it'
  if (first === lineFeed || first === carriageReturn) return 'an empty line inside of a stanza'
  return `a line that is no field: ${JSON.stringify(stanza.toString('latin1', at, Math.min(lineEnd(stanza, at), at + 60)))}`
}

function fault(object: string, stanza: Buffer, at: number, what: string): YardError {
  let line = 1
  for (let end = stanza.indexOf(lineFeed); end >= 0 && end < at; end = stanza.indexOf(lineFeed, end + 1))
    line++
  return new YardError('invalid', `${object}: ${what} (line ${line} of its stanza, byte ${at})`)
}
