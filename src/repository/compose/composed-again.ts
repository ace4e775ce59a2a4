import { type SnapshotRecord, YardError } from '../../model/index.ts'
import { type Entry, emptyTree, leaves } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { scratchPages } from '../scratch-pages.ts'
import { composePackages } from './compose-packages.ts'
import { configuredCompose } from './configured-compose.ts'
import { inputsOf } from './inputs-of.ts'

/**
 * The entries of a composed snapshot's packages tree, selected again from the snapshots that it was made from: the same
 * as then, as long as the configuration asks for the same. The store's pages are not touched.
 * @throws YardError `not-found` when the repository is configured no more, or an input was removed.
 */
export async function composedAgain(
  context: RepositoryContext,
  record: SnapshotRecord,
  signal: AbortSignal,
): Promise<Entry[]> {
  const compose = configuredCompose(context, record)
  if (compose.kind !== 'compose')
    throw new YardError('not-found', `${record.repository} was uploaded, not composed`)
  const pages = scratchPages(context.pages)
  const inputs = await inputsOf(context, record)
  const before = emptyTree('packages').digest
  const { packages } = await composePackages({ ...context, pages }, compose, inputs, before, signal)
  const all: Entry[] = []
  for await (const leaf of leaves(pages, packages.root)) all.push(...leaf)
  return all
}
