import { oneOf, type Place } from './problem.ts'
import type { Reading } from './shape.ts'

/** Reports an object in which none or several of keys stand of which exactly one must. */
export function exactlyOne(
  keys: readonly string[],
  fields: Record<string, unknown>,
  place: Place,
  reading: Reading,
): void {
  const given = keys.filter(key => fields[key] !== undefined)
  if (given.length === 1) return
  const found = given.length === 0 ? `no ${oneOf(keys)}` : given.map(key => `\`${key}\``).join(' and ')
  reading.report({ place, found, expected: given.length === 0 ? 'one of them' : 'only one of them' })
}
