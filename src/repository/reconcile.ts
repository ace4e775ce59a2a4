import { publishSnapshot } from './commit-snapshot.ts'
import type { RepositoryContext } from './context.ts'
import { listRepositories, listSnapshots } from './records.ts'
import { finishRemoval } from './retention.ts'

/**
 * Does again what a process may have left undone between the catalog's commit and its refs: removals that were begun
 * are finished, refs of committed snapshots are written. Costs a listing when nothing is to do. Refs that the catalog
 * does not know are left alone: they may be all that is left of a lost database.
 */
export async function reconcile(
  context: RepositoryContext,
): Promise<{ finishedRemovals: number; writtenRefs: number; unknownRefs: string[] }> {
  const catalog = await context.catalog()
  const removals = await catalog.unfinishedRemovals()
  for (const { repository, timestamp } of removals) await finishRemoval(context, repository, timestamp)

  const known = new Set<string>()
  let writtenRefs = 0
  for (const { record } of await catalog.snapshots()) {
    known.add(`${record.repository}@${record.timestamp}`)
    if ((await listSnapshots(context.refs, record.repository)).includes(record.timestamp)) continue
    await publishSnapshot(context, record)
    writtenRefs++
  }
  return { finishedRemovals: removals.length, writtenRefs, unknownRefs: await refsOutside(context, known) }
}

async function refsOutside(context: RepositoryContext, known: Set<string>): Promise<string[]> {
  const unknown: string[] = []
  for (const repository of await listRepositories(context.refs))
    for (const timestamp of await listSnapshots(context.refs, repository))
      if (!known.has(`${repository}@${timestamp}`)) unknown.push(`${repository}@${timestamp}`)
  return unknown
}
