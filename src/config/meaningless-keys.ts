import { aptOnly, type ComposeFields, type OutputFields } from './compose-schema.ts'
import type { Format } from './configuration.ts'
import { oneOf, type Problem, quoted } from './problem.ts'

const compressions: Record<Format, string[]> = { apt: ['gz', 'xz'], dnf: ['gz', 'zst'] }

/** Keys and values of a composition or of uploads that mean nothing to clients of its format. */
export function meaninglessKeys(fields: OutputFields & Partial<ComposeFields>, format: Format): Problem[] {
  return [
    ...(format === 'dnf' ? keysOfApt(fields) : selectorsOfDnf(fields)),
    ...unreadable(fields.compression ?? [], format),
  ]
}

function keysOfApt(fields: OutputFields): Problem[] {
  return aptOnly
    .filter(key => fields[key] !== undefined)
    .map(key => onlyFor('apt', key, fields[key]!.place, 'dnf'))
}

function selectorsOfDnf({ include = [], exclude = [] }: Partial<ComposeFields>): Problem[] {
  return [...include, ...exclude]
    .filter(({ value }) => value.kind !== 'package' && value.kind !== 'source')
    .map(({ value, place }) => onlyFor('dnf', value.kind, place, 'apt'))
}

function onlyFor(format: Format, key: string, place: Problem['place'], instead: Format): Problem {
  const found = `${quoted(key)} in a repository for ${instead}`
  return { place, found, expected: `it only in one for ${format}` }
}

/** apt reads whichever index it likes best; repomd.xml names one file of each kind. */
function unreadable(given: NonNullable<OutputFields['compression']>, format: Format): Problem[] {
  const valid = compressions[format]
  const unknown = given.filter(({ value }) => !valid.includes(value))
  const known = given.filter(({ value }) => valid.includes(value))
  return [
    ...unknown.map(({ value, place }) => ({
      place,
      found: `${quoted(value)} in a repository for ${format}`,
      expected: oneOf(valid),
    })),
    ...(format === 'apt' ? [] : known.slice(1)).map(({ value, place }) => ({
      place,
      found: `${quoted(value)} beside ${quoted(known[0]!.value)} in a repository for dnf`,
      expected: 'one compression',
    })),
  ]
}
