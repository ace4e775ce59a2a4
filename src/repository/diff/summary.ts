import type { ChangeCount } from '../package-changes.ts'
import type { AdvisoryChange } from './advisory-changes.ts'
import { cvesIn } from './cves.ts'
import type { ContentDiff } from './diff-snapshots.ts'
import { type Need, strongestNeed } from './needs.ts'

/** Several differences in sum; a package that several repositories have counts in each of them. */
export interface DiffSummary {
  count: ChangeCount
  removedBytes: number
  addedBytes: number
  mended: Mending
  lost: Mending
  /** The strongest that any package has. */
  needs?: Need
}

export interface Mending {
  /** Ids of advisories for security. */
  advisories: string[]
  /** Those that advisories name. */
  cves: string[]
  /** Further ones that only changelogs name, where those were read. */
  changelogCves: string[]
}

export function summarise(diffs: readonly ContentDiff[]): DiffSummary {
  const packages = diffs.flatMap(diff => diff.packages)
  const sum = (part: (diff: ContentDiff) => number) => diffs.reduce((total, diff) => total + part(diff), 0)
  const kinds = ['added', 'removed', 'upgraded', 'downgraded', 'rebuilt'] as const
  const needs = strongestNeed(packages.map(one => one.needs))
  return {
    count: Object.fromEntries(
      kinds.map(kind => [kind, sum(({ count }) => count[kind])]),
    ) as unknown as ChangeCount,
    removedBytes: sum(diff => diff.removedBytes),
    addedBytes: sum(diff => diff.addedBytes),
    mended: mendingOf(
      diffs.flatMap(diff => diff.advisories),
      packages.flatMap(({ changelog }) => changelog ?? []),
    ),
    lost: mendingOf(
      diffs.flatMap(diff => diff.lostAdvisories),
      packages.flatMap(({ lostChangelog }) => lostChangelog ?? []),
    ),
    ...(needs === undefined ? {} : { needs }),
  }
}

function mendingOf(advisories: readonly AdvisoryChange[], changelogs: readonly string[]): Mending {
  const security = advisories.filter(({ type }) => type.toLowerCase() === 'security')
  const cves = cvesIn(advisories.flatMap(one => one.cves))
  const named = new Set(cves)
  return {
    advisories: [...new Set(security.map(({ id }) => id))],
    cves,
    changelogCves: cvesIn(new Set(changelogs)).filter(cve => !named.has(cve)),
  }
}
