import { isThere } from '../packages.ts'
import type { Universe } from './universe.ts'

/** For packages that are gone one that came under the same name, where one did. */
export function successorsOf(
  { packages }: Universe,
  gone: ReadonlySet<number>,
  added: ReadonlySet<number>,
): Map<number, number> {
  const newcomers = new Map<number, number>()
  for (const one of added) if (isThere(packages, one)) newcomers.set(packages.names[one]!, one)
  const successors = new Map<number, number>()
  for (const one of gone) {
    const newcomer = newcomers.get(packages.names[one]!)
    if (newcomer !== undefined) successors.set(one, newcomer)
  }
  return successors
}
