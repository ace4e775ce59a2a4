import { compareDebianVersions, entriesBetween, parseChangelog, readChangelog } from '../../formats/index.ts'
import { isYardError } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import type { PackageChange } from '../package-changes.ts'

/**
 * The entries of a package's Debian changelog that are newer than its old version, as text; undefined when its file is not
 * here or says nothing.
 */
export async function debChangelog(
  context: RepositoryContext,
  change: PackageChange,
): Promise<string | undefined> {
  const { digest, version } = change.after!
  if ((await context.blobs.size(digest)) === undefined) return undefined
  try {
    const text = await readChangelog(context.blobs.open(digest), change.name)
    if (text === undefined) return undefined
    const entries = entriesBetween(
      parseChangelog(text),
      change.before!.version,
      version,
      compareDebianVersions,
    )
    return entries.length === 0 ? undefined : entries.map(entry => entry.text).join('\n')
  } catch (error) {
    // A package whose changelog cannot be read is still a package that changed.
    if (isYardError(error, 'invalid')) return undefined
    throw error
  }
}
