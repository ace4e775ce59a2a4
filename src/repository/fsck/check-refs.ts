import {
  type Digest,
  digestOf,
  isYardError,
  type LatestRecord,
  messageOf,
  type Name,
  type SnapshotRecord,
  YardError,
} from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import {
  damagedMemories,
  listRepositories,
  listSnapshots,
  readLatestIfWhole,
  readSnapshot,
  refNames,
  writeRecord,
} from '../records.ts'
import { collectLock, collectWaitMilliseconds } from '../retention.ts'
import { sealAfter, sealedBlobs } from '../seal.ts'
import { type Check, nameOf } from './report.ts'

/** Refs against the catalog: what is committed must be listed with the same bytes. Answers every snapshot that either knows. */
export async function checkRefs(check: Check): Promise<SnapshotRecord[]> {
  const { context, repair, report } = check
  const committed = (await (await context.catalog()).snapshots()).map(snapshot => snapshot.record)
  for (const record of committed) {
    const name = nameOf(record)
    const problem = await refProblem(context, record)
    report.checkedRefs++
    if (problem === undefined) continue
    if (repair)
      await writeRecord(context.refs, refNames.snapshot(record.repository, record.timestamp), record)
    report.findings.push({ what: 'ref', name, problem, repaired: repair, usedBy: [name] })
  }
  const extra = await unknownOnes(check, new Set(committed.map(nameOf)))
  for (const repository of await listRepositories(context.refs)) await checkMemories(check, repository)
  return [...committed, ...extra]
}

async function refProblem(context: RepositoryContext, record: SnapshotRecord): Promise<string | undefined> {
  try {
    const listed = await readSnapshot(context.refs, record.repository, record.timestamp)
    if (listed === undefined) return 'its ref is missing'
    return listed.files === record.files && listed.packages === record.packages
      ? undefined
      : 'its ref names other trees than the catalog'
  } catch (error) {
    return messageOf(error)
  }
}

async function unknownOnes({ context, report }: Check, known: Set<string>): Promise<SnapshotRecord[]> {
  const extra: SnapshotRecord[] = []
  for (const repository of await listRepositories(context.refs))
    for (const timestamp of await listSnapshots(context.refs, repository)) {
      const name = `${repository}@${timestamp}`
      if (known.has(name)) continue
      const record = await readSnapshot(context.refs, repository, timestamp).catch(() => undefined)
      const problem = 'the catalog does not know this snapshot'
      report.findings.push({ what: 'ref', name, problem, repaired: false, usedBy: [] })
      if (record !== undefined) extra.push(record)
    }
  return extra
}

/** What a repository remembers can be done without: a damaged memory is forgotten, and the next sync reads all. */
async function checkMemories({ context, repair, report }: Check, repository: Name): Promise<void> {
  for (const { name, problem } of await damagedMemories(context.refs, repository)) {
    if (repair) await context.refs.remove(name)
    report.findings.push({ what: 'ref', name, problem, repaired: repair, usedBy: [repository] })
  }
}

/**
 * `latest` must be the newest snapshot, with every file that was sealed for it (`present`: the blobs that were found whole);
 * else it is sealed anew. No sync can move it meanwhile. What cannot be sealed stays as it is.
 * @throws YardError `busy` while a garbage collection holds the store.
 */
export async function checkLatest({ context, repair, report }: Check, present: Set<Digest>): Promise<void> {
  const catalog = await context.catalog()
  const lock = await context.locks.acquire(collectLock, collectWaitMilliseconds)
  if (lock === undefined)
    throw new YardError('busy', 'a garbage collection holds the store; latest was not checked', {
      hint: 'try again when it has ended',
    })
  try {
    const newest = new Map<Name, SnapshotRecord>()
    for (const { record } of await catalog.snapshots()) newest.set(record.repository, record)
    for (const [repository, record] of newest) {
      report.checkedRefs++
      const latest = await readLatestIfWhole(context.refs, repository)
      const kept = latest && (await withoutLost(context, latest, present))
      if (kept === latest && latest?.snapshot === record.timestamp) continue
      const fault = repair ? await sealAnew(context, record, kept) : undefined
      report.findings.push({
        what: 'ref',
        name: `${repository}/latest`,
        problem: `it does not serve the newest snapshot whole${fault === undefined ? '' : `; ${fault}`}`,
        repaired: repair && fault === undefined,
        usedBy: [repository],
      })
    }
  } finally {
    lock.release()
  }
}

/** The same record when every file is here that was sealed for it or for what it served before; else without those. */
async function withoutLost(
  context: RepositoryContext,
  latest: LatestRecord,
  present: Set<Digest>,
): Promise<LatestRecord> {
  for (const { sha256, size } of sealedBlobs(latest))
    if (!present.has(sha256) && !(await isWhole(context, sha256, size)))
      return { ...latest, sealed: {}, recent: latest.recent.map(recent => ({ ...recent, sealed: {} })) }
  return latest
}

/** One that came after the blobs were looked through: `latest` was moved meanwhile. */
async function isWhole(context: RepositoryContext, digest: Digest, size: number): Promise<boolean> {
  const bytes = await context.blobs.read(digest, size).catch(() => undefined)
  return bytes !== undefined && digestOf(bytes) === digest
}

/** Why it could not be; undefined when it was. */
async function sealAnew(
  context: RepositoryContext,
  record: SnapshotRecord,
  current: LatestRecord | undefined,
): Promise<string | undefined> {
  try {
    const latest = await sealAfter(context, record, current)
    await writeRecord(context.refs, refNames.latest(record.repository), latest)
    return undefined
  } catch (error) {
    if (!isYardError(error, 'damaged', 'not-found')) throw error
    return messageOf(error)
  }
}
