import { type SnapshotRecord, YardError } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import type { OwnRepository } from './publisher.ts'

/** How the repository of a snapshot whose metadata is ours is configured today. @throws YardError `not-found` when it is no more. */
export function configuredCompose(context: RepositoryContext, record: SnapshotRecord): OwnRepository {
  const repository = context.configuration.repositories.get(record.repository)
  if (repository?.kind === 'compose' || repository?.kind === 'uploads') return repository
  throw new YardError(
    'not-found',
    `${record.repository} is no composed repository of switchyard.yaml, so nothing of it can be made again`,
  )
}
