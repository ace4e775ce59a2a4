import { type Digest, digestOf, type Name, type SnapshotRecord, timestampOf } from '../model/index.ts'
import type { Catalog, ContentRow, ListedSnapshot, PackageChange, PackageRow } from './catalog.ts'

/** The second `number` of a day in November. */
export function at(number: number) {
  return timestampOf(Date.UTC(2026, 10, 21) + number * 1000)
}

export function digest(seed: string | number): Digest {
  return digestOf(Buffer.from(String(seed)))
}

export function packageRow(name: string, changes: Partial<PackageRow> = {}): PackageRow {
  return {
    family: 'deb',
    suite: 'bookworm',
    component: 'main',
    architecture: 'amd64',
    name,
    version: '1.0-1',
    digest: digest(name),
    size: 1000,
    source: name,
    ...changes,
  }
}

export function added(name: string, changes: Partial<PackageRow> = {}): PackageChange {
  return { kind: 'added', ...packageRow(name, changes) }
}

export function removed(name: string, changes: Partial<PackageRow> = {}): PackageChange {
  return { kind: 'removed', ...packageRow(name, changes) }
}

/** One path more (or `delta` paths) naming a blob of 10 bytes. */
export function content(seed: string | number, changes: Partial<ContentRow> = {}): ContentRow {
  return { digest: digest(seed), size: 10, delta: 1, state: 'fetchable', ...changes }
}

export function record(
  repository: string,
  number: number,
  counts: { packageCount: number; fileCount: number; byteCount: number },
): SnapshotRecord {
  return {
    version: 1,
    repository: repository as Name,
    timestamp: at(number),
    format: 'apt',
    kind: 'mirror',
    files: digest(`files ${number}`),
    packages: digest(`packages ${number}`),
    ...counts,
    suites: [],
  }
}

/** Commits changes on top of the newest snapshot, with the counts that follow from them. */
export async function commit(
  catalog: Catalog,
  repository: string,
  number: number,
  packages: PackageChange[] = [],
  contents: ContentRow[] = [],
): Promise<ListedSnapshot> {
  const base = (await catalog.snapshots(repository as Name)).at(-1)?.record
  return catalog.commitSnapshot({
    record: record(repository, number, {
      packageCount: packages.reduce(
        (sum, { kind }) => sum + (kind === 'added' ? 1 : -1),
        base?.packageCount ?? 0,
      ),
      fileCount: contents.reduce((sum, { delta }) => sum + delta, base?.fileCount ?? 0),
      byteCount: contents.reduce((sum, { delta, size }) => sum + delta * size, base?.byteCount ?? 0),
    }),
    base: base?.timestamp,
    packages,
    content: contents,
  })
}
