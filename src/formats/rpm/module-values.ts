import { isUtf8 } from 'node:buffer'
import { type Document, isScalar, parseDocument, visit } from 'yaml'
import { type ByteString, byteStringOfText, messageOf, YardError } from '../../model/index.ts'

/** What YAML holds when every scalar is text: a stream `1.10` is no number. */
export type Value = string | null | Value[] | Map<Value, Value>

const maxAliases = 100
const maxNesting = 200

/**
 * The value of one YAML document of a module, all scalars as text. `object` names it in messages.
 * @throws YardError `invalid`: no YAML or UTF-8, a key twice, nested too deep, more aliases than anyone needs.
 */
export function moduleValue(document: Buffer, object: string): Value {
  if (!isUtf8(document)) throw new YardError('invalid', `${object}: it is not written in UTF-8`)
  const text = document.toString('utf8')
  checkNesting(text, object)
  try {
    const parsed = parseDocument(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
    })
    const [error] = parsed.errors
    if (error !== undefined)
      throw new YardError('invalid', `${object}: character ${error.pos[0]}: ${error.message}`)
    checkKeys(parsed, object)
    return parsed.toJS({ mapAsMap: true, maxAliasCount: maxAliases }) as Value
  } catch (error) {
    if (error instanceof YardError) throw error
    throw new YardError('invalid', `${object}: it cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

/** Brackets that are never closed, by the thousand, would keep the parser busy for many seconds. */
function checkNesting(text: string, object: string): void {
  let depth = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    if (depth > maxNesting)
      throw new YardError('invalid', `${object}: brackets nested more than ${maxNesting} deep`)
    if (depth < 0) depth = 0
  }
}

/** The parser's own check takes time by the square of the number of keys. */
function checkKeys(parsed: Document, object: string): void {
  visit(parsed, {
    Map(_, { items }) {
      const keys = new Set<unknown>()
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : key
        if (keys.has(name))
          throw new YardError('invalid', `${object}: the key ${JSON.stringify(name)} stands twice`)
        keys.add(name)
      }
    },
  })
}

/** What stands under a key of a mapping; undefined when there is nothing, or no mapping. */
export function member(value: Value | undefined, key: string): Value | undefined {
  return value instanceof Map ? (value.get(key) ?? undefined) : undefined
}

/** A scalar as a byte string; empty for anything else. */
export function textOf(value: Value | undefined): ByteString {
  return typeof value === 'string' ? byteStringOfText(value) : ''
}

/** The scalars of a sequence; a scalar alone counts as a sequence of one. */
export function textsOf(value: Value | undefined): ByteString[] {
  if (typeof value === 'string') return [byteStringOfText(value)]
  return Array.isArray(value) ? value.filter(item => typeof item === 'string').map(byteStringOfText) : []
}

/** A mapping with text for keys. */
export function membersOf<T>(value: Value | undefined, read: (value: Value) => T): Map<ByteString, T> {
  const members = new Map<ByteString, T>()
  if (value instanceof Map)
    for (const [key, item] of value)
      if (typeof key === 'string') members.set(byteStringOfText(key), read(item))
  return members
}
