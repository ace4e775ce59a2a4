import { type SnapshotRecord, YardError } from '../../model/index.ts'
import { cachedPages, type Entry, leaves, type TreeKind } from '../../tree/index.ts'
import { inputsOf } from '../compose/inputs-of.ts'
import type { RepositoryContext } from '../context.ts'
import { scratchPages } from '../scratch-pages.ts'
import { deriveTrees } from './derive-trees.ts'
import { transplantChanges } from './transplant.ts'

const cacheBytes = 16 * 1024 * 1024

/**
 * The entries of a derived snapshot's tree, derived again from its inputs: the same as then, of files as long as the same keys sign. The
 * store's pages are not touched.
 * @throws YardError `not-found` when it is no derived one, or an input was removed.
 */
export async function derivedAgain(
  context: RepositoryContext,
  record: SnapshotRecord,
  kind: TreeKind,
  signal: AbortSignal,
): Promise<Entry[]> {
  const [base, source] = await inputsOf(context, record)
  if (record.derived === undefined || base === undefined || source === undefined)
    throw new YardError('not-found', `${record.repository}@${record.timestamp} was not derived from another`)
  const { packages, sources } = record.derived
  const moved = { packages: new Set(packages), sources: new Set(sources) }
  const pages = scratchPages(context.pages)
  const trees = cachedPages(pages, cacheBytes)
  const scratch: RepositoryContext = { ...context, pages, trees }
  const changes = await transplantChanges(scratch, base.packages, source.packages, moved)
  const made = await deriveTrees(scratch, { name: record.repository, base, source, moved, changes, signal })
  const all: Entry[] = []
  for await (const leaf of leaves(trees, made[kind])) all.push(...leaf)
  return all
}
