import type { UploadsConfiguration } from '../../config/index.ts'
import type { Job } from '../../jobs/index.ts'
import { nextTimestamp } from '../../model/index.ts'
import { makeOwnSnapshot, type OwnContent } from '../compose/own-snapshot.ts'
import { publisherOf } from '../compose/publisher-of.ts'
import type { RepositoryContext } from '../context.ts'

/** Makes a snapshot of uploads. Its metadata is dated as the snapshot is: nothing else says how new it is. */
export async function publishUploads(
  context: RepositoryContext,
  repository: UploadsConfiguration,
  content: Omit<OwnContent, 'date' | 'inputs'>,
  job: Job,
): ReturnType<typeof makeOwnSnapshot> {
  const last = await (await context.catalog()).lastTimestamp(repository.name)
  const date = nextTimestamp(content.begun, last)
  return makeOwnSnapshot(context, repository, publisherOf(repository), { ...content, date }, job)
}
