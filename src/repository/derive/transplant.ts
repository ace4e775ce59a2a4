import type { ByteString, Digest } from '../../model/index.ts'
import { type Change, decodePackageKey, diff } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { isSideKey, type RowChanges, rowOf } from '../package-rows.ts'

/**
 * Which packages are as another snapshot of the repository has them: whatever their versions and architectures, what that
 * snapshot has under these names is there, and nothing else is.
 */
export interface Transplant {
  packages: ReadonlySet<ByteString>
  /** Names of source packages. */
  sources: ReadonlySet<ByteString>
}

const sourceArchitectures = ['src', 'nosrc']
/** Their names are those of advisories, groups and modules. */
const groupFamilies = ['rpm-comps', 'rpm-modules', 'rpm-updateinfo']

/** How the packages tree `base` changes when it takes these packages from `source`; by ascending key. */
export async function transplantChanges(
  context: RepositoryContext,
  base: Digest,
  source: Digest,
  moved: Transplant,
): Promise<Change[]> {
  const changes: Change[] = []
  for await (const change of diff(context.trees, base, source))
    if (isMoved(change.key, moved)) changes.push(change)
  return changes
}

function isMoved(key: ByteString, { packages, sources }: Transplant): boolean {
  const { family, architecture, name } = decodePackageKey(key)
  if (groupFamilies.includes(family)) return false
  return family === 'deb-src' || sourceArchitectures.includes(architecture)
    ? sources.has(name)
    : packages.has(name)
}

/** The packages that go and come. */
export function rowsOfChanges(changes: readonly Change[]): RowChanges {
  const packages = changes.filter(({ key }) => !isSideKey(key))
  return {
    removed: packages.flatMap(({ key, before }) => (before === undefined ? [] : [rowOf(key, before)])),
    added: packages.flatMap(({ key, after }) => (after === undefined ? [] : [rowOf(key, after)])),
  }
}
