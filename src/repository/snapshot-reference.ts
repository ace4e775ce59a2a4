import { type Name, parseReference, type SnapshotRecord, YardError } from '../model/index.ts'
import type { RepositoryContext } from './context.ts'
import { listRepositories, listSnapshots, readSnapshot } from './records.ts'

/**
 * The record that `REPO`, `REPO@latest` or `REPO@T` names.
 * @throws YardError `usage` for a malformed reference, `not-found` (with what there is) when it names nothing.
 */
export async function findSnapshot(context: RepositoryContext, reference: string): Promise<SnapshotRecord> {
  const { repository, at } = parseReference(reference)
  const listed = await listSnapshots(context.refs, repository)
  const timestamp = at ?? listed.at(-1)
  const record = timestamp === undefined ? undefined : await readSnapshot(context.refs, repository, timestamp)
  if (record !== undefined) return record
  if (listed.length > 0)
    throw new YardError('not-found', `there is no snapshot ${reference}`, {
      hint: `the newest of ${repository} is ${repository}@${listed.at(-1)}; \`switchyard snapshots ${repository}\` lists all ${listed.length}`,
    })
  throw await noSnapshots(context, repository)
}

async function noSnapshots(context: RepositoryContext, repository: Name): Promise<YardError> {
  if (context.configuration.repositories.has(repository))
    return new YardError('not-found', `${repository} has no snapshot yet`, {
      hint: `run \`switchyard sync ${repository}\``,
    })
  const known = new Set([
    ...context.configuration.repositories.keys(),
    ...(await listRepositories(context.refs)),
  ])
  return new YardError('not-found', `there is no repository ${repository}`, {
    hint: known.size === 0 ? 'add one to switchyard.yaml' : `there are: ${[...known].sort().join(', ')}`,
  })
}
