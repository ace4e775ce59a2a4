import { entriesOf } from './map-entries.ts'
import { type Located, placeOf, type Shape } from './shape.ts'

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
