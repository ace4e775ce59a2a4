import type { Format } from './configuration.ts'
import { type Problem, quoted } from './problem.ts'
import { type Repositories, reachableFrom } from './repositories.ts'
import type { RepositoryFields } from './schema.ts'
import type { Located } from './shape.ts'

/**
 * The architectures of a repository of ours that names none. For dnf those that all its inputs name, and an empty list, for
 * all, where one of them names none. For apt, which has to name some: those that its inputs name, else every mirror's.
 */
export function defaultArchitectures(name: string, format: Format, repositories: Repositories): string[] {
  const { named, isOpen } = architecturesBelow(name, repositories)
  if (format === 'dnf') return isOpen ? [] : named
  return named.length > 0 ? named : everyArchitecture(repositories)
}

/** Wanted architectures of a repository of ours that clients or inputs do not know. */
export function missingArchitectures(
  name: string,
  wanted: readonly Located<string>[],
  format: Format,
  repositories: Repositories,
): Problem[] {
  const { named, isOpen } = architecturesBelow(name, repositories)
  return wanted.flatMap(({ value, place }) => {
    const meant = otherNames[format].get(value)
    if (meant !== undefined)
      return [
        {
          place,
          found: quoted(value),
          expected: `an architecture as ${format === 'apt' ? 'dpkg' : 'rpm'} calls it`,
          advice: `write ${quoted(meant)}`,
        },
      ]
    if (isOpen || named.includes(value)) return []
    return [
      {
        place,
        found: `${quoted(value)}, which no input has`,
        expected: `architectures of the inputs: ${named.join(', ')}`,
      },
    ]
  })
}

/** What dpkg and rpm call one architecture by two names. */
const twoNames = [
  ['amd64', 'x86_64'],
  ['arm64', 'aarch64'],
  ['ppc64el', 'ppc64le'],
  ['armhf', 'armv7hl'],
] as const

/** For each format the other's names. */
const otherNames: Record<Format, ReadonlyMap<string, string>> = {
  apt: new Map(twoNames.map(([dpkg, rpm]) => [rpm, dpkg])),
  dnf: new Map(twoNames),
}

/** What mirrors and uploads below a repository name, sorted; open where one of them names none or could not be read. */
function architecturesBelow(name: string, repositories: Repositories): { named: string[]; isOpen: boolean } {
  const named = new Set<string>()
  let isOpen = false
  for (const reached of reachableFrom(name, repositories)) {
    const fields = repositories.get(reached)?.value
    if (fields?.compose !== undefined) continue
    const own = fields && namedBy(fields)
    if (own === undefined) isOpen = true
    for (const { value } of own ?? []) named.add(value)
  }
  return { named: [...named].sort(), isOpen }
}

function namedBy({ upstream, uploads }: RepositoryFields): Located<string>[] | undefined {
  return upstream?.format === 'apt' ? upstream.architectures : uploads?.architectures
}

/** The architectures of every APT mirror in the file, sorted; `amd64` where there is none. */
function everyArchitecture(repositories: Repositories): string[] {
  const found = new Set(
    [...repositories.values()].flatMap(({ value }) =>
      value?.upstream?.format === 'apt' ? value.upstream.architectures.map(({ value }) => value) : [],
    ),
  )
  return found.size === 0 ? ['amd64'] : [...found].sort()
}
