import { isMap } from 'yaml'
import { entriesOf } from './map-entries.ts'
import { nearestName } from './nearest-name.ts'
import { oneOf, quoted } from './problem.ts'
import { choice, placeOf, type Shape } from './shape.ts'

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
