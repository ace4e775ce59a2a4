import { YardError } from '../model/index.ts'
import { nearestName } from './nearest-name.ts'

/** Where something stands in the file: its offset in UTF-16 units, and the keys that lead to it (`repositories.debian`). */
export interface Place {
  offset: number
  path: string
}

/** One mistake: what was found at a place, and what was expected there instead. */
export interface Problem {
  place: Place
  found: string
  expected: string
  /** A name that is not valid here and those that are, so that the nearest can be offered. */
  misnamed?: { name: string; valid: readonly string[] } | undefined
  /** What to do about it, where `expected` does not say so already. */
  advice?: string
}

const mostShown = 20

/**
 * All mistakes of one file as one error, in the order in which they stand; at most 20 are listed.
 * `lineOf` turns an offset into `line:column`.
 */
export function configurationError(
  file: string,
  problems: readonly Problem[],
  lineOf: (offset: number) => string,
): YardError {
  const sorted = problems.toSorted((a, b) => a.place.offset - b.place.offset)
  const lines = sorted.slice(0, mostShown).map(problem => sentence(file, problem, lineOf))
  const hint = 'correct the file and run the command again; nothing was changed'
  if (lines.length === 1) return new YardError('configuration', lines[0]!, { hint })
  const more = sorted.length > mostShown ? [`and ${sorted.length - mostShown} more`] : []
  const head = `${file} has ${sorted.length} mistakes:`
  return new YardError('configuration', [head, ...lines, ...more].join('\n  '), { hint })
}

function sentence(file: string, problem: Problem, lineOf: (offset: number) => string): string {
  const { place, found, expected, misnamed, advice } = problem
  const nearest = misnamed && nearestName(misnamed.name, misnamed.valid)
  const where = place.path === '' ? '' : `${place.path}: `
  const meant = nearest === undefined ? '' : `; did you mean ${quoted(nearest)}?`
  const more = advice === undefined ? '' : `; ${advice}`
  return `${file}:${lineOf(place.offset)}: ${where}found ${found}, expected ${expected}${meant}${more}`
}

/** Text from the file inside a message: escaped, and cut to what a line can show. */
export function quoted(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text
  return `\`${JSON.stringify(shown).slice(1, -1).replaceAll('\\"', '"')}\``
}

/** `a`, `b` or `c`. */
export function oneOf(names: readonly string[]): string {
  const all = names.map(quoted)
  if (all.length < 2) return all.join('')
  return `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`
}
