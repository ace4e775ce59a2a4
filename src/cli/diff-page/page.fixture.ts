import type { Digest, Name, Timestamp } from '../../model/index.ts'
import {
  type AdvisoryChange,
  type ContentDiff,
  type DiffedPackage,
  summarise,
} from '../../repository/index.ts'
import type { Comparison } from '../../train/index.ts'

/** A version of a package as a diff tells it. */
export const versionOf = (version: string, size = 1000): NonNullable<DiffedPackage['after']> => ({
  suite: 'stable',
  component: 'main',
  architecture: 'amd64',
  version,
  digest: 'd'.repeat(64) as Digest,
  size,
})

export const changed = (
  name: string,
  before: string | undefined,
  after: string | undefined,
  more: Partial<DiffedPackage> = {},
): DiffedPackage => ({
  kind: before === undefined ? 'added' : after === undefined ? 'removed' : 'upgraded',
  family: 'deb',
  name,
  source: name,
  ...(before === undefined ? {} : { before: versionOf(before) }),
  ...(after === undefined ? {} : { after: versionOf(after) }),
  ...more,
})

export const advisoryOf = (id: string, more: Partial<AdvisoryChange> = {}): AdvisoryChange => ({
  ...{ kind: 'new', id, type: 'security', severity: 'Important', title: 'a title', cves: [], bugs: 0 },
  ...{ packages: [], ...more },
})

export const contentOf = (more: Partial<ContentDiff> = {}): ContentDiff => ({
  packages: [],
  count: countOf(more.packages ?? []),
  removedBytes: 0,
  addedBytes: 0,
  advisories: [],
  lostAdvisories: [],
  modules: [],
  notes: [],
  ...more,
})

function countOf(packages: readonly DiffedPackage[]): ContentDiff['count'] {
  const count = { added: 0, removed: 0, upgraded: 0, downgraded: 0, rebuilt: 0 }
  for (const { kind } of packages) count[kind]++
  return count
}

/** Two releases of a train, by what differs in each of their repositories. */
export function comparisonOf(diffs: { [repository: string]: Partial<ContentDiff> }): Comparison {
  const [first, second] = ['20261120T000000Z', '20261121T000000Z'] as Timestamp[]
  const repositories = Object.entries(diffs).map(([name, diff]) => {
    const repository = name as Name
    return {
      repository,
      from: { repository, timestamp: first! },
      to: { repository, timestamp: second! },
      diff: contentOf(diff),
    }
  })
  return {
    from: { kind: 'release', name: `web@${first}`, channel: 'web/production' },
    to: { kind: 'release', name: `web@${second}` },
    repositories,
    sum: summarise(repositories.map(({ diff }) => diff)),
  }
}
