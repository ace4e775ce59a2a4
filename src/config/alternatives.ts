import { isMap } from 'yaml'
import { type Entry, entriesOf } from './map-entries.ts'
import { nearestName } from './nearest-name.ts'
import { oneOf, type Place, quoted } from './problem.ts'
import { choice, placeOf, type Reading, type Shape } from './shape.ts'

type ValueOf<S> = S extends Shape<infer T> ? T : never

/** A map of one of several kinds, told by what stands under one key of it, which every kind's table has. */
export function byKey<const K extends Record<string, Shape<unknown>>>(
  expected: string,
  key: string,
  kinds: K,
): Shape<ValueOf<K[keyof K]>> {
  const names = Object.keys(kinds)
  return {
    json: { oneOf: Object.values(kinds).map(kind => kind.json) },
    read: (node, place, reading) => {
      const target = reading.resolve(node, place)
      if (target === undefined) return undefined
      // A key that stands twice is reported by the kind.
      const entries = entriesOf(target, place, expected, isMap(target) ? silently(reading) : reading)
      if (entries === undefined) return undefined
      const entry = entries.get(key)
      if (entry === undefined) {
        reportMissing(key, names, entries, place, reading)
        return undefined
      }
      const kind = choice(...names).read(
        entry.value,
        placeOf(entry.value, entry.place, entry.place.path),
        reading,
      )
      return kind === undefined
        ? undefined
        : (kinds[kind]!.read(target, place, reading) as ValueOf<K[keyof K]>)
    },
  }
}

function silently(reading: Reading): Reading {
  return { ...reading, report: () => {} }
}

/** Without its kind nothing else of a map can be judged but that a key nearly has the right name. */
function reportMissing(
  key: string,
  kinds: string[],
  entries: Map<string, Entry>,
  place: Place,
  reading: Reading,
): void {
  const [name, misspelt] = [...entries].find(([other]) => nearestName(other, [key]) !== undefined) ?? []
  if (name === undefined || misspelt === undefined) {
    reading.report({ place, found: `no ${quoted(key)}`, expected: `${quoted(key)} with ${oneOf(kinds)}` })
    return
  }
  const { offset } = misspelt.place
  reading.report({
    place: { offset, path: place.path },
    found: `the unknown key ${quoted(name)} and no ${quoted(key)}`,
    expected: `${quoted(key)} with ${oneOf(kinds)}`,
    misnamed: { name, valid: [key] },
  })
}

/** What is written as one scalar in the short form, and as a map in the long one. */
export function shortOrLong<T>(short: Shape<T>, long: Shape<T>): Shape<T> {
  return {
    json: { anyOf: [short.json, long.json] },
    read: (node, place, reading) => {
      const target = reading.resolve(node, place)
      if (target === undefined) return undefined
      return (isMap(target) ? long : short).read(target, place, reading)
    },
  }
}
