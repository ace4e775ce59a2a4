import { compareDebianVersions, entriesBetween, parseChangelog, readChangelog } from '../formats/index.ts'
import {
  type ByteString,
  type Digest,
  type FileEntry,
  isYardError,
  type Name,
  type SnapshotRecord,
  type Timestamp,
} from '../model/index.ts'
import { decodeFileEntry, diff } from '../tree/index.ts'
import type { RepositoryContext } from './context.ts'
import { type ChangeCount, countChanges, type PackageChange, packageChanges } from './package-changes.ts'
import { collectRows } from './package-rows.ts'

/** What differs between two snapshots. */
export interface SnapshotDiff {
  from: { repository: Name; timestamp: Timestamp }
  to: { repository: Name; timestamp: Timestamp }
  packages: (PackageChange & { changelog?: string })[]
  count: ChangeCount
  /** Bytes of the package files that went and that came. */
  removedBytes: number
  addedBytes: number
  files?: FileChange[]
}

export interface FileChange {
  path: ByteString
  before?: FileEntry
  after?: FileEntry
}

/** Changelogs are read for at most so many changes: each means opening a package file. */
const maxChangelogs = 500

/**
 * Compares any two snapshots, of one repository or of two; costs what differs. With `changelogs`, an upgraded package
 * whose new file is here carries the Debian changelog entries that are newer than its old version.
 */
export async function diffSnapshots(
  context: RepositoryContext,
  from: SnapshotRecord,
  to: SnapshotRecord,
  options: { files: boolean; changelogs: boolean },
): Promise<SnapshotDiff> {
  const packages: SnapshotDiff['packages'] = packageChanges(
    await collectRows(diff(context.trees, from.packages, to.packages)),
    from.repository !== to.repository,
  )
  if (options.changelogs) await addChangelogs(context, packages)
  return {
    from: { repository: from.repository, timestamp: from.timestamp },
    to: { repository: to.repository, timestamp: to.timestamp },
    packages,
    count: countChanges(packages),
    removedBytes: sumOf(packages, change => change.before),
    addedBytes: sumOf(packages, change => change.after),
    ...(options.files ? { files: await fileChanges(context, from.files, to.files) } : {}),
  }
}

function sumOf(
  changes: PackageChange[],
  side: (change: PackageChange) => { digest: Digest; size: number } | undefined,
): number {
  const sizes = new Map<Digest, number>()
  for (const change of changes) {
    const version = side(change)
    if (version !== undefined) sizes.set(version.digest, version.size)
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

async function fileChanges(context: RepositoryContext, from: Digest, to: Digest): Promise<FileChange[]> {
  const changes: FileChange[] = []
  for await (const { key, before, after } of diff(context.trees, from, to))
    changes.push({
      path: key,
      ...(before === undefined ? {} : { before: decodeFileEntry(before) }),
      ...(after === undefined ? {} : { after: decodeFileEntry(after) }),
    })
  return changes
}

/** Packages of one source share its changelog, so it is read once a source and pair of versions. */
async function addChangelogs(context: RepositoryContext, changes: SnapshotDiff['packages']): Promise<void> {
  const bySource = new Map<string, string | undefined>()
  for (const change of changes) {
    if (change.kind !== 'upgraded' || change.family !== 'deb' || bySource.size >= maxChangelogs) continue
    const key = `${change.source}\0${change.before!.version}\0${change.after!.version}`
    if (bySource.get(key) === undefined) bySource.set(key, await changelogOf(context, change))
    const text = bySource.get(key)
    if (text !== undefined) change.changelog = text
  }
}

async function changelogOf(context: RepositoryContext, change: PackageChange): Promise<string | undefined> {
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
