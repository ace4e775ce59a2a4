import type { UploadsConfiguration } from '../../config/index.ts'
import type { RepositoryContext } from '../context.ts'
import { readNewest } from '../records.ts'
import { noTreeCost, type SyncOutcome, startCost } from '../sync-outcome.ts'

/** There is nothing to read: what changes comes by uploads. */
export async function syncUploads(
  context: RepositoryContext,
  uploads: UploadsConfiguration,
): Promise<SyncOutcome> {
  const cost = startCost(context, [])
  const snapshot = (await readNewest(context.refs, uploads.name))?.timestamp
  return cost.finish({ kind: 'unchanged', snapshot, treeCost: noTreeCost })
}
