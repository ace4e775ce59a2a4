import { type ByteString, YardError } from '../../model/index.ts'
import { compareDebianVersions } from '../version/index.ts'
import { matchesArchitecture } from './architecture.ts'
import { trimBlanks } from './deb822.ts'

export type VersionOperator = '<<' | '<=' | '=' | '>=' | '>>'

/** Which versions a relation means. */
export interface VersionConstraint {
  operator: VersionOperator
  version: ByteString
}

/** `name`, or `!name` when negated: an architecture or a build profile. */
export interface Restriction {
  name: ByteString
  negated: boolean
}

/** One package as a relationship field names it: `name:qualifier (>= version) [architectures] <profiles>`. */
export interface Relation {
  name: ByteString
  /** `any`, `native` or an architecture, where one is written after the name. */
  qualifier: ByteString | undefined
  version: VersionConstraint | undefined
  /** Source packages only: holds on these architectures (or, all negated, on all but these); empty holds everywhere. */
  architectures: Restriction[]
  /** Source packages only: holds if every member of one of these lists does; empty holds always. */
  profiles: Restriction[][]
  /** As the field writes it. */
  text: ByteString
}

/** What one comma of Depends stands behind: alternatives, any one of which is enough. */
export type Dependency = Relation[]

/** A name that a package provides, at a version where it says so. */
export interface Provided {
  name: ByteString
  version: ByteString | undefined
}

/**
 * A field such as Depends, Pre-Depends or Recommends (Debian Policy 7.1): all of the outer list, one of each inner list.
 * An empty field gives an empty list. `where` names package and field for messages.
 * @throws YardError `invalid` giving the byte at which the field stops being one.
 */
export function parseDependencies(value: ByteString, where: string): Dependency[] {
  const cursor: Cursor = { value, at: 0, where }
  const groups: Dependency[] = []
  skipBlanks(cursor)
  if (cursor.at === value.length) return groups
  do {
    const alternatives = [readRelation(cursor)]
    while (take(cursor, '|')) alternatives.push(readRelation(cursor))
    groups.push(alternatives)
  } while (take(cursor, ','))
  if (cursor.at < value.length) throw fault(cursor, 'expected "," or "|"')
  return groups
}

/**
 * A field without alternatives: Conflicts, Breaks, Replaces, Enhances (Debian Policy 7.1).
 * @throws YardError `invalid` as `parseDependencies`, and for an alternative.
 */
export function parseRelations(value: ByteString, where: string): Relation[] {
  return parseDependencies(value, where).map(alternatives => {
    if (alternatives.length > 1)
      throw new YardError('invalid', `${where}: alternatives ("|") do not belong here`)
    return alternatives[0]!
  })
}

/**
 * Provides (Debian Policy 7.5). An entry with another operator than `=` provides nothing, to apt as to us.
 * @throws YardError `invalid` as `parseRelations`.
 */
export function parseProvides(value: ByteString, where: string): Provided[] {
  return parseRelations(value, where)
    .filter(({ version }) => version === undefined || version.operator === '=')
    .map(({ name, version }) => ({ name, version: version?.version }))
}

/** Whether a version is one that the constraint means; no constraint means every version. */
export function satisfiesVersion(version: ByteString, constraint: VersionConstraint | undefined): boolean {
  if (constraint === undefined) return true
  const order = compareDebianVersions(version, constraint.version)
  switch (constraint.operator) {
    case '<<':
      return order < 0
    case '<=':
      return order <= 0
    case '=':
      return order === 0
    case '>=':
      return order >= 0
    case '>>':
      return order > 0
  }
}

/** Whether a relation's `[architectures]` leave it standing on one of them (Debian Policy 7.1). @public for source packages. */
export function appliesTo({ architectures }: Relation, architecture: ByteString): boolean {
  if (architectures.length === 0) return true
  const named = architectures.some(({ name }) => matchesArchitecture(architecture, name))
  return architectures[0]!.negated ? !named : named
}

interface Cursor {
  value: ByteString
  at: number
  where: string
}

const blanks = /[ \t\r\n]*/y
const packageName = /[A-Za-z0-9][A-Za-z0-9+._-]*/y
const word = /[A-Za-z0-9][A-Za-z0-9-]*/y
const profileName = /[A-Za-z0-9][A-Za-z0-9+._-]*/y
const operatorSign = /<<|<=|>=|>>|[<>=]/y
const versionWord = /[A-Za-z0-9.+~:-]+/y

function readRelation(cursor: Cursor): Relation {
  skipBlanks(cursor)
  const start = cursor.at
  const name = expect(cursor, packageName, 'a package name')
  const qualifier = cursor.value[cursor.at] === ':' ? readQualifier(cursor) : undefined
  skipBlanks(cursor)
  const version = take(cursor, '(') ? readConstraint(cursor) : undefined
  const architectures = take(cursor, '[') ? readRestrictions(cursor, word, ']', 'an architecture') : []
  const profiles: Restriction[][] = []
  while (take(cursor, '<')) profiles.push(readRestrictions(cursor, profileName, '>', 'a build profile'))
  const text = trimBlanks(cursor.value.slice(start, cursor.at))
  return { name, qualifier, version, architectures, profiles, text }
}

function readQualifier(cursor: Cursor): ByteString {
  cursor.at++
  return expect(cursor, word, 'an architecture')
}

function readConstraint(cursor: Cursor): VersionConstraint {
  operatorSign.lastIndex = cursor.at
  const operator = operatorSign.exec(cursor.value)?.[0] ?? ''
  cursor.at += operator.length
  skipBlanks(cursor)
  const version = expect(cursor, versionWord, 'a version')
  skipBlanks(cursor)
  if (!take(cursor, ')')) throw fault(cursor, 'expected ")"')
  return { operator: modernOperator(operator), version }
}

/** Policy 7.1: the old `<` and `>` mean `<=` and `>=`; like dpkg, no operator means `=`. */
function modernOperator(operator: string): VersionOperator {
  if (operator === '') return '='
  if (operator === '<') return '<='
  if (operator === '>') return '>='
  return operator as VersionOperator
}

function readRestrictions(cursor: Cursor, shape: RegExp, close: string, what: string): Restriction[] {
  const restrictions: Restriction[] = []
  do {
    const negated = cursor.value[cursor.at] === '!'
    if (negated) cursor.at++
    restrictions.push({ name: expect(cursor, shape, what), negated })
    skipBlanks(cursor)
  } while (!take(cursor, close))
  return restrictions
}

/** Steps over one sign and the blanks behind it, if it stands here. */
function take(cursor: Cursor, sign: string): boolean {
  if (cursor.value[cursor.at] !== sign) return false
  cursor.at++
  skipBlanks(cursor)
  return true
}

function skipBlanks(cursor: Cursor): void {
  blanks.lastIndex = cursor.at
  blanks.test(cursor.value)
  cursor.at = blanks.lastIndex
}

function expect(cursor: Cursor, shape: RegExp, what: string): string {
  shape.lastIndex = cursor.at
  const match = shape.exec(cursor.value)
  if (match === null) throw fault(cursor, `expected ${what}`)
  cursor.at = shape.lastIndex
  return match[0]
}

function fault(cursor: Cursor, what: string): YardError {
  const found = JSON.stringify(cursor.value.slice(cursor.at, cursor.at + 40))
  return new YardError('invalid', `${cursor.where}: ${what} at byte ${cursor.at}, found ${found}`)
}
