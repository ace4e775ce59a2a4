import type { SnapshotRecord } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import { type PackageChange, reversed } from '../package-changes.ts'
import { debChangelog } from './deb-changelogs.ts'
import { changelogText, newerEntries } from './rpm-changelog-text.ts'
import { changelogKey, type NamedVersion, rpmChangelogs } from './rpm-changelogs.ts'

/** Texts by change, and what there is to say of those that are not there. */
export interface Changelogs {
  /** Of an upgraded package: the entries that are newer than its old version. */
  texts: Texts
  /** Of a downgraded one: the entries that are newer than its new version. */
  lost: Texts
  notes: string[]
}

type Texts = Map<PackageChange, string>

/** Changelogs are read for at most so many sources. One of APT means opening a package file. */
const maxSources = { apt: 500, dnf: 5000 }

/**
 * Adds what the changelogs of upgraded and downgraded packages say between their two versions. Packages of one source share
 * its changelog, so it is read once a source and pair of versions.
 * @throws YardError as `rpmChangelogs` does.
 */
export async function addChangelogs(
  changelogs: Changelogs,
  context: RepositoryContext,
  from: SnapshotRecord,
  to: SnapshotRecord,
  changes: readonly PackageChange[],
): Promise<void> {
  const installable = changes.filter(({ family }) => family !== 'deb-src')
  const upgraded = installable.filter(({ kind }) => kind === 'upgraded')
  await addNewer(changelogs.texts, context, from, to, upgraded, changelogs.notes)
  const turned = new Map(
    installable.filter(({ kind }) => kind === 'downgraded').map(change => [reversed(change), change]),
  )
  const lost: Texts = new Map()
  await addNewer(lost, context, to, from, [...turned.keys()], changelogs.notes)
  for (const [change, text] of lost) changelogs.lost.set(turned.get(change)!, text)
}

async function addNewer(
  texts: Texts,
  context: RepositoryContext,
  from: SnapshotRecord,
  to: SnapshotRecord,
  upgraded: readonly PackageChange[],
  notes: string[],
): Promise<void> {
  const all = [...Map.groupBy(upgraded, groupOf).values()]
  const groups = all.slice(0, maxSources[to.format])
  const found = await (to.format === 'apt' ? debTexts(context, groups) : rpmTexts(context, from, to, groups))
  for (const [change, text] of found) texts.set(change, text)
  if (groups.length < all.length)
    notes.push(`changelogs are read for ${groups.length} of ${all.length} sources`)
}

function groupOf({ source, before, after }: PackageChange): string {
  return `${source}\0${before!.version}\0${after!.version}`
}

/** The file of any package of a source will do. */
async function debTexts(context: RepositoryContext, groups: PackageChange[][]): Promise<Texts> {
  const texts: Texts = new Map()
  for (const group of groups)
    for (const change of group) {
      const text = await debChangelog(context, change)
      if (text === undefined) continue
      for (const each of group) texts.set(each, text)
      break
    }
  return texts
}

async function rpmTexts(
  context: RepositoryContext,
  from: SnapshotRecord,
  to: SnapshotRecord,
  groups: PackageChange[][],
): Promise<Texts> {
  const texts: Texts = new Map()
  if (groups.length === 0) return texts
  const old = ([first]: PackageChange[]): NamedVersion => ({ name: first!.name, ...first!.before! })
  const now = ([first]: PackageChange[]): NamedVersion => ({ name: first!.name, ...first!.after! })
  const before = await rpmChangelogs(context, from, groups.map(old))
  const after = await rpmChangelogs(context, to, groups.map(now))
  for (const group of groups) {
    const entries = newerEntries(
      before.get(changelogKey(old(group))) ?? [],
      after.get(changelogKey(now(group))) ?? [],
      old(group).version,
    )
    if (entries.length > 0) for (const change of group) texts.set(change, changelogText(entries))
  }
  return texts
}
