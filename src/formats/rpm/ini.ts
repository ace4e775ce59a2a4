import { type ByteString, byteStringOf, YardError } from '../../model/index.ts'
import { isBlank, trimBlanks } from './blanks.ts'

/** Sections by name, each with its values by key, in the order of the file. */
export type IniFile = Map<ByteString, Map<ByteString, ByteString>>

const maxLines = 100_000

/**
 * Reads an INI file as Python's configparser does, with keys as they are written: `[section]`, `key = value` or
 * `key: value`, comments after `#` or `;` at the begin of a line, values that go on in lines indented deeper than their key.
 * `object` names it in messages.
 * @throws YardError `invalid` with the line: a line that is none of these, a section or key that stands twice, a NUL.
 */
export function parseIni(bytes: Buffer, object: string): IniFile {
  const sections: RawSections = new Map()
  const lines = byteStringOf(bytes).split(/\r\n|\r|\n/)
  if (lines.length > maxLines) throw new YardError('invalid', `${object}: it has more than ${maxLines} lines`)
  const state: State = { section: undefined, value: undefined, indent: 0 }
  for (const [index, line] of lines.entries()) {
    const fault = readLine(line, state, sections)
    if (fault === undefined) continue
    throw new YardError(
      'invalid',
      `${object}: line ${index + 1}: ${fault}: ${JSON.stringify(line.slice(0, 80))}`,
    )
  }
  return joined(sections)
}

/** The lines of each value. */
type RawSections = Map<ByteString, Map<ByteString, ByteString[]>>

interface State {
  section: Map<ByteString, ByteString[]> | undefined
  /** The value that an indented line goes on with. */
  value: ByteString[] | undefined
  indent: number
}

/** What is wrong with the line, or undefined. */
function readLine(line: ByteString, state: State, sections: RawSections): string | undefined {
  const text = trimBlanks(line)
  if (text.includes('\0')) return 'a NUL'
  if (text.startsWith('#') || text.startsWith(';')) return undefined
  const indent = indentOf(line)
  if (text === '' || (state.value !== undefined && indent > state.indent)) {
    state.value?.push(text)
    return undefined
  }
  state.indent = indent
  const name = sectionIn(text)
  if (name === undefined) return readValue(text, state)
  if (sections.has(name)) return 'a section that stands twice'
  state.section = new Map()
  state.value = undefined
  sections.set(name, state.section)
  return undefined
}

function readValue(text: ByteString, state: State): string | undefined {
  const separator = text.search(/[=:]/)
  if (separator <= 0 || state.section === undefined) return 'neither a section nor a value in one'
  const key = trimBlanks(text.slice(0, separator))
  if (state.section.has(key)) return 'a key that stands twice'
  state.value = [trimBlanks(text.slice(separator + 1))]
  state.section.set(key, state.value)
  return undefined
}

function sectionIn(text: ByteString): ByteString | undefined {
  const end = text.startsWith('[') ? text.lastIndexOf(']') : -1
  return end > 1 ? text.slice(1, end) : undefined
}

function indentOf(line: ByteString): number {
  let indent = 0
  while (isBlank(line.charCodeAt(indent))) indent++
  return indent
}

function joined(sections: RawSections): IniFile {
  const file: IniFile = new Map()
  for (const [name, values] of sections)
    file.set(name, new Map(Array.from(values, ([key, lines]) => [key, trimEnd(lines).join('\n')])))
  return file
}

function trimEnd(lines: ByteString[]): ByteString[] {
  return lines.slice(0, lines.findLastIndex(line => line !== '') + 1)
}
