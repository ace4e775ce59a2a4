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

/** A value together with where it stands, for checks that look at several values. */
export interface Located<T> {
  value: T
  place: Place
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

/** The same shape, whose value becomes another one; undefined where fields that it needs could not be read, which has been reported then. */
export function mapped<A, B>(shape: Shape<A>, change: (value: A) => B | undefined): Shape<B> {
  return {
    json: shape.json,
    read: (node, place, reading) => {
      const value = shape.read(node, place, reading)
      return value === undefined ? undefined : change(value)
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
    json: choices.length === 1 ? { const: choices[0] } : { enum: choices },
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

/** One scalar that `accept` takes; `expected` says which. With `secret` it never appears in a message. */
export function scalar<T>(
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

/** A list without duplicates, unless `repeats` allows them; `least` and `most` bound its length. */
export function list<T>(
  expected: string,
  item: Shape<T>,
  { least = 0, most = 10_000, repeats = false }: { least?: number; most?: number; repeats?: boolean } = {},
): Shape<Located<T>[]> {
  const bounds = least === most ? `exactly ${least}` : least > 0 ? `at least ${least}` : `at most ${most}`
  return {
    json: { type: 'array', items: item.json, minItems: least, ...(repeats ? {} : { uniqueItems: true }) },
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
      return readItems(nodes, item, repeats, place, reading)
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
  repeats: boolean,
  place: Place,
  reading: Reading,
): Located<T>[] | undefined {
  const items: Located<T>[] = []
  const seen = new Set<string>()
  for (const [index, node] of nodes.entries()) {
    const itemPlace = placeOf(node, place, `${place.path}[${index}]`)
    const value = item.read(node, itemPlace, reading)
    if (value === undefined) continue
    const identity = JSON.stringify(value)
    if (seen.has(identity) && !repeats)
      reading.report({ place: itemPlace, found: `${describe(node)} a second time`, expected: 'each once' })
    seen.add(identity)
    items.push({ value, place: itemPlace })
  }
  return items.length === nodes.length ? items : undefined
}

/** Where a node stands, or `otherwise` for one that is not there; its path is given. */
export function placeOf(node: Value, otherwise: Place, path: string): Place {
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
