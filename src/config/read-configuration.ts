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
import { messageOf, type Name, YardError } from '../model/index.ts'
import type { Configuration } from './configuration.ts'
import { crossProblems } from './cross-checks.ts'
import type { GateShapes } from './gates-schema.ts'
import { configurationError, type Place, type Problem, quoted } from './problem.ts'
import { repositoryConfiguration } from './repository-configuration.ts'
import { type FileFields, fileShape } from './schema.ts'
import type { Reading, Value } from './shape.ts'
import { trainProblems } from './train-checks.ts'
import { trainConfiguration } from './train-configuration.ts'

const mostBytes = 1024 * 1024
const mostAliases = 100

/**
 * Reads `switchyard.yaml` (YAML 1.2): every default filled in, every path absolute, every name resolved.
 * `file` is the absolute path of the file (for messages, and where relative paths start), `text` its content, `gates` those
 * that a channel may name.
 * @throws YardError `configuration` with every mistake of the file, each with its line and column, what was found,
 *   what was expected and the nearest valid name. Passwords and URLs are never repeated.
 */
export function readConfiguration(file: string, text: string, gates: GateShapes = {}): Configuration {
  if (Buffer.byteLength(text) > mostBytes)
    throw new YardError('configuration', `${file} is larger than 1 MiB`, { hint: 'nothing was changed' })
  const lines = new LineCounter()
  const problems: Problem[] = []
  const fields = readDocument(parse(file, text, lines), posix.dirname(file), gates, problems)
  const lineOf = (offset: number): string => lineAndColumn(lines, offset)
  if (fields === undefined || problems.length > 0) throw configurationError(file, problems, lineOf)
  return assemble(file, fields, offset => lines.linePos(offset).line)
}

function lineAndColumn(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${Math.max(1, line)}:${Math.max(1, col)}`
}

/** The library may overflow its stack on a hostile file; that is the file's mistake. */
function parse(file: string, text: string, lineCounter: LineCounter): Document.Parsed {
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

function readDocument(
  document: Document.Parsed,
  directory: string,
  gates: GateShapes,
  problems: Problem[],
): FileFields | undefined {
  problems.push(...[...document.errors, ...document.warnings].map(syntaxProblem))
  if (document.directives.yaml.version !== '1.2')
    problems.push({ place: top, found: 'another version of YAML', expected: 'YAML 1.2' })
  if (problems.length > 0) return undefined
  const fields = fileShape(gates).read(document.contents, top, readingOf(document, directory, problems))
  if (fields === undefined) return undefined
  problems.push(...crossProblems(fields.repositories))
  problems.push(...trainProblems(fields.trains ?? new Map(), fields.repositories))
  return fields
}

const top: Place = { offset: 0, path: '' }

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

function assemble(file: string, fields: FileFields, lineOf: (offset: number) => number): Configuration {
  const { server, keys, database } = fields
  const latest = {
    keepSeconds: fields.latest?.keep ?? 7 * 86_400,
    keepAtLeast: fields.latest?.['keep-at-least'] ?? 3,
  }
  const repositories = [...fields.repositories].map(([name, { place }]) =>
    repositoryConfiguration(name as Name, fields.repositories, `${file}:${lineOf(place.offset)}`),
  )
  const trains = [...(fields.trains ?? [])].map(([name, { value, place }]) =>
    trainConfiguration(name as Name, value!, latest, `${file}:${lineOf(place.offset)}`),
  )
  return {
    file,
    trains: new Map(trains.map(train => [train.name, train])),
    repositories: new Map(repositories.map(repository => [repository.name, repository])),
    server: { listen: server?.listen ?? { host: '127.0.0.1', port: 8080 } },
    keys: {
      algorithm: keys?.algorithm ?? 'rsa4096',
      userId: keys?.['user-id'] ?? 'Switchyard <switchyard@localhost>',
    },
    latest,
    database: database === undefined ? { kind: 'sqlite' } : { kind: 'postgresql', url: database.url },
  }
}
