import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml'
import { oneOf, type Place, type Problem, quoted } from './problem.ts'

/** A JSON Schema (2020-12), as editors read it. */
export interface JsonSchema {
  [keyword: string]: unknown
}

/** A node of the document; null where a key has no value at all. */
export type Value = Node | null

/** What shapes need while they read one document: somewhere to report to, and the node behind an alias. */
export interface Reading {
  /** Absolute directory that relative paths of the file start from. */
  directory: string
  report(problem: Problem): void
  /** The node itself, or the one its alias names; undefined (and reported) when there is none. */
  resolve(node: Value, place: Place): Value | undefined
}

/** What may stand at one place of the file, and how it becomes a value. */
export interface Shape<T> {
  json: JsonSchema
  /** Undefined when the node does not have this shape; the reason has been reported then. */
  read(node: Value, place: Place, reading: Reading): T | undefined
}

/** One row of an object's table of keys. `help` is its documentation: one sentence with units and default. */
export interface Key<T> {
  shape: Shape<unknown>
  help: string
  required: boolean
  fallback: T
}

type Table = Record<string, Key<unknown>>
type Fields<K extends Table> = { [N in keyof K]: K[N] extends Key<infer T> ? T : never }

/** A value together with where it stands, for checks that look at several values. */
export interface Located<T> {
  value: T
  place: Place
}

export function required<T>(shape: Shape<T>, help: string): Key<T> {
  return { shape, help, required: true, fallback: undefined as T }
}

export function optional<T>(shape: Shape<T>, help: string): Key<T | undefined> {
  return { shape, help, required: false, fallback: undefined }
}

export function defaulting<T>(shape: Shape<T>, fallback: NoInfer<T>, help: string): Key<T> {
  return { shape, help, required: false, fallback }
}

/** The same shape, with its place kept. */
export function located<T>(shape: Shape<T>): Shape<Located<T>> {
  return {
    json: shape.json,
    read: (node, place, reading) => {
      const value = shape.read(node, place, reading)
      return value === undefined ? undefined : { value, place }
    },
  }
}

/**
 * Text that `parse` accepts; `parse` gives undefined for text that is not `expected`. With `secret` the text never
 * appears in a message.
 */
export function text<T = string>(
  expected: string,
  parse: (text: string, reading: Reading) => T | undefined,
  options: { secret?: boolean; json?: JsonSchema } = {},
): Shape<T> {
  return {
    json: { type: 'string', title: expected, ...options.json },
    read: scalar(expected, options.secret === true, (value, reading) =>
      typeof value === 'string' ? parse(value, reading) : undefined,
    ),
  }
}

export function integer(least: number, most: number): Shape<number> {
  const expected = `a whole number from ${least} to ${most}`
  return {
    json: { type: 'integer', minimum: least, maximum: most },
    read: scalar(expected, false, value =>
      Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
        ? (value as number)
        : undefined,
    ),
  }
}

export const boolean: Shape<boolean> = {
  json: { type: 'boolean' },
  read: scalar('`true` or `false`', false, value => (typeof value === 'boolean' ? value : undefined)),
}

export function choice<const T extends string>(...choices: T[]): Shape<T> {
  return {
    json: { enum: choices },
    read: (node, place, reading) => {
      const target = reading.resolve(node, place)
      if (target === undefined) return undefined
      const value = isScalar(target) ? target.value : undefined
      const found = choices.find(known => known === value)
      if (found !== undefined) return found
      const misnamed = typeof value === 'string' ? { name: value, valid: choices } : undefined
      reading.report({ place, found: describe(target), expected: oneOf(choices), misnamed })
      return undefined
    },
  }
}

function scalar<T>(
  expected: string,
  secret: boolean,
  accept: (value: unknown, reading: Reading) => T | undefined,
): Shape<T>['read'] {
  return (node, place, reading) => {
    const target = reading.resolve(node, place)
    if (target === undefined) return undefined
    const value = isScalar(target) ? accept(target.value, reading) : undefined
    if (value === undefined) reading.report({ place, found: describe(target, secret), expected })
    return value
  }
}

/** A list without duplicates; `least` and `most` bound its length. */
export function list<T>(
  expected: string,
  item: Shape<T>,
  { least = 0, most = 10_000 }: { least?: number; most?: number } = {},
): Shape<Located<T>[]> {
  const bounds = least === most ? `exactly ${least}` : least > 0 ? `at least ${least}` : `at most ${most}`
  return {
    json: { type: 'array', items: item.json, minItems: least, uniqueItems: true },
    read: (node, place, reading) => {
      const target = reading.resolve(node, place)
      if (target === undefined) return undefined
      if (!isSeq(target)) {
        reading.report({ place, found: describe(target), expected, ...listAdvice(target) })
        return undefined
      }
      const nodes = target.items as Value[]
      if (nodes.length < least || nodes.length > most) {
        const found = nodes.length === 0 ? 'an empty list' : `a list of ${nodes.length}`
        reading.report({ place, found, expected: `${expected} with ${bounds}` })
        return undefined
      }
      return readItems(nodes, item, place, reading)
    },
  }
}

function listAdvice(target: Value): { advice?: string } {
  return isScalar(target) && typeof target.value === 'string'
    ? { advice: `write ${quoted(`[${target.value}]`)}` }
    : {}
}

function readItems<T>(
  nodes: Value[],
  item: Shape<T>,
  place: Place,
  reading: Reading,
): Located<T>[] | undefined {
  const items: Located<T>[] = []
  const seen = new Set<unknown>()
  for (const [index, node] of nodes.entries()) {
    const itemPlace = placeOf(node, place, `${place.path}[${index}]`)
    const value = item.read(node, itemPlace, reading)
    if (value === undefined) continue
    if (seen.has(value))
      reading.report({ place: itemPlace, found: `${describe(node)} a second time`, expected: 'each once' })
    seen.add(value)
    items.push({ value, place: itemPlace })
  }
  return items.length === nodes.length ? items : undefined
}

/** A map whose keys are names that the user chooses, `most` at most. A value that could not be read stays, as undefined. */
export function dictionary<T>(
  expected: string,
  most: number,
  key: Shape<string>,
  value: Shape<T>,
): Shape<Map<string, Located<T | undefined>>> {
  return {
    json: { type: 'object', maxProperties: most, propertyNames: key.json, additionalProperties: value.json },
    read: (node, place, reading) => {
      const entries = entriesOf(node, place, expected, reading)
      if (entries === undefined) return undefined
      if (entries.size > most) {
        reading.report({ place, found: `a map of ${entries.size}`, expected: `${expected}, at most ${most}` })
        return undefined
      }
      const read = new Map<string, Located<T | undefined>>()
      for (const [name, entry] of entries) {
        key.read(entry.keyNode, entry.place, reading)
        const valuePlace = placeOf(entry.value, entry.place, entry.place.path)
        read.set(name, { value: value.read(entry.value, valuePlace, reading), place: entry.place })
      }
      return read
    },
  }
}

/**
 * An object with exactly the keys of the table. `check` looks at the fields together and may report more; it runs when
 * every field could be read. An optional field that could not be has its fallback, so that checks between objects
 * still see the others.
 */
export function object<K extends Table>(
  expected: string,
  table: K,
  check: (fields: Fields<K>, place: Place, reading: Reading) => void = () => {},
): Shape<Fields<K>> {
  return {
    json: objectSchema(table),
    read: (node, place, reading) => {
      const entries = entriesOf(node, place, expected, reading)
      if (entries === undefined) return undefined
      reportUnknown(entries, Object.keys(table), place.path, reading)
      const { fields, failed } = readFields(table, entries, place, reading)
      if (failed.length === 0) check(fields, place, reading)
      return failed.some(key => key.required) ? undefined : fields
    },
  }
}

type ValueOf<S> = S extends Shape<infer T> ? T : never

/** A map of one of several kinds, told by what stands under one key of it, which every kind's table has. */
export function byKey<const K extends Record<string, Shape<unknown>>>(
  expected: string,
  key: string,
  kinds: K,
): Shape<ValueOf<K[keyof K]>> {
  return {
    json: { oneOf: Object.values(kinds).map(kind => kind.json), discriminator: { propertyName: key } },
    read: (node, place, reading) => {
      const entries = entriesOf(node, place, expected, reading)
      if (entries === undefined) return undefined
      const entry = entries.get(key)
      if (entry === undefined) {
        reading.report({ place, found: `no ${quoted(key)}`, expected: oneOf(Object.keys(kinds)) })
        return undefined
      }
      const at = placeOf(entry.value, entry.place, entry.place.path)
      const kind = choice(...Object.keys(kinds)).read(entry.value, at, reading)
      return kind === undefined ? undefined : (kinds[kind]!.read(node, place, reading) as ValueOf<K[keyof K]>)
    },
  }
}

/** What is written as a word in the short form, and as a map in the long one. */
export function shortOrLong<T>(short: Shape<T>, long: Shape<T>): Shape<T> {
  return {
    json: { anyOf: [short.json, long.json] },
    read: (node, place, reading) => {
      const target = reading.resolve(node, place)
      if (target === undefined) return undefined
      return (isMap(target) ? long : short).read(node, place, reading)
    },
  }
}

function objectSchema(table: Table): JsonSchema {
  const keys = Object.entries(table)
  const properties = keys.map(([name, key]) => [name, { ...key.shape.json, description: key.help }])
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: keys.filter(([, key]) => key.required).map(([name]) => name),
    additionalProperties: false,
  }
}

function reportUnknown(entries: Map<string, Entry>, valid: string[], path: string, reading: Reading): void {
  for (const [name, entry] of entries) {
    if (valid.includes(name)) continue
    const place = { offset: entry.place.offset, path }
    const found = `the unknown key ${quoted(name)}`
    reading.report({ place, found, expected: oneOf(valid), misnamed: { name, valid } })
  }
}

function readFields<K extends Table>(
  table: K,
  entries: Map<string, Entry>,
  place: Place,
  reading: Reading,
): { fields: Fields<K>; failed: Key<unknown>[] } {
  const fields: Record<string, unknown> = {}
  const failed: Key<unknown>[] = []
  for (const [name, key] of Object.entries(table)) {
    const entry = entries.get(name)
    const value = entry === undefined ? key.fallback : readField(key, entry, reading)
    if (entry === undefined && key.required)
      reading.report({ place, found: `no ${quoted(name)}`, expected: 'this key' })
    if (value === undefined && (key.required || entry !== undefined)) failed.push(key)
    fields[name] = value ?? key.fallback
  }
  return { fields: fields as Fields<K>, failed }
}

function readField(key: Key<unknown>, entry: Entry, reading: Reading): unknown {
  return key.shape.read(entry.value, placeOf(entry.value, entry.place, entry.place.path), reading)
}

interface Entry {
  keyNode: Value
  value: Value
  /** Of the key. */
  place: Place
}

/** The entries of a map by name; reports what is no map, a key that is no text, and a key that stands twice. */
function entriesOf(
  node: Value,
  place: Place,
  expected: string,
  reading: Reading,
): Map<string, Entry> | undefined {
  const target = reading.resolve(node, place)
  if (target === undefined) return undefined
  if (!isMap(target)) {
    reading.report({ place, found: describe(target, true), expected })
    return undefined
  }
  const entries = new Map<string, Entry>()
  for (const pair of target.items) {
    const keyNode = pair.key as Value
    const name = keyText(keyNode)
    const keyPlace = placeOf(keyNode, place, childPath(place.path, name ?? '?'))
    if (name === undefined)
      reading.report({ place: keyPlace, found: `${describe(keyNode)} as a key`, expected: 'text' })
    else if (entries.has(name))
      reading.report({
        place: keyPlace,
        found: `${quoted(name)} a second time`,
        expected: 'each key once',
      })
    else entries.set(name, { keyNode, value: pair.value as Value, place: keyPlace })
  }
  return entries
}

/** A key as its author wrote it, so that a repository may be called `12` or `null` without quotes. */
function keyText(node: Value): string | undefined {
  if (!isScalar(node)) return undefined
  if (typeof node.value === 'string') return node.value
  return node.source === undefined || node.source === '' ? undefined : node.source
}

function childPath(path: string, name: string): string {
  const step = /^[\w.-]{1,63}$/.test(name) ? name : quoted(name)
  return path === '' ? step : `${path}.${step}`
}

function placeOf(node: Value, otherwise: Place, path: string): Place {
  return { offset: node?.range?.[0] ?? otherwise.offset, path }
}

/** A node for a message: never more of it than one short scalar, and nothing of a secret. */
export function describe(node: Value, secret = false): string {
  if (isMap(node)) return 'a map'
  if (isSeq(node)) return 'a list'
  if (isAlias(node)) return `the alias ${quoted(node.source)}`
  const value = isScalar(node) ? node.value : null
  if (value === null) return 'nothing'
  if (secret) return typeof value === 'string' ? 'text' : `a ${typeof value}`
  if (typeof value === 'string') return `the text ${quoted(value)}`
  return typeof value === 'boolean' ? `\`${value}\`` : `the ${typeof value} ${quoted(String(value))}`
}
