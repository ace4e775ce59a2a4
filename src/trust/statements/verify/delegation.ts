import type { Targets } from '@tufjs/models'

/**
 * The roles that a role delegates a path to, in its order of preference (TUF specification 5.6.7), up to the first terminating one.
 * Patterns are matched here, in linear time: those of the library understand more than `*` and `?`.
 */
export function delegatesOf(
  { delegations }: Targets,
  path: string,
): { names: string[]; terminated: boolean } {
  const names: string[] = []
  if (delegations?.succinctRoles !== undefined)
    return { names: [delegations.succinctRoles.getRoleForTarget(path)], terminated: true }
  for (const role of Object.values(delegations?.roles ?? {})) {
    const matches =
      role.paths === undefined
        ? role.isDelegatedPath(path)
        : role.paths.some(one => matchesPattern(one, path))
    if (!matches) continue
    names.push(role.name)
    if (role.terminating) return { names, terminated: true }
  }
  return { names, terminated: false }
}

/** `*` is any text without `/`, `?` one character but `/` (TUF specification 4.5). */
export function matchesPattern(pattern: string, path: string): boolean {
  const patterns = pattern.split('/')
  const parts = path.split('/')
  return patterns.length === parts.length && patterns.every((one, index) => matchesPart(one, parts[index]!))
}

/** Goes back to the last `*` only, so that no pattern costs more than the product of both lengths. */
function matchesPart(pattern: string, part: string): boolean {
  let at = 0
  let star = -1
  let taken = 0
  for (let index = 0; index < part.length; ) {
    if (pattern[at] === '*') {
      star = at++
      taken = index
    } else if (pattern[at] === '?' || pattern[at] === part[index]) {
      at++
      index++
    } else if (star >= 0) {
      at = star + 1
      index = ++taken
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
