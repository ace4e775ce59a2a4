import { type ByteString, YardError } from '../../model/index.ts'
import { parseEvr } from '../version/index.ts'
import { comparisonOfSense, type RpmDependency } from './dependencies.ts'
import type { Header } from './header.ts'
import { type Tag, tags } from './tags.ts'

/** A dependency as a header has it. */
export interface HeaderDependency extends RpmDependency {
  /** `[epoch:]version[-release]` as the header writes it, empty for none. */
  evrText: ByteString
  /** All of rpm's flags for it (rpmsenseFlags): comparison, scriptlets that need it, and more. */
  sense: number
}

/** @throws YardError `invalid` when names, flags and versions are not equally many. */
export function dependenciesOf(
  header: Header,
  nameTag: Tag<'strings'>,
  flagsTag: Tag<'numbers'>,
  versionTag: Tag<'strings'>,
  object: string,
): HeaderDependency[] {
  const names = header.get(nameTag)
  if (names === undefined) return []
  const flags = sameLength(header, flagsTag, names.length, object)
  const versions = sameLength(header, versionTag, names.length, object)
  return names.map((name, i) => {
    const evrText = versions[i]!
    const sense = flags[i]!
    return {
      name,
      flags: comparisonOfSense(sense),
      evr: evrText === '' ? undefined : parseEvr(evrText),
      evrText,
      sense,
    }
  })
}

/** @throws YardError `invalid` where it is missing or empty. */
export function needed(header: Header, tag: Tag<'string'>, object: string): ByteString {
  const value = header.get(tag)
  if (value === undefined || value === '') throw headerFault(object, tag, 'is missing')
  return value
}

/**
 * An array that must have as many items as the one that it belongs to.
 * @throws YardError `invalid` when it has not.
 */
export function sameLength<K extends 'strings' | 'numbers'>(
  header: Header,
  tag: Tag<K>,
  length: number,
  object: string,
): K extends 'strings' ? ByteString[] : number[] {
  const values = header.get<'strings' | 'numbers'>(tag) ?? []
  if (values.length !== length) throw headerFault(object, tag, `has ${values.length} items, not ${length}`)
  return values as K extends 'strings' ? ByteString[] : number[]
}

export function headerFault(object: string, tag: Tag, lie: string): YardError {
  const name = Object.entries(tags).find(([, { number }]) => number === tag.number)?.[0]
  return new YardError('invalid', `${object} is no valid RPM package: its header: ${name} ${lie}`)
}
