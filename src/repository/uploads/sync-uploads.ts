import type { UploadsConfiguration } from '../../config/index.ts'
import type { Job } from '../../jobs/index.ts'
import { timestampOf } from '../../model/index.ts'
import { publisherOf } from '../compose/publisher-of.ts'
import { settingsOf } from '../compose/settings.ts'
import type { RepositoryContext } from '../context.ts'
import { readNewest, refNames, writeRecord } from '../records.ts'
import { type Made, noTreeCost, type SyncOutcome, startCost } from '../sync-outcome.ts'
import { publishUploads } from './publish-uploads.ts'
import { uploadedTree } from './uploaded-tree.ts'

/**
 * There is nothing to read: what comes, comes by uploads. A snapshot is made when there is none yet, empty, so that clients
 * and compositions can name the repository; and when settings or keys have changed, of the same packages.
 * @throws YardError `refused` when an identity that clients hold on to would change, or packages would be lost.
 */
export async function syncUploads(
  context: RepositoryContext,
  repository: UploadsConfiguration,
  job: Job,
  options: { allowIdentityChange: boolean },
): Promise<SyncOutcome> {
  const cost = startCost(context, [])
  const begun = context.now()
  const previous = await readNewest(context.refs, repository.name)
  const settings = await settingsOf(context, repository)
  const publish = async (): Promise<Made> => {
    if (!options.allowIdentityChange) publisherOf(repository).checkIdentity(previous)
    const packages = await uploadedTree(context, repository, previous, settings)
    return publishUploads(context, repository, { packages, previous, begun, settings }, job)
  }
  const made: Made =
    previous?.settings === settings
      ? { kind: 'unchanged', snapshot: previous.timestamp, treeCost: noTreeCost }
      : await publish()
  await writeRecord(context.refs, refNames.upstream(repository.name), {
    version: 1,
    checked: timestampOf(context.now()),
    settings,
    parts: {},
  })
  return cost.finish(made)
}
