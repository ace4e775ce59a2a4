import type { ByteString, Digest } from '../model/index.ts'
import { compareVersions } from './compare-versions.ts'
import type { Family, PackageRow, RowChanges } from './package-rows.ts'

export interface ChangeCount {
  added: number
  removed: number
  upgraded: number
  downgraded: number
  rebuilt: number
}

/** One package of one suite, component and architecture at one version. */
export interface PackageVersion {
  suite: ByteString
  component: ByteString
  architecture: ByteString
  version: ByteString
  digest: Digest
  /** Of the package's files, in bytes. */
  size: number
}

export interface PackageChange {
  kind: keyof ChangeCount
  family: Family
  name: ByteString
  source: ByteString
  before?: PackageVersion
  after?: PackageVersion
}

/**
 * Rows that went and rows that came, paired into changes: per suite, component, name and the package's own
 * architecture (an `all` package listed in several indexes is one package). The highest version that went meets the
 * highest that came; further versions of either side are removed or added. Same version with other bytes is rebuilt.
 * Sorted by name, then suite, component, architecture. `acrossSuites` pairs whatever suite and component a package
 * stands in: for snapshots of different repositories, which name them differently.
 */
export function packageChanges(rows: RowChanges, acrossSuites = false): PackageChange[] {
  const pairs = new Map<string, { removed: Map<string, PackageRow>; added: Map<string, PackageRow> }>()
  const sideOf = (row: PackageRow) => {
    const place = acrossSuites ? [] : [row.suite, row.component]
    const key = [row.name, row.family, ...place, row.ownArchitecture].join('\0')
    const pair = pairs.get(key) ?? { removed: new Map(), added: new Map() }
    pairs.set(key, pair)
    return pair
  }
  for (const row of rows.removed) sideOf(row).removed.set(identity(row), row)
  for (const row of rows.added) sideOf(row).added.set(identity(row), row)
  const keys = [...pairs.keys()].sort()
  return keys.flatMap(key => pairUp(pairs.get(key)!))
}

/** As `countChanges` of `packageChanges`, without building them where everything is new: a first snapshot has tens of thousands. */
export function countRowChanges(rows: RowChanges): ChangeCount {
  if (rows.removed.length > 0) return countChanges(packageChanges(rows))
  const added = new Set(rows.added.map(row => `${row.digest}\0${row.family}\0${row.suite}\0${row.component}`))
    .size
  return { added, removed: 0, upgraded: 0, downgraded: 0, rebuilt: 0 }
}

export function countChanges(changes: readonly PackageChange[]): ChangeCount {
  const count: ChangeCount = { added: 0, removed: 0, upgraded: 0, downgraded: 0, rebuilt: 0 }
  for (const change of changes) count[change.kind]++
  return count
}

/** The same change the other way round. */
export function reversed({ kind, before, after, ...rest }: PackageChange): PackageChange {
  return {
    kind: opposites[kind],
    ...rest,
    ...(after === undefined ? {} : { before: after }),
    ...(before === undefined ? {} : { after: before }),
  }
}

const opposites = {
  added: 'removed',
  removed: 'added',
  upgraded: 'downgraded',
  downgraded: 'upgraded',
  rebuilt: 'rebuilt',
} as const

function identity(row: PackageRow): string {
  return `${row.version}\0${row.digest}`
}

function pairUp(pair: { removed: Map<string, PackageRow>; added: Map<string, PackageRow> }): PackageChange[] {
  for (const key of [...pair.removed.keys()])
    if (pair.added.has(key)) {
      pair.removed.delete(key)
      pair.added.delete(key)
    }
  const removed = newestFirst(pair.removed)
  const added = newestFirst(pair.added)
  const changes: PackageChange[] = []
  for (let i = 0; i < Math.max(removed.length, added.length); i++)
    changes.push(changeOf(removed[i], added[i]))
  return changes
}

function newestFirst(rows: Map<string, PackageRow>): PackageRow[] {
  return [...rows.values()].sort(
    (a, b) => compareVersions(a.family, b.version, a.version) || (a.digest < b.digest ? -1 : 1),
  )
}

function changeOf(before: PackageRow | undefined, after: PackageRow | undefined): PackageChange {
  const row = (after ?? before)!
  return {
    kind: kindOf(before, after),
    family: row.family,
    name: row.name,
    source: row.source,
    ...(before === undefined ? {} : { before: versionOf(before) }),
    ...(after === undefined ? {} : { after: versionOf(after) }),
  }
}

function kindOf(before: PackageRow | undefined, after: PackageRow | undefined): keyof ChangeCount {
  if (before === undefined) return 'added'
  if (after === undefined) return 'removed'
  const order = compareVersions(after.family, before.version, after.version)
  return order < 0 ? 'upgraded' : order > 0 ? 'downgraded' : 'rebuilt'
}

function versionOf(row: PackageRow): PackageVersion {
  const { suite, component, ownArchitecture: architecture, version, digest, size } = row
  return { suite, component, architecture, version, digest, size }
}
