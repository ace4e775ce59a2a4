import { isMap, isScalar } from 'yaml'
import { type Place, quoted } from './problem.ts'
import { describe, placeOf, type Reading, type Value } from './shape.ts'

export interface Entry {
  keyNode: Value
  value: Value
  /** Of the key. */
  place: Place
}

/** The entries of a map by name; reports what is no map, a key that is no text, and a key that stands twice. */
export function entriesOf(
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
