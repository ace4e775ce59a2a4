import { YardError } from '../model/index.ts'

/** What one command takes: `--NAME VALUE` or `--NAME=VALUE` for `values`, `--NAME` alone for `flags`. */
export interface CommandShape {
  /** Names of what stands after the command, for messages: `FILE`. */
  operands: readonly string[]
  values: readonly string[]
  flags: readonly string[]
}

export interface Arguments {
  command: string
  operands: string[]
  values: { [name: string]: string }
  flags: ReadonlySet<string>
}

/**
 * Takes a command line apart: one command, its operands and options in any order; after `--` all are operands. No package does
 * it, because the program is started for half a tenth of a second and loading one would be a fifth of that.
 * @throws YardError `usage` for anything that the command does not take, or that it misses.
 */
export function parseArguments(
  words: readonly string[],
  shapes: { readonly [command: string]: CommandShape },
): Arguments {
  const [command, ...rest] = words
  if (command === undefined) throw usage('no command is given', shapes)
  if (!Object.hasOwn(shapes, command)) throw usage(`there is no command ${quoted(command)}`, shapes)
  const shape = shapes[command]!
  const found: { operands: string[]; values: { [name: string]: string }; flags: Set<string> } = {
    operands: [],
    values: {},
    flags: new Set(),
  }
  while (rest.length > 0) {
    const word = rest.shift()!
    if (word === '--') found.operands.push(...rest.splice(0))
    else if (!word.startsWith('--')) found.operands.push(word)
    else takeOption(word, rest)
  }
  if (found.operands.length !== shape.operands.length)
    throw usage(
      `${command} takes ${operandsText(shape)}, not ${found.operands.length} words`,
      shapes,
      command,
    )
  return { command, ...found }

  function takeOption(word: string, following: string[]): void {
    const [, name, value] = /^--([^=]*)(?:=(.*))?$/s.exec(word)!
    if (shape.flags.includes(name!) && value === undefined) found.flags.add(name!)
    else if (shape.values.includes(name!)) {
      const given = value ?? following.shift()
      if (given === undefined) throw usage(`--${name} needs a value`, shapes, command)
      found.values[name!] = given
    } else throw usage(`${command} has no option ${quoted(word)}`, shapes, command)
  }
}

/** One line a command: how it is written. */
export function usageLines(shapes: { readonly [command: string]: CommandShape }): string[] {
  return Object.entries(shapes).map(([command, shape]) =>
    [
      'switchyard-agent',
      command,
      ...shape.operands,
      ...shape.values.map(name => `[--${name} ${name.toUpperCase()}]`),
      ...shape.flags.map(name => `[--${name}]`),
    ].join(' '),
  )
}

function operandsText({ operands }: CommandShape): string {
  return operands.length === 0 ? 'no operands' : operands.join(' and ')
}

function quoted(word: string): string {
  return JSON.stringify(word.slice(0, 80))
}

function usage(
  why: string,
  shapes: { readonly [command: string]: CommandShape },
  command?: string,
): YardError {
  const hint =
    command === undefined
      ? `the commands are ${Object.keys(shapes).join(', ')}`
      : usageLines({ [command]: shapes[command]! }).join('')
  return new YardError('usage', why, { hint })
}
