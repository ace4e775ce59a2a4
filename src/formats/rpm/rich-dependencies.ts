import { type ByteString, YardError } from '../../model/index.ts'
import { parseEvr } from '../version/index.ts'
import { comparisonOfSign, type RpmDependency } from './dependencies.ts'

/** A boolean dependency (rpm's boolean_dependencies.md) as a tree. */
export type RichDependency = RichName | RichGroup | RichCondition

export interface RichName {
  operator: 'name'
  dependency: RpmDependency
}

/** All of the operands, any of them, or one package that is all of them. */
export interface RichGroup {
  /** `without` has two operands, the others two or more. */
  operator: 'and' | 'or' | 'with' | 'without'
  operands: RichDependency[]
}

/** `subject if condition else otherwise`. */
export interface RichCondition {
  operator: 'if' | 'unless'
  subject: RichDependency
  condition: RichDependency
  otherwise: RichDependency | undefined
}

const maxDepth = 64

/**
 * Reads a rich dependency as rpm's rpmrichParse: one operator in each pair of parentheses, only `and`, `or` and `with`
 * chained, nothing but names, `or`, `with` and `without` below `with` and `without`. Commas count as blanks. Unlike rpm it
 * refuses an `else` that follows neither `if` nor `unless`. `where` names it in messages.
 * @throws YardError `invalid` giving the byte where it stops being one, or for more than 64 levels.
 */
export function parseRichDependency(text: ByteString, where: string): RichDependency {
  const cursor: Cursor = { text, at: 0, where }
  const tree = readGroup(cursor, 1)
  if (cursor.at < text.length) throw fault(cursor, 'expected nothing more')
  return tree
}

interface Cursor {
  text: ByteString
  at: number
  where: string
}

type Operator = RichGroup['operator'] | RichCondition['operator'] | 'else'

const operators: readonly string[] = [
  'and',
  'or',
  'with',
  'without',
  'if',
  'unless',
  'else',
] satisfies Operator[]
const blanks = /[ \t\n\v\f\r,]*/y
const operatorWord = /[^ \t\n\v\f\r)]*/y

function readGroup(cursor: Cursor, depth: number): RichDependency {
  const start = cursor.at
  if (cursor.text[start] !== '(') throw fault(cursor, 'expected "("')
  if (depth > maxDepth) throw fault(cursor, `more than ${maxDepth} levels`)
  cursor.at++
  const operands = [readOperand(cursor, depth)]
  const chain: Operator[] = []
  while (cursor.text[cursor.at] !== ')') {
    chain.push(readOperator(cursor, chain))
    operands.push(readOperand(cursor, depth))
  }
  cursor.at++
  const tree = treeOf(operands, chain)
  if ((tree.operator === 'with' || tree.operator === 'without') && !tree.operands.every(isAlternative))
    throw fault({ ...cursor, at: start }, `only names, or, with and without belong below "${tree.operator}"`)
  return tree
}

function readOperand(cursor: Cursor, depth: number): RichDependency {
  skipBlanks(cursor)
  const operand = cursor.text[cursor.at] === '(' ? readGroup(cursor, depth + 1) : readName(cursor)
  skipBlanks(cursor)
  return operand
}

/** The next operator, where it may follow those that stand before it. */
function readOperator(cursor: Cursor, chain: Operator[]): Operator {
  const word = matchAt(cursor, operatorWord)
  if (!operators.includes(word)) throw fault(cursor, 'expected an operator or ")"')
  const operator = word as Operator
  const previous = chain.at(-1)
  const isElse = operator === 'else' && (previous === 'if' || previous === 'unless')
  const continues = operator === previous && ['and', 'or', 'with'].includes(operator)
  const begins = previous === undefined && operator !== 'else'
  if (!isElse && !continues && !begins) throw fault(cursor, 'expected ")"')
  cursor.at += word.length
  return operator
}

function readName(cursor: Cursor): RichName {
  const name = matchWord(cursor)
  if (name === '') throw fault(cursor, 'expected a name')
  cursor.at += name.length
  skipBlanks(cursor)
  const sign = matchWord(cursor)
  const flags = comparisonOfSign(sign)
  if (flags === undefined) return { operator: 'name', dependency: { name, flags, evr: undefined } }
  cursor.at += sign.length
  skipBlanks(cursor)
  const version = matchWord(cursor)
  if (version === '') throw fault(cursor, 'expected a version')
  cursor.at += version.length
  return { operator: 'name', dependency: { name, flags, evr: parseEvr(version) } }
}

function treeOf(operands: RichDependency[], chain: Operator[]): RichDependency {
  const [operator] = chain
  if (operator === undefined) return operands[0]!
  if (operator === 'if' || operator === 'unless')
    return { operator, subject: operands[0]!, condition: operands[1]!, otherwise: operands[2] }
  return { operator: operator as RichGroup['operator'], operands }
}

/** Whether it names nothing but single packages. */
function isAlternative(tree: RichDependency): boolean {
  if (tree.operator === 'name') return true
  return 'operands' in tree && tree.operator !== 'and' && tree.operands.every(isAlternative)
}

function skipBlanks(cursor: Cursor): void {
  cursor.at += matchAt(cursor, blanks).length
}

function matchAt(cursor: Cursor, shape: RegExp): string {
  shape.lastIndex = cursor.at
  return shape.exec(cursor.text)?.[0] ?? ''
}

/** Up to a blank, or to a parenthesis that the word itself did not open: `libfoo.so.1()(64bit)` is one. */
function matchWord({ text, at }: Cursor): string {
  let depth = 0
  let end = at
  for (; end < text.length; end++) {
    const sign = text[end]!
    if (sign === ')' && depth-- <= 0) break
    if (sign === '(') depth++
    if (' \t\n\v\f\r,'.includes(sign)) break
  }
  return text.slice(at, end)
}

function fault({ text, at, where }: Cursor, what: string): YardError {
  const found = JSON.stringify(text.slice(at, at + 40))
  return new YardError('invalid', `${where}: ${what} at byte ${at}, found ${found}`)
}
