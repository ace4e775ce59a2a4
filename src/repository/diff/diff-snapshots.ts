import {
  type ByteString,
  type Digest,
  type FileEntry,
  homeOf,
  type Name,
  type SnapshotRecord,
  type Timestamp,
  YardError,
} from '../../model/index.ts'
import { decodeFileEntry, diff, emptyTree } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import {
  type ChangeCount,
  countChanges,
  type PackageChange,
  packageChanges,
  reversed,
} from '../package-changes.ts'
import { collectRows } from '../package-rows.ts'
import type { AdvisoryChange, AdvisoryPackageChange } from './advisory-changes.ts'
import { changedModules } from './changed-modules.ts'
import { addChangelogs, type Changelogs } from './changelogs.ts'
import { comingAdvisories } from './coming-advisories.ts'
import type { ModuleChange } from './module-changes.ts'
import { type Need, needOf, strongestNeed } from './needs.ts'

/** What differs between two snapshots. */
export interface SnapshotDiff extends ContentDiff {
  from: { repository: Name; timestamp: Timestamp }
  to: { repository: Name; timestamp: Timestamp }
}

/** What differs between the content of two snapshots, or between a snapshot and nothing. */
export interface ContentDiff {
  packages: DiffedPackage[]
  count: ChangeCount
  /** Bytes of the package files that went and that came. */
  removedBytes: number
  addedBytes: number
  /** Those that come in, security first. APT has none. */
  advisories: AdvisoryChange[]
  /** Those of `from` that `to` has not any more, where packages go back behind what they ask for; in the same order. */
  lostAdvisories: AdvisoryChange[]
  /** APT has none. */
  modules: ModuleChange[]
  /** What could not be told, and why; a line each. */
  notes: string[]
  files?: FileChange[]
}

export interface DiffedPackage extends PackageChange {
  /** What a host with this package must do after the change; by its name, or because an advisory that comes in says so. */
  needs?: Need
  /** The entries of its changelog that are newer than its old version, as text. */
  changelog?: string
  /** Of a downgraded one: the entries that its new version does not have, as text. */
  lostChangelog?: string
}

/** What is told beside the packages. */
export interface DiffOptions {
  files: boolean
  changelogs: boolean
}

export interface FileChange {
  path: ByteString
  before?: FileEntry
  after?: FileEntry
}

/**
 * Compares any two snapshots of one format, of one repository or of two; costs what differs, and for RPM the advisories where they do. With
 * `changelogs`, an upgraded package carries the entries of its changelog that are newer than its old version: of APT where its
 * new file is here, of RPM out of the repository's metadata. What is wrong with metadata beside packages becomes a note.
 * @throws YardError `usage` when one is of an APT repository and the other of an RPM one; `damaged` for a tree.
 */
export async function diffSnapshots(
  context: RepositoryContext,
  from: SnapshotRecord,
  to: SnapshotRecord,
  options: DiffOptions,
): Promise<SnapshotDiff> {
  checkFormats(from, to)
  return {
    from: { repository: from.repository, timestamp: from.timestamp },
    to: { repository: to.repository, timestamp: to.timestamp },
    ...(await diffContent(context, from, to, options)),
  }
}

/** All of a snapshot as what comes or goes: compared with one that has nothing. @throws YardError `damaged` for a tree. */
export function diffWithNothing(
  context: RepositoryContext,
  record: SnapshotRecord,
  role: 'comes' | 'goes',
  options: DiffOptions,
): Promise<ContentDiff> {
  const trees = { files: emptyTree('files').digest, packages: emptyTree('packages').digest }
  const nothing: SnapshotRecord =
    record.format === 'apt' ? { ...record, ...trees, suites: [] } : { ...record, ...trees, repodata: [] }
  return role === 'comes'
    ? diffContent(context, nothing, record, options)
    : diffContent(context, record, nothing, options)
}

async function diffContent(
  context: RepositoryContext,
  from: SnapshotRecord,
  to: SnapshotRecord,
  options: DiffOptions,
): Promise<ContentDiff> {
  const notes: string[] = []
  const unlessBroken = async <T>(what: string, reading: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await reading
    } catch (error) {
      if (!(error instanceof YardError)) throw error
      notes.push(`${what} cannot be told: ${error.message}`)
      return otherwise
    }
  }
  const changes = packageChanges(
    await collectRows(diff(context.trees, from.packages, to.packages)),
    homeOf(from) !== homeOf(to),
  )
  const downgraded = changes.filter(({ kind }) => kind === 'downgraded')
  const advisories = await unlessBroken('advisories', comingAdvisories(context, from, to, changes), [])
  const lostAdvisories = await unlessBroken('lost advisories', lostOnes(context, from, to, downgraded), [])
  const modules = await unlessBroken('modules', changedModules(context, from, to), [])
  const changelogs: Changelogs = { texts: new Map(), lost: new Map(), notes: [] }
  if (options.changelogs)
    await unlessBroken('changelogs', addChangelogs(changelogs, context, from, to, changes), undefined)
  notes.push(...changelogs.notes)
  return {
    packages: diffedPackages(changes, advisories, changelogs),
    count: countChanges(changes),
    removedBytes: sumOf(changes, change => change.before),
    addedBytes: sumOf(changes, change => change.after),
    advisories,
    lostAdvisories,
    modules,
    notes,
    ...(options.files ? { files: await fileChanges(context, from.files, to.files) } : {}),
  }
}

function checkFormats(from: SnapshotRecord, to: SnapshotRecord): void {
  if (from.format === to.format) return
  const shown = ({ repository, timestamp, format }: SnapshotRecord) =>
    `${repository}@${timestamp} holds ${format === 'apt' ? 'packages for apt' : 'RPM packages'}`
  throw new YardError('usage', `${shown(from)} and ${shown(to)}: there is nothing to compare`, {
    hint: 'name two snapshots of repositories of one format',
  })
}

/** Only a package that goes back to an older version loses what an advisory asked for: one that goes away loses nothing. */
async function lostOnes(
  context: RepositoryContext,
  from: SnapshotRecord,
  to: SnapshotRecord,
  downgraded: readonly PackageChange[],
): Promise<AdvisoryChange[]> {
  if (downgraded.length === 0) return []
  const coming = await comingAdvisories(context, to, from, downgraded.map(reversed))
  return coming.filter(({ kind, packages }) => kind === 'new' && packages.length > 0)
}

function diffedPackages(
  changes: readonly PackageChange[],
  advisories: readonly AdvisoryChange[],
  changelogs: Changelogs,
): DiffedPackage[] {
  const advised = new Map<string, Need | undefined>()
  for (const one of advisories.flatMap(({ packages }) => packages))
    advised.set(keyOf(one), strongestNeed([advised.get(keyOf(one)), one.needs]))
  return changes.map(change => {
    const { name, after } = change
    const needs = strongestNeed([needOf(change), after && advised.get(keyOf({ name, ...after }))])
    const changelog = changelogs.texts.get(change)
    const lostChangelog = changelogs.lost.get(change)
    return {
      ...change,
      ...(needs === undefined ? {} : { needs }),
      ...(changelog === undefined ? {} : { changelog }),
      ...(lostChangelog === undefined ? {} : { lostChangelog }),
    }
  })
}

function keyOf({ name, architecture, version }: NamedPackage): string {
  return `${name}\0${architecture}\0${version}`
}

type NamedPackage = Pick<AdvisoryPackageChange, 'name' | 'architecture' | 'version'>

function sumOf(
  changes: readonly PackageChange[],
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
