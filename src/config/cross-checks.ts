import { missingArchitectures } from './architectures.ts'
import type { ComposeFields } from './compose-schema.ts'
import { meaninglessKeys } from './meaningless-keys.ts'
import { type Problem, quoted } from './problem.ts'
import { formatOf, inputsOf, type Repositories } from './repositories.ts'

/** What can be wrong between repositories: dangling names, cycles, inputs of two formats, keys that mean nothing, architectures that no input has. */
export function crossProblems(repositories: Repositories): Problem[] {
  return [...repositories].flatMap(([name, { value }]) => {
    const { uploads, compose } = value ?? {}
    const own = uploads ?? compose
    const format = formatOf(name, repositories)
    return [
      ...(compose === undefined ? [] : inputProblems(name, compose, repositories)),
      ...(own === undefined || format === undefined ? [] : meaninglessKeys(own, format)),
      ...(own === undefined || format === undefined
        ? []
        : missingArchitectures(name, own.architectures ?? [], format, repositories)),
    ]
  })
}

function inputProblems(name: string, compose: ComposeFields, repositories: Repositories): Problem[] {
  return [
    ...dangling(compose, repositories),
    ...notPreferred(compose),
    ...cycleThrough(name, repositories),
    ...mixedFormats(compose, repositories),
  ]
}

function mixedFormats(compose: ComposeFields, repositories: Repositories): Problem[] {
  const [first, ...others] = compose.from
  const expected = first && formatOf(first.value, repositories)
  return others.flatMap(({ value, place }) => {
    const format = formatOf(value, repositories)
    if (format === undefined || expected === undefined || format === expected) return []
    return [
      {
        place,
        found: `${quoted(value)}, a repository for ${format}`,
        expected: `inputs for ${expected}, as ${quoted(first!.value)}`,
      },
    ]
  })
}

function dangling(compose: ComposeFields, repositories: Repositories): Problem[] {
  const valid = [...repositories.keys()]
  return compose.from
    .filter(input => !repositories.has(input.value))
    .map(({ value, place }) => ({
      place,
      found: `${quoted(value)}, which is no repository of this file`,
      expected: 'the name of one',
      misnamed: { name: value, valid },
    }))
}

function notPreferred(compose: ComposeFields): Problem[] {
  const valid = compose.from.map(input => input.value)
  return compose.prefer
    .filter(input => !valid.includes(input.value))
    .map(({ value, place }) => ({
      place,
      found: `${quoted(value)}, which is not in \`from\``,
      expected: 'one of the inputs',
      misnamed: { name: value, valid },
    }))
}

/** The shortest way from a repository back to itself; a cycle is reported once, at its first name in the file. */
function cycleThrough(start: string, repositories: Repositories): Problem[] {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const name of queue) {
    for (const input of inputsOf(name, repositories)) {
      if (input === start) return cycleProblem(wayTo(name, start, cameFrom), repositories)
      if (cameFrom.has(input)) continue
      cameFrom.set(input, name)
      queue.push(input)
    }
  }
  return []
}

function wayTo(name: string, start: string, cameFrom: Map<string, string>): string[] {
  const way = [name]
  while (way[0] !== start) way.unshift(cameFrom.get(way[0]!)!)
  return way
}

function cycleProblem(way: string[], repositories: Repositories): Problem[] {
  const [start, next] = [way[0]!, way[1] ?? way[0]!]
  const order = [...repositories.keys()]
  if (way.some(name => order.indexOf(name) < order.indexOf(start))) return []
  const from = repositories.get(start)!.value!.compose!.from
  const { place } = from.find(input => input.value === next)!
  const circle = [...way, start].join(' -> ')
  return [{ place, found: `a circle: ${circle}`, expected: 'inputs that do not depend on this repository' }]
}
