import type { ByteString, Digest, Name, SnapshotRecord } from '../model/index.ts'
import { decodePackageKey, leaves, packagePrefix, prefixRange } from '../tree/index.ts'
import { compareVersions } from './compare-versions.ts'
import type { RepositoryContext } from './context.ts'

/** A package for hosts, as an index of some snapshot lists it. */
export interface OwnPackage {
  repository: Name
  family: 'deb' | 'rpm'
  name: ByteString
  /** Of the index that lists it for apt, else its own. */
  architecture: ByteString
  version: ByteString
  digest: Digest
}

/** What hosts can install from some snapshots, by name: of each architecture the highest version. Source packages do not count. */
export async function readOwnPackages(
  context: RepositoryContext,
  snapshots: Iterable<SnapshotRecord>,
): Promise<Map<ByteString, OwnPackage[]>> {
  const best = new Map<string, OwnPackage>()
  for (const { repository, packages } of snapshots)
    for (const family of ['deb', 'rpm'] as const)
      for await (const leaf of leaves(context.trees, packages, prefixRange(packagePrefix(family))))
        for (const { key } of leaf) {
          const { name, architecture, version, digest } = decodePackageKey(key)
          if (architecture === 'src' || architecture === 'nosrc') continue
          const place = `${family}\0${name}\0${architecture}`
          const other = best.get(place)
          if (other === undefined || compareVersions(family, version, other.version) > 0)
            best.set(place, { repository, family, name, architecture, version, digest })
        }
  return Map.groupBy(best.values(), one => one.name)
}
