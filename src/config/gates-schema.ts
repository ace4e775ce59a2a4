import { isMap, isScalar } from 'yaml'
import { entriesOf } from './map-entries.ts'
import { oneOf, quoted } from './problem.ts'
import { describe, type JsonSchema, list, placeOf, type Shape } from './shape.ts'

/** What a gate says of how it is written in `switchyard.yaml`. */
export interface GateShape<T = unknown> {
  options: Shape<T>
  /** What the gate's name alone stands for; undefined: it cannot stand alone. */
  bare: T | undefined
  /** One sentence. */
  help: string
}

/** Every gate that there is, by its name. The house's order lets this room know none of them. */
export type GateShapes = Readonly<Record<string, GateShape>>

/** One gate of a channel, its options checked by the gate's own shape. */
export interface GateConfiguration {
  gate: string
  options: unknown
}

/** A list of gates: `closure`, or `soak: 7d`. */
export function gateList(gates: GateShapes) {
  return list('a list of gates', gateShape(gates), { most: 100 })
}

function gateShape(gates: GateShapes): Shape<GateConfiguration> {
  const names = Object.keys(gates)
  const expected = names.length === 0 ? 'no gate: there is none' : `a gate: ${oneOf(names)}`
  return {
    json: gateSchema(gates),
    read: (node, place, reading) => {
      const target = reading.resolve(node, place)
      if (target === undefined) return undefined
      if (isScalar(target) && typeof target.value === 'string') {
        const name = target.value
        const gate = Object.hasOwn(gates, name) ? gates[name] : undefined
        if (gate?.bare !== undefined) return { gate: name, options: gate.bare }
        const found = gate === undefined ? `the text ${quoted(name)}` : `${quoted(name)} alone`
        reading.report({
          place,
          found,
          expected: gate === undefined ? expected : `${quoted(`${name}: ...`)} with its options`,
          misnamed: gate === undefined ? { name, valid: names } : undefined,
        })
        return undefined
      }
      const entries = isMap(target) ? entriesOf(target, place, expected, reading) : undefined
      const [only, ...others] = entries ?? []
      if (only === undefined || others.length > 0) {
        const found = entries === undefined ? describe(target) : `a map of ${entries.size}`
        reading.report({ place, found, expected })
        return undefined
      }
      const [name, entry] = only
      const gate = Object.hasOwn(gates, name) ? gates[name] : undefined
      if (gate === undefined) {
        reading.report({
          place: entry.place,
          found: quoted(name),
          expected,
          misnamed: { name, valid: names },
        })
        return undefined
      }
      const options = gate.options.read(
        entry.value,
        placeOf(entry.value, entry.place, entry.place.path),
        reading,
      )
      return options === undefined ? undefined : { gate: name, options }
    },
  }
}

function gateSchema(gates: GateShapes): JsonSchema {
  const bare = Object.entries(gates).filter(([, { bare }]) => bare !== undefined)
  const maps = Object.entries(gates).map(([name, { options, help }]) => ({
    type: 'object',
    properties: { [name]: { ...options.json, description: help } },
    required: [name],
    additionalProperties: false,
  }))
  return { anyOf: [{ enum: bare.map(([name]) => name) }, ...maps] }
}
