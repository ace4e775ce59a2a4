import { messageOf, type Name, YardError } from '../model/index.ts'
import type { RepositoryContext } from './context.ts'
import { listRepositories, readLatestIfWhole, readSnapshot } from './records.ts'
import { collectLock, collectWaitMilliseconds } from './retention.ts'
import { isSealedByNow, moveLatest } from './seal.ts'

/**
 * Seals a repository's `latest` anew when other keys have sealed it than those that sign now: clients are given these.
 * @throws YardError `busy` while a garbage collection holds the store; `damaged` when its Release is lost.
 */
export async function resealLatest(context: RepositoryContext, repository: Name): Promise<void> {
  if (await isSealed(context, repository)) return
  const lock = await context.locks.acquire(collectLock, collectWaitMilliseconds)
  if (lock === undefined)
    throw new YardError(
      'busy',
      `${repository}: a garbage collection holds the store; latest is still signed by the keys before`,
      { hint: `run \`switchyard sync ${repository}\` when it has ended` },
    )
  try {
    const latest = await readLatestIfWhole(context.refs, repository)
    const record = latest && (await readSnapshot(context.refs, repository, latest.snapshot))
    if (record !== undefined) await moveLatest(context, record)
  } finally {
    lock.release()
  }
}

/** True too where nothing is served, or where only fsck can say what was. */
async function isSealed(context: RepositoryContext, repository: Name): Promise<boolean> {
  const latest = await readLatestIfWhole(context.refs, repository)
  const record = latest && (await readSnapshot(context.refs, repository, latest.snapshot))
  return record === undefined || isSealedByNow(context, record, latest!)
}

/**
 * The same for every repository, after the keys were changed. One that fails keeps no other from it.
 * @throws YardError with the code of the first that failed, naming each.
 */
export async function resealAll(context: RepositoryContext): Promise<void> {
  const failures: unknown[] = []
  for (const repository of await listRepositories(context.refs))
    await resealLatest(context, repository).catch(error => failures.push(error))
  const [first] = failures
  if (first === undefined) return
  throw new YardError(
    first instanceof YardError ? first.code : 'internal',
    `the keys were changed, but not every latest is signed by them yet: ${failures.map(messageOf).join('; ')}`,
    { hint: 'run `switchyard fsck --repair`, then `switchyard sync`', cause: first },
  )
}
