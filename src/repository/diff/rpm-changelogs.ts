import { formatEvr, type ListedChange, type OtherPackage, readOther } from '../../formats/index.ts'
import { type ByteString, byteStringOf, type SnapshotRecord } from '../../model/index.ts'
import { countWithin, lookup, packagePrefix, prefixRange } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { documentFragments } from '../mirror/dnf/primary-fragments.ts'
import type { PackageVersion } from '../package-changes.ts'
import { obtainRepodata } from '../repodata-of.ts'
import { fragmentsOfValue, listingKey } from '../rpm-listings.ts'

/** A package of a snapshot. */
export type NamedVersion = PackageVersion & { name: ByteString }

/**
 * The changelogs that a snapshot's metadata has of the given RPM packages, by `changelogKey`. What we composed has them in
 * its packages tree; another's other.xml is streamed once for all of them.
 * @throws YardError as `obtainRepodata` does, and for metadata that cannot be read.
 */
export async function rpmChangelogs(
  context: RepositoryContext,
  record: SnapshotRecord,
  packages: readonly NamedVersion[],
): Promise<Map<string, ListedChange[]>> {
  const inTree = await countWithin(context.trees, record.packages, prefixRange(packagePrefix('rpm-other')))
  return inTree > 0 ? fromTree(context, record, packages) : fromDocuments(context, record, packages)
}

/** Packages of one name, architecture and version have one changelog, whatever their bytes. An epoch of 0 is none. */
export function changelogKey({
  name,
  architecture,
  version,
}: Pick<NamedVersion, 'name' | 'architecture' | 'version'>): string {
  return `${name}\0${architecture}\0${version.replace(/^0:/, '')}`
}

async function fromTree(
  context: RepositoryContext,
  record: SnapshotRecord,
  packages: readonly NamedVersion[],
): Promise<Map<string, ListedChange[]>> {
  const found = new Map<string, ListedChange[]>()
  for (const one of packages) {
    const key = listingKey('rpm-other', { ...one, directory: one.component }, one.digest)
    const value = await lookup(context.trees, record.packages, key)
    if (value !== undefined)
      found.set(changelogKey(one), readOther(fragmentsOfValue(value)[0]!, one.name).changes)
  }
  return found
}

async function fromDocuments(
  context: RepositoryContext,
  record: SnapshotRecord,
  packages: readonly NamedVersion[],
): Promise<Map<string, ListedChange[]>> {
  const found = new Map<string, ListedChange[]>()
  const wanted = new Set(packages.map(changelogKey))
  const names = new Set(packages.map(({ name }) => name))
  for (const stored of await obtainRepodata(context, record, 'other'))
    for await (const fragment of documentFragments(context, stored, 'other')) {
      const name = nameAtHead(fragment)
      if (name !== undefined && !names.has(name)) continue
      const listed = readOther(fragment, stored.path)
      const key = keyOf(listed)
      if (wanted.has(key)) found.set(key, listed.changes)
    }
  return found
}

function keyOf(listed: OtherPackage): string {
  return changelogKey({ name: listed.name, architecture: listed.arch, version: formatEvr(listed) })
}

/** The name in a fragment's start tag, where it stands there plainly: most fragments need no more reading than that. */
function nameAtHead(fragment: Buffer): ByteString | undefined {
  const head = byteStringOf(fragment.subarray(0, 512))
  return /^<package\s(?:[^<>"'&]|"[^"]*")*?\sname="([^"<>&]*)"/.exec(head)?.[1]
}
