import type { RepositoryConfiguration } from '../config/index.ts'
import { type Job, type JobEvent, runJob } from '../jobs/index.ts'
import { isYardError, messageOf, type Name, timestampOf, YardError } from '../model/index.ts'
import { syncCompose } from './compose/sync-compose.ts'
import type { RepositoryContext } from './context.ts'
import { syncMirror } from './mirror/sync-mirror.ts'
import { readUpstreamMemory, refNames, writeRecord } from './records.ts'
import { resealLatest } from './reseal.ts'
import { collectLock } from './retention.ts'
import type { SyncOutcome } from './sync-outcome.ts'
import { syncUploads } from './uploads/sync-uploads.ts'

/** What became of one repository. */
export type SyncResult = { repository: Name; outcome: SyncOutcome } | { repository: Name; error: YardError }

export interface SyncOptions {
  onEvent?: ((event: JobEvent) => void) | undefined
  signal?: AbortSignal | undefined
  /** Composed repositories may change origin, label, suite or codename, which every apt that uses them refuses once. */
  allowIdentityChange?: boolean | undefined
}

/**
 * Syncs repositories side by side, each composed one after those of its inputs that are synced too. A failure is its
 * own repository's result; a composed repository then goes on with what its input had.
 * @param names in any order; all exist in the configuration. Results come in that order.
 */
export async function syncRepositories(
  context: RepositoryContext,
  names: Name[],
  options: SyncOptions,
): Promise<SyncResult[]> {
  const running = new Map<Name, Promise<SyncResult>>()
  const start = (name: Name): Promise<SyncResult> => {
    const existing = running.get(name)
    if (existing !== undefined) return existing
    const repository = context.configuration.repositories.get(name)!
    const inputs =
      repository.kind === 'compose' ? repository.from.filter(input => names.includes(input)).map(start) : []
    const result = Promise.all(inputs).then(() => syncOne(context, repository, options))
    running.set(name, result)
    return result
  }
  return Promise.all(names.map(start))
}

async function syncOne(
  context: RepositoryContext,
  repository: RepositoryConfiguration,
  options: SyncOptions,
): Promise<SyncResult> {
  const { onEvent, signal } = options
  try {
    const { allowIdentityChange = false } = options
    const verb = (job: Job) =>
      repository.kind === 'mirror'
        ? syncMirror(context, repository, job)
        : repository.kind === 'compose'
          ? syncCompose(context, repository, job, { allowIdentityChange })
          : syncUploads(context, repository, job, { allowIdentityChange })
    const sealed = async (job: Job) => {
      const outcome = await verb(job)
      if (outcome.kind !== 'created') await resealLatest(context, repository.name)
      return outcome
    }
    const outcome = await runJob(
      {
        subject: repository.name,
        locks: context.locks,
        behind: collectLock,
        clock: context.clock,
        onEvent,
        signal,
      },
      sealed,
    )
    return { repository: repository.name, outcome }
  } catch (thrown) {
    const error = isYardError(thrown)
      ? thrown
      : new YardError('internal', `${repository.name}: ${messageOf(thrown)}`, { cause: thrown })
    if (error.code !== 'busy' && error.code !== 'cancelled')
      await rememberFailure(context, repository.name, error)
    return { repository: repository.name, error }
  }
}

/** So that whoever asks later learns since when, and why, a repository stands still. */
async function rememberFailure(context: RepositoryContext, name: Name, error: YardError): Promise<void> {
  const memory = await readUpstreamMemory(context.refs, name).catch(() => undefined)
  const failure = { at: timestampOf(context.now()), message: error.message.slice(0, 2000) }
  await writeRecord(context.refs, refNames.upstream(name), {
    version: 1,
    settings: memory?.settings ?? ('' as never),
    parts: memory?.parts ?? {},
    ...memory,
    failure,
  }).catch(() => undefined)
}
