import type { ComposeConfiguration } from '../../config/index.ts'
import { type SnapshotRecord, YardError } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'

/** How a composed snapshot's repository is configured today. @throws YardError `not-found` when it is no more. */
export function configuredCompose(context: RepositoryContext, record: SnapshotRecord): ComposeConfiguration {
  const compose = context.configuration.repositories.get(record.repository)
  if (compose?.kind === 'compose') return compose
  throw new YardError(
    'not-found',
    `${record.repository} is no composed repository of switchyard.yaml, so nothing of it can be made again`,
  )
}
