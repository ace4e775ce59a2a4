import type { SnapshotRecord } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import type { PackageChange } from '../package-changes.ts'
import { debChangelog } from './deb-changelogs.ts'
import { changelogText, newerEntries } from './rpm-changelog-text.ts'
import { changelogKey, type NamedVersion, rpmChangelogs } from './rpm-changelogs.ts'

/** Texts by change, and what there is to say of those that are not there. */
export interface Changelogs {
  texts: Map<PackageChange, string>
  notes: string[]
}

/** Changelogs are read for at most so many sources. One of APT means opening a package file. */
const maxSources = { apt: 500, dnf: 5000 }

/**
 * The changelog entries of upgraded packages that are newer than their old versions. Packages of one source share its
 * changelog, so it is read once a source and pair of versions.
 * @throws YardError as `rpmChangelogs` does.
 */
export async function changelogsOf(
  context: RepositoryContext,
  from: SnapshotRecord,
  to: SnapshotRecord,
  changes: readonly PackageChange[],
): Promise<Changelogs> {
  const upgraded = changes.filter(({ kind, family }) => kind === 'upgraded' && family !== 'deb-src')
  const all = [...Map.groupBy(upgraded, groupOf).values()]
  const groups = all.slice(0, maxSources[to.format])
  const isCut = groups.length < all.length
  return {
    texts: await (to.format === 'apt' ? debTexts(context, groups) : rpmTexts(context, from, to, groups)),
    notes: isCut ? [`changelogs are read for ${groups.length} of ${all.length} sources`] : [],
  }
}

function groupOf({ source, before, after }: PackageChange): string {
  return `${source}\0${before!.version}\0${after!.version}`
}

/** The file of any package of a source will do. */
async function debTexts(context: RepositoryContext, groups: PackageChange[][]): Promise<Changelogs['texts']> {
  const texts: Changelogs['texts'] = new Map()
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
): Promise<Changelogs['texts']> {
  const texts: Changelogs['texts'] = new Map()
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
