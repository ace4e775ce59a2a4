import type { Format } from './configuration.ts'
import type { RepositoryFields } from './schema.ts'
import type { Located } from './shape.ts'

/** The repositories as they were read; one that could not be read is undefined, but its name still exists. */
export type Repositories = Map<string, Located<RepositoryFields | undefined>>

/** The format of a repository: its own, or that of what it is made from; undefined when that could not be read. */
export function formatOf(name: string, repositories: Repositories): Format | undefined {
  for (const reached of reachableFrom(name, repositories)) {
    const value = repositories.get(reached)?.value
    const format = value?.upstream?.format ?? value?.uploads?.format
    if (format !== undefined) return format
  }
  return undefined
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
export function reachableFrom(start: string, repositories: Repositories): Set<string> {
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

/** What a composition names under `from`; nothing for other repositories. */
export function inputsOf(name: string, repositories: Repositories): string[] {
  return repositories.get(name)?.value?.compose?.from.map(input => input.value) ?? []
}
