import { type ByteString, byteStringOfText, type SnapshotRecord } from '../../model/index.ts'
import { diff, leaves } from '../../tree/index.ts'
import { compareVersions } from '../compare-versions.ts'
import { globMatcher } from '../compose/select.ts'
import type { RepositoryContext } from '../context.ts'
import { collectRows, isSideKey, rowOf } from '../package-rows.ts'
import type { SnapshotPair } from './read-members.ts'

/** Whether one of the patterns is the name of this package, or of its source package. */
export function isNamedBy(
  { name, source }: { name: ByteString; source: ByteString },
  patterns: readonly string[],
): boolean {
  return patterns.some(pattern => {
    const matches = globMatcher(byteStringOfText(pattern))
    return matches(name) || matches(source)
  })
}

/** Whether any pair differs in a package that a pattern names; costs what differs. */
export async function differsIn(
  context: RepositoryContext,
  pairs: readonly SnapshotPair[],
  patterns: readonly string[],
): Promise<boolean> {
  for (const { base, source } of pairs)
    if ((await changesNamed(context, base, source, patterns)).length > 0) return true
  return false
}

/** Names of the packages that two snapshots differ in and that a pattern names. */
export async function changesNamed(
  context: RepositoryContext,
  from: SnapshotRecord,
  to: SnapshotRecord,
  patterns: readonly string[],
): Promise<ByteString[]> {
  if (patterns.length === 0 || from.packages === to.packages) return []
  const { added, removed } = await collectRows(diff(context.trees, from.packages, to.packages))
  const named = [...added, ...removed].filter(row => isNamedBy(row, patterns))
  return [...new Set(named.map(({ name }) => name))].sort()
}

/** Whether any snapshot has a package that the pattern names. Reads them up to the first one. */
export async function namesPackage(
  context: RepositoryContext,
  records: readonly SnapshotRecord[],
  pattern: string,
): Promise<boolean> {
  for (const { packages } of records)
    for await (const leaf of leaves(context.trees, packages))
      for (const { key, value } of leaf)
        if (!isSideKey(key) && isNamedBy(rowOf(key, value), [pattern])) return true
  return false
}

/** The packages that `to` has and `from` has not, each in its highest such version. Source packages are not looked at. */
export async function versionsOf(
  context: RepositoryContext,
  from: SnapshotRecord,
  to: SnapshotRecord,
): Promise<Map<ByteString, ByteString>> {
  const versions = new Map<ByteString, ByteString>()
  const { added } = await collectRows(diff(context.trees, from.packages, to.packages))
  for (const { family, ownArchitecture, name, version } of added) {
    if (family === 'deb-src' || ownArchitecture === 'src') continue
    const known = versions.get(name)
    if (known === undefined || compareVersions(family, version, known) > 0) versions.set(name, version)
  }
  return versions
}
