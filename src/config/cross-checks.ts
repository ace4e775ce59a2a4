import { aptOnly, type ComposeFields, type OutputFields } from './compose-schema.ts'
import type { Format } from './configuration.ts'
import { type Problem, quoted } from './problem.ts'
import type { RepositoryFields } from './schema.ts'
import type { Located } from './shape.ts'

/** The repositories as they were read; one that could not be read is undefined, but its name still exists. */
export type Repositories = Map<string, Located<RepositoryFields | undefined>>

/** What can be wrong between repositories: dangling names, cycles, inputs of two formats, architectures that no input has. */
export function crossProblems(repositories: Repositories): Problem[] {
  const problems: Problem[] = []
  for (const [name, { value, place }] of repositories) {
    if (value?.uploads !== undefined)
      problems.push(...meaningless(value.uploads, value.uploads.format, place.offset))
    if (value?.compose === undefined) continue
    problems.push(...dangling(value.compose, repositories), ...notPreferred(value.compose))
    problems.push(...cycleThrough(name, repositories), ...missingArchitectures(name, repositories))
    problems.push(...mixedFormats(value.compose, repositories))
    const format = formatOf(name, repositories)
    if (format !== undefined) problems.push(...meaningless(value.compose, format, place.offset))
  }
  return problems
}

/** The format of a repository: its own, or that of what it is made from; undefined when that could not be read. */
export function formatOf(name: string, repositories: Repositories): Format | undefined {
  for (const reached of reachableFrom(name, repositories)) {
    const value = repositories.get(reached)?.value
    const format = value?.upstream?.format ?? value?.uploads?.format
    if (format !== undefined) return format
  }
  return undefined
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

/** Keys that say something to the clients of another format only. */
function meaningless(
  fields: OutputFields & Partial<ComposeFields>,
  format: Format,
  offset: number,
): Problem[] {
  const problem = (place: Problem['place'], key: string, other: string): Problem => ({
    place,
    found: `\`${key}\`, which only repositories for ${other} have`,
    expected: `none in one for ${format}`,
  })
  const place = { offset, path: '' }
  if (format === 'apt') {
    const kinds = [...(fields.include ?? []), ...(fields.exclude ?? [])].filter(
      ({ value }) => value.kind !== 'package' && value.kind !== 'source',
    )
    return [
      ...kinds.map(({ value, place }) => problem(place, value.kind, 'dnf')),
      ...(fields.compression ?? [])
        .filter(({ value }) => value === 'zst')
        .map(({ place }) => problem(place, 'zst', 'dnf')),
    ]
  }
  const given = aptOnly.filter(key => fields[key] !== undefined)
  const compression = (fields.compression ?? []).filter(({ value }, i) => value === 'xz' || i > 0)
  return [
    ...given.map(key => {
      const field = fields[key]!
      return problem(Array.isArray(field) ? (field[0]?.place ?? place) : field.place, key, 'apt')
    }),
    ...compression.map(({ value, place }) => ({
      place,
      found: `${quoted(value)}`,
      expected: 'one of `gz` and `zst` in a repository for dnf',
    })),
  ]
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

function missingArchitectures(name: string, repositories: Repositories): Problem[] {
  const asked = repositories.get(name)?.value?.compose?.architectures ?? []
  const valid = architecturesOf(name, repositories)
  if (valid === undefined) return []
  return asked
    .filter(architecture => !valid.includes(architecture.value))
    .map(({ value, place }) => ({
      place,
      found: `${quoted(value)}, which no input has`,
      expected: `architectures of the inputs: ${valid.join(', ')}`,
    }))
}

/**
 * The architectures of everything that a composition is made from, sorted; undefined when that is not known from the file alone: an
 * input could not be read, or does not say its architectures.
 */
export function architecturesOf(name: string, repositories: Repositories): string[] | undefined {
  const found = new Set<string>()
  for (const input of reachableFrom(name, repositories)) {
    const value = repositories.get(input)?.value
    if (value === undefined) return undefined
    if (value.compose !== undefined) continue
    const listed =
      value.upstream?.format === 'apt' ? value.upstream.architectures : value.uploads?.architectures
    if (listed === undefined) {
      if (value.uploads?.format === 'apt') continue
      return undefined
    }
    for (const architecture of listed) found.add(architecture.value)
  }
  return [...found].sort()
}

/** The architectures of every APT mirror in the file, sorted; `amd64` where there is none. */
export function everyArchitecture(repositories: Repositories): string[] {
  const found = new Set<string>()
  for (const { value } of repositories.values())
    if (value?.upstream?.format === 'apt')
      for (const architecture of value.upstream.architectures) found.add(architecture.value)
  return found.size === 0 ? ['amd64'] : [...found].sort()
}

/** The first suite of the first mirror below a composition, as its own suite's default; undefined for a flat one. */
export function firstSuiteBelow(name: string, repositories: Repositories): string | undefined {
  for (const input of reachableFrom(name, repositories)) {
    const upstream = repositories.get(input)?.value?.upstream
    if (upstream?.format === 'apt') return (upstream.suites?.[0] ?? upstream.suite)?.value
  }
  return undefined
}

/** A repository and all that it is made from, inputs in the order of `from`, depth first. */
function reachableFrom(start: string, repositories: Repositories): Set<string> {
  const seen = new Set<string>()
  const stack = [start]
  while (stack.length > 0) {
    const name = stack.pop()!
    if (seen.has(name)) continue
    seen.add(name)
    stack.push(...inputsOf(name, repositories).reverse())
  }
  return seen
}

function inputsOf(name: string, repositories: Repositories): string[] {
  return repositories.get(name)?.value?.compose?.from.map(input => input.value) ?? []
}
