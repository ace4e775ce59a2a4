import { YardError } from './errors.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined }

/**
 * Canonical JSON: keys sorted by UTF-16 code unit, no white space, only safe integers as numbers, absent for
 * undefined. The same value gives the same bytes on every machine (RFC 8785 restricted to integers).
 * @throws YardError `internal` for a number that is not a safe integer.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value))
      throw new YardError('internal', `canonical JSON holds only integers, not ${value}`)
    return String(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.keys(value)
    .sort()
    .filter(key => value[key] !== undefined)
    .map(key => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`)
  return `{${members.join(',')}}`
}
