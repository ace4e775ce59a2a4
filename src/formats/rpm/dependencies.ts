import { type ByteString, YardError } from '../../model/index.ts'
import { compareRpmVersions, type Evr, formatEvr, parseEvr } from '../version/index.ts'

/** Which versions are meant, in the words of primary.xml. */
export type Comparison = 'LT' | 'LE' | 'EQ' | 'GE' | 'GT'

/** A name that is provided or asked for: a capability, a path, or a rich dependency when it begins with `(`. */
export interface RpmDependency {
  name: ByteString
  /** With `evr` undefined too, any version is meant. */
  flags: Comparison | undefined
  evr: Evr | undefined
}

const less = 2
const greater = 4
const equal = 8

const senses: { [C in Comparison]: number } = {
  LT: less,
  LE: less | equal,
  EQ: equal,
  GE: greater | equal,
  GT: greater,
}
const comparisons = new Map(Object.entries(senses).map(([flags, sense]) => [sense, flags as Comparison]))

const signs: { [C in Comparison]: string } = { LT: '<', LE: '<=', EQ: '=', GE: '>=', GT: '>' }
const comparisonsBySign = new Map<string, Comparison>([
  ['<', 'LT'],
  ['<=', 'LE'],
  ['=<', 'LE'],
  ['=', 'EQ'],
  ['==', 'EQ'],
  ['>=', 'GE'],
  ['=>', 'GE'],
  ['>', 'GT'],
])

/** The comparison in the lowest four bits of a dependency's flags in a header (rpmsenseFlags). */
export function comparisonOfSense(sense: number): Comparison | undefined {
  return comparisons.get(sense & 0xf)
}

/** The flags of a dependency in a header that mean this comparison. */
export function senseOf(comparison: Comparison | undefined): number {
  return comparison === undefined ? 0 : senses[comparison]
}

/** The comparison that an operator as people write it means: `=`, `<`, `=>`. */
export function comparisonOfSign(sign: string): Comparison | undefined {
  return comparisonsBySign.get(sign)
}

/**
 * A dependency as spec files and people write one: `name`, or `name >= 1:2-3`. `where` names it in messages.
 * @throws YardError `invalid` for anything else; a rich dependency is read by `parseRichDependency`.
 */
export function parseRpmDependency(text: ByteString, where: string): RpmDependency {
  const words = text.trim().split(/[ \t\n\v\f\r]+/)
  const [name, sign, evr] = words
  if (name === undefined || name === '' || name.startsWith('(')) throw fault('a name', text, where)
  if (words.length === 1) return { name, flags: undefined, evr: undefined }
  const flags = comparisonOfSign(sign!)
  if (flags === undefined || evr === undefined || words.length > 3)
    throw fault('a name, or a name, an operator and a version', text, where)
  return { name, flags, evr: parseEvr(evr) }
}

/** `name`, or `name >= 1:2-3`. */
export function formatRpmDependency({ name, flags, evr }: RpmDependency): ByteString {
  return flags === undefined || evr === undefined ? name : `${name} ${signs[flags]} ${formatEvr(evr)}`
}

/**
 * Whether what a package provides is what another asks for (rpm's rpmdsCompare): the names are equal and the ranges of
 * versions overlap. Not for rich dependencies: their parts are asked for one by one.
 */
export function satisfies(provided: RpmDependency, required: RpmDependency): boolean {
  return provided.name === required.name && rangesOverlap(provided, required)
}

/** What says which versions are meant. */
export type VersionRange = Pick<RpmDependency, 'flags' | 'evr'>

/**
 * Whether some version lies in both ranges (rpm's rpmverOverlap). Without an operator or a version a range holds
 * everything; where one side has no release and allows equality, every release matches.
 */
export function rangesOverlap(a: VersionRange, b: VersionRange): boolean {
  if (a.flags === undefined || b.flags === undefined || isEmpty(a.evr) || isEmpty(b.evr)) return true
  const senseA = senses[a.flags]
  const senseB = senses[b.flags]
  const releaseA = a.evr.release || undefined
  const releaseB = b.evr.release || undefined
  let order =
    compareRpmVersions(a.evr.epoch ?? '0', b.evr.epoch ?? '0') ||
    compareRpmVersions(a.evr.version, b.evr.version)
  if (order === 0) {
    if (releaseA !== undefined && releaseB !== undefined) order = compareRpmVersions(releaseA, releaseB)
    else if (releaseA !== undefined && (senseB & equal) !== 0) return true
    else if (releaseB !== undefined && (senseA & equal) !== 0) return true
  }
  if (order < 0) return (senseA & greater) !== 0 || (senseB & less) !== 0
  if (order > 0) return (senseA & less) !== 0 || (senseB & greater) !== 0
  return (senseA & senseB) !== 0
}

function isEmpty(evr: Evr | undefined): evr is undefined {
  return evr === undefined || (evr.epoch === undefined && evr.version === '' && evr.release === undefined)
}

function fault(expected: string, text: ByteString, where: string): YardError {
  return new YardError(
    'invalid',
    `${where}: expected ${expected}, found ${JSON.stringify(text.slice(0, 80))}`,
  )
}
