import { type Entry, entriesOf } from './map-entries.ts'
import { oneOf, type Place, quoted } from './problem.ts'
import { type JsonSchema, placeOf, type Reading, type Shape } from './shape.ts'

/** One row of an object's table of keys. `help` is its documentation: one sentence with units and default. */
export interface Key<T> {
  shape: Shape<unknown>
  help: string
  required: boolean
  fallback: T
}

type Table = Record<string, Key<unknown>>
type Fields<K extends Table> = { [N in keyof K]: K[N] extends Key<infer T> ? T : never }

export function required<T>(shape: Shape<T>, help: string): Key<T> {
  return { shape, help, required: true, fallback: undefined as T }
}

export function optional<T>(shape: Shape<T>, help: string): Key<T | undefined> {
  return { shape, help, required: false, fallback: undefined }
}

export function defaulting<T>(shape: Shape<T>, fallback: NoInfer<T>, help: string): Key<T> {
  return { shape, help, required: false, fallback }
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
