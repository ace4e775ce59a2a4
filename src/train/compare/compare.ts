import type { Name, SnapshotName, SnapshotRecord } from '../../model/index.ts'
import {
  type ContentDiff,
  type DiffOptions,
  type DiffSummary,
  diffSnapshots,
  diffWithNothing,
  summarise,
} from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import { resolveReference } from '../reference.ts'
import { type ComparedSide, pairRepositories, type RepositoryPair, sideOf } from './pairs.ts'

/** What differs between any two references. */
export interface Comparison {
  from: ComparedSide
  to: ComparedSide
  /** One for two snapshots; for releases one for each repository that either has, by name. */
  repositories: RepositoryComparison[]
  sum: DiffSummary
}

export interface RepositoryComparison {
  /** The name under which it travels. */
  repository: Name
  /** Undefined where that side has no such repository: all of the other one's packages come, or go. */
  from?: SnapshotName
  to?: SnapshotName
  diff: ContentDiff
}

/**
 * Compares snapshots, releases and channels, repository by repository; one repository of a release with a snapshot too.
 * @throws YardError as `resolveReference`, `pairRepositories` and `diffSnapshots` do.
 */
export async function compare(
  context: TrainContext,
  from: string,
  to: string,
  options: DiffOptions,
): Promise<Comparison> {
  const before = await resolveReference(context, from)
  const after = await resolveReference(context, to)
  const repositories: RepositoryComparison[] = []
  for (const pair of pairRepositories(before, after))
    repositories.push({
      repository: pair.repository,
      ...(pair.before === undefined ? {} : { from: nameOf(pair.before) }),
      ...(pair.after === undefined ? {} : { to: nameOf(pair.after) }),
      diff: await differenceOf(context, pair, options),
    })
  return {
    from: sideOf(before),
    to: sideOf(after),
    repositories,
    sum: summarise(repositories.map(({ diff }) => diff)),
  }
}

async function differenceOf(
  context: TrainContext,
  { before, after }: RepositoryPair,
  options: DiffOptions,
): Promise<ContentDiff> {
  if (before === undefined) return diffWithNothing(context, after!, 'comes', options)
  if (after === undefined) return diffWithNothing(context, before, 'goes', options)
  const { from: _, to: __, ...content } = await diffSnapshots(context, before, after, options)
  return content
}

function nameOf({ repository, timestamp }: SnapshotRecord): SnapshotName {
  return { repository, timestamp }
}
