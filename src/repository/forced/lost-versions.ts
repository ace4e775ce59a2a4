import type { SnapshotRecord } from '../../model/index.ts'
import { diff } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { type PackageChange, packageChanges } from '../package-changes.ts'
import { collectRows } from '../package-rows.ts'

/**
 * Of the packages for whose sake `derived` was made: those that `next` has in an older version, or not at all. Neither is so when
 * `next` has taken over what the derived one brought.
 */
export async function lostVersions(
  context: RepositoryContext,
  derived: SnapshotRecord,
  next: SnapshotRecord,
): Promise<PackageChange[]> {
  const names = new Set(derived.derived?.packages)
  if (names.size === 0 || derived.packages === next.packages) return []
  const changes = packageChanges(await collectRows(diff(context.trees, derived.packages, next.packages)))
  return changes.filter(
    ({ kind, name, family }) =>
      names.has(name) && family !== 'deb-src' && (kind === 'downgraded' || kind === 'removed'),
  )
}
