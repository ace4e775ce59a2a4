import { posix } from 'node:path'
import {
  type Alias,
  type Document,
  isAlias,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
  type YAMLWarning,
} from 'yaml'
import { messageOf, YardError } from '../model/index.ts'
import { configurationError, type Place, type Problem, quoted } from './problem.ts'
import type { Reading, Value } from './shape.ts'

const mostBytes = 1024 * 1024
const mostAliases = 100

/** What was read of a file, and where in it something stands. */
export interface ReadDocument<T> {
  value: T
  /** The line of an offset, from 1. */
  lineOf(offset: number): number
}

/** Where a document begins. */
export const top: Place = { offset: 0, path: '' }

/**
 * Reads one of our files (YAML 1.2). `file` is its absolute path (for messages, and where relative paths start), `text` its
 * content; `read` turns the document's node into a value and reports what is wrong with it.
 * @throws YardError `configuration` with every mistake of the file, each with its line and column, what was found,
 *   what was expected and the nearest valid name.
 */
export function readYaml<T>(
  file: string,
  text: string,
  read: (contents: Value, reading: Reading) => T | undefined,
): ReadDocument<T> {
  if (Buffer.byteLength(text) > mostBytes)
    throw new YardError('configuration', `${file} is larger than 1 MiB`, { hint: 'nothing was changed' })
  const lines = new LineCounter()
  const problems: Problem[] = []
  const value = readDocument(parseYaml(file, text, lines), posix.dirname(file), read, problems)
  if (value === undefined || problems.length > 0)
    throw configurationError(file, problems, offset => lineAndColumn(lines, offset))
  return { value, lineOf: offset => lines.linePos(offset).line }
}

/**
 * The document of a text, with its comments. The library may overflow its stack on a hostile file; that is the file's mistake.
 * @throws YardError `configuration`.
 */
export function parseYaml(file: string, text: string, lineCounter = new LineCounter()): Document.Parsed {
  try {
    return parseDocument(text, {
      version: '1.2',
      // Duplicate keys are found by the shapes: the library compares every key with every other.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
      lineCounter,
    })
  } catch (cause) {
    throw new YardError('configuration', `${file} is not readable as YAML: ${messageOf(cause)}`, { cause })
  }
}

function lineAndColumn(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${Math.max(1, line)}:${Math.max(1, col)}`
}

function readDocument<T>(
  document: Document.Parsed,
  directory: string,
  read: (contents: Value, reading: Reading) => T | undefined,
  problems: Problem[],
): T | undefined {
  problems.push(...[...document.errors, ...document.warnings].map(syntaxProblem))
  if (document.directives.yaml.version !== '1.2')
    problems.push({ place: top, found: 'another version of YAML', expected: 'YAML 1.2' })
  if (problems.length > 0) return undefined
  return read(document.contents, readingOf(document, directory, problems))
}

function readingOf(document: Document.Parsed, directory: string, problems: Problem[]): Reading {
  let aliases = 0
  return {
    directory,
    report: problem => problems.push(problem),
    resolve: (node, place) => {
      if (!isAlias(node)) return node
      aliases += 1
      if (aliases > mostAliases)
        problems.push({ place, found: 'one alias more', expected: `at most ${mostAliases} in a file` })
      return aliases > mostAliases ? undefined : resolveAlias(node, document, place, problems)
    },
  }
}

function resolveAlias(
  alias: Alias,
  document: Document.Parsed,
  place: Place,
  problems: Problem[],
): Value | undefined {
  const target: Node | undefined = alias.resolve(document)
  if (target !== undefined && !isAlias(target)) return target
  const found = `the alias ${quoted(alias.source)} without its anchor`
  problems.push({ place, found, expected: 'an anchor of that name above it' })
  return undefined
}

/** The library's message without the piece of the file that it may repeat: a broken line can hold a secret. */
function syntaxProblem({ message, pos }: YAMLError | YAMLWarning): Problem {
  const fault = message.split(/: |\n/)[0]!
  return { place: { offset: pos[0], path: '' }, found: `broken YAML (${fault})`, expected: 'YAML 1.2' }
}
