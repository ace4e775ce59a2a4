import type { Job } from '../jobs/index.ts'
import {
  type Digest,
  type Name,
  parseName,
  type SnapshotRecord,
  type Timestamp,
  timestampOf,
  YardError,
} from '../model/index.ts'
import type { Lock } from '../store/index.ts'
import { decodeFileEntry, entriesOfPage, pagesOf } from '../tree/index.ts'
import { closureBlobs } from './closure/memory.ts'
import type { RepositoryContext } from './context.ts'
import { evidenceLogs } from './evidence-records.ts'
import {
  listRepositories,
  listSnapshots,
  readFrames,
  readLatest,
  readSnapshot,
  refNames,
  writeRecord,
} from './records.ts'
import { lostReleaseDocument } from './release-documents.ts'
import { moveLatest, sealedBlobs, stillAnswered, withoutSnapshot } from './seal.ts'
import { findSnapshot } from './snapshot-reference.ts'
import { listChannels, listReleases, listTrains, readChannel, readRelease } from './train-records.ts'

/**
 * The lock under which blobs and pages are collected, and snapshots committed: neither may see the other half done. The dot keeps
 * it apart from the locks of repositories, which bear their names.
 */
export const collectLock = '.collect'

/** A garbage collection of a large yard takes minutes. */
export const collectWaitMilliseconds = 600_000

/** With syncs under way, what was written this recently (milliseconds) may belong to a snapshot that is not committed yet. */
const graceMilliseconds = 24 * 3_600_000

/**
 * Removes one snapshot (`REPO@T`) or a repository's every snapshot (`REPO`), newest first, which costs the catalog least.
 * Their space is freed by `collectGarbage`. `latest` moves to the newest snapshot that is left. Cancelled or failed in
 * between, it finishes what it began.
 * @throws YardError `not-found`; `refused` when a composed snapshot still fetches from it, or a release names it.
 */
export async function removeSnapshots(
  context: RepositoryContext,
  reference: string,
  job: Job,
): Promise<string[]> {
  // Opening the catalog may want the lock.
  await context.catalog()
  const lock = await context.locks.acquire(collectLock, collectWaitMilliseconds)
  if (lock === undefined)
    throw new YardError('busy', `${reference}: a garbage collection holds the store; nothing was removed`, {
      hint: 'try again when it has ended',
    })
  try {
    return await removeUnderLock(context, reference, job)
  } finally {
    lock.release()
  }
}

async function removeUnderLock(context: RepositoryContext, reference: string, job: Job): Promise<string[]> {
  const one = reference.includes('@') ? await findSnapshot(context, reference) : undefined
  const repository = one?.repository ?? parseName(reference)
  const listed = await listSnapshots(context.refs, repository)
  const newestFirst = one === undefined ? listed.toReversed() : [one.timestamp]
  if (newestFirst.length === 0) await findSnapshot(context, reference)
  await checkUnused(context, repository, newestFirst)
  await checkNoTrain(context, repository, newestFirst)
  await checkSuccessor(context, repository, listed, newestFirst)
  const begun: Timestamp[] = []
  try {
    for (const timestamp of newestFirst) {
      await job.step(`remove ${repository}@${timestamp}`, () => beginRemoval(context, repository, timestamp))
      begun.push(timestamp)
    }
  } finally {
    await finishRemovals(context, repository, begun)
  }
  return newestFirst.map(timestamp => `${repository}@${timestamp}`)
}

/** A composed snapshot that still fetches on demand needs its inputs' trees to know from where. */
async function checkUnused(
  context: RepositoryContext,
  repository: Name,
  timestamps: Timestamp[],
): Promise<void> {
  for (const name of await listRepositories(context.refs))
    for (const timestamp of await listSnapshots(context.refs, name)) {
      const record = await readSnapshot(context.refs, name, timestamp)
      const input = record?.inputs?.find(
        input => input.repository === repository && timestamps.includes(input.timestamp),
      )
      if (input === undefined || (await isComplete(context, record!))) continue
      throw new YardError(
        'refused',
        `${name}@${timestamp} is composed from ${repository}@${input.timestamp} and is not complete without it; nothing was removed`,
        {
          hint: `run \`switchyard fetch ${name}@${timestamp}\` first, or remove that snapshot`,
        },
      )
    }
}

/** What a release names stays as long as the release does, and what a channel still answers as long as it does. */
async function checkNoTrain(
  context: RepositoryContext,
  repository: Name,
  timestamps: Timestamp[],
): Promise<void> {
  for (const train of await listTrains(context.refs))
    for (const release of await listReleases(context.refs, train)) {
      const snapshots = (await readRelease(context.refs, train, release))?.record.snapshots ?? {}
      const named = Object.values(snapshots).find(
        snapshot => snapshot.repository === repository && timestamps.includes(snapshot.timestamp),
      )
      if (named !== undefined)
        throw new YardError(
          'refused',
          `the release ${train}@${release} names ${repository}@${named.timestamp}; nothing was removed`,
          { hint: `remove the release first: \`switchyard rm ${train}@${release}\`` },
        )
    }
  await checkNoChannel(context, repository, timestamps)
}

/** A client that began before a channel moved finishes with what the channel served then, also when its release is gone. */
async function checkNoChannel(
  context: RepositoryContext,
  repository: Name,
  timestamps: Timestamp[],
): Promise<void> {
  const { trains, latest } = context.configuration
  for (const train of await listTrains(context.refs))
    for (const channel of await listChannels(context.refs, train)) {
      const keep = trains.get(train)?.channels.get(channel) ?? latest
      const at = await readChannel(context.refs, train, channel)
      const answered = Object.values(at?.repositories ?? {}).flatMap(({ recent }) =>
        stillAnswered(recent, context.now(), keep),
      )
      const used = answered.find(
        ({ snapshot }) => snapshot.repository === repository && timestamps.includes(snapshot.timestamp),
      )
      if (used !== undefined)
        throw new YardError(
          'refused',
          `${train}/${channel} still answers ${repository}@${used.snapshot.timestamp}, which it served until ${used.replaced}; nothing was removed`,
          { hint: '`keep` and `keep-at-least` of the channel in switchyard.yaml say for how long' },
        )
    }
}

/** Where `latest` goes, its text must be: a removal that was begun has no way back. */
async function checkSuccessor(
  context: RepositoryContext,
  repository: Name,
  listed: Timestamp[],
  gone: Timestamp[],
): Promise<void> {
  const newest = listed.filter(timestamp => !gone.includes(timestamp)).at(-1)
  if (newest === undefined || newest === listed.at(-1)) return
  const record = await readSnapshot(context.refs, repository, newest)
  const lost = record && (await lostReleaseDocument(context, record))
  if (lost === undefined) return
  throw new YardError(
    'damaged',
    `${repository}@${newest}, to which latest would go, has lost ${lost}; nothing was removed`,
    { hint: `remove ${repository}@${newest} first` },
  )
}

async function isComplete(context: RepositoryContext, record: SnapshotRecord): Promise<boolean> {
  const completeness = await (await context.catalog()).completeness(record.repository, record.timestamp)
  return completeness.localEntries === completeness.totalEntries
}

/** The catalog's mark is the commit; what follows is done again at the next start should the process die. */
async function beginRemoval(
  context: RepositoryContext,
  repository: Name,
  timestamp: Timestamp,
): Promise<void> {
  const draft = { ...context.cause, subject: `${repository}@${timestamp}`, detail: {} }
  await (await context.catalog()).beginRemoval(repository, timestamp, {
    draft,
    at: timestampOf(context.now()),
  })
}

/** Seals no Release for a snapshot that goes too: with all of them `latest` goes first, else it moves once, at the end. */
async function finishRemovals(
  context: RepositoryContext,
  repository: Name,
  newestFirst: Timestamp[],
): Promise<void> {
  const listed = await listSnapshots(context.refs, repository)
  if (listed.length === newestFirst.length) await context.refs.remove(refNames.latest(repository))
  for (const timestamp of newestFirst.toReversed()) await finishRemoval(context, repository, timestamp)
}

/** Removes the refs of a snapshot whose removal was begun, and with the last one all of its repository's. Idempotent. */
export async function finishRemoval(
  context: RepositoryContext,
  repository: Name,
  timestamp: Timestamp,
): Promise<void> {
  const left = (await listSnapshots(context.refs, repository)).filter(listed => listed !== timestamp)
  if (left.length > 0) await leaveLatest(context, repository, timestamp, left.at(-1)!)
  else
    for (const name of [refNames.latest, refNames.upstream, refNames.frames])
      await context.refs.remove(name(repository))
  await context.refs.remove(refNames.snapshot(repository, timestamp))
  await (await context.catalog()).finishRemoval(repository, timestamp)
}

/** Where the snapshot was `latest`, the newest that is left is; `latest` answers it no more. */
async function leaveLatest(
  context: RepositoryContext,
  repository: Name,
  gone: Timestamp,
  newest: Timestamp,
): Promise<void> {
  const latest = await readLatest(context.refs, repository)
  if (latest?.snapshot === gone)
    await moveLatest(context, (await readSnapshot(context.refs, repository, newest))!)
  const moved = await readLatest(context.refs, repository)
  if (moved !== undefined)
    await writeRecord(context.refs, refNames.latest(repository), withoutSnapshot(moved, gone))
}

/** A half-fetched blob that nobody went on with for so long (milliseconds) is given up. */
const abandonedMilliseconds = 7 * 24 * 3_600_000

export interface GcReport {
  dryRun: boolean
  removedBlobs: number
  removedPages: number
  /** Bytes on disk: pages count compressed. */
  freedBytes: number
}

/**
 * Removes every blob and page that no listed snapshot, no `latest`, no channel and no snapshot that these still answer names.
 * Safe beside servers and syncs: commits wait while it runs and look for their blobs again afterwards; while a sync
 * runs, what was written within a day stays.
 */
export async function collectGarbage(
  context: RepositoryContext,
  options: { dryRun: boolean },
): Promise<GcReport> {
  const lock = await context.locks.acquire(collectLock, collectWaitMilliseconds)
  if (lock === undefined)
    throw new YardError('busy', 'another garbage collection or commit holds the store; nothing was removed', {
      hint: 'try again in a moment',
    })
  const idle: (Lock | undefined)[] = []
  try {
    // What is not being synced cannot begin meanwhile: jobs that come now wait for us (`behind`).
    for (const name of await possibleSubjects(context)) idle.push(await context.locks.acquire(name))
    const reachable = await findReachable(context)
    const keepAfter = idle.includes(undefined) ? context.now() - graceMilliseconds : Number.POSITIVE_INFINITY
    const report: GcReport = { dryRun: options.dryRun, removedBlobs: 0, removedPages: 0, freedBytes: 0 }
    for await (const { digest, size, written } of context.blobs.list()) {
      if (reachable.blobs.has(digest) || written > keepAfter) continue
      if (!options.dryRun) await context.blobs.remove(digest)
      report.removedBlobs++
      report.freedBytes += size
    }
    for await (const { digest, storedSize, written } of context.pages.list()) {
      if (reachable.pages.has(digest) || written > keepAfter) continue
      if (!options.dryRun) await context.pages.remove(digest)
      report.removedPages++
      report.freedBytes += storedSize
    }
    if (!options.dryRun) report.freedBytes += (await context.sweep(abandonedMilliseconds)).bytes
    return report
  } finally {
    for (const held of idle) held?.release()
    lock.release()
  }
}

/** Of the jobs that may be writing: repositories, configured or not, and fsck. */
async function possibleSubjects(context: RepositoryContext): Promise<Set<string>> {
  const { repositories, trains } = context.configuration
  // The first snapshot that is made for a train has no line yet.
  const derivedLines = [...trains.values()].flatMap(train =>
    train.repositories.map(repository => `${train.name}.${repository}`),
  )
  return new Set([...repositories.keys(), ...derivedLines, ...(await listRepositories(context.refs)), 'fsck'])
}

/** Every page and blob that some ref leads to. Pages that snapshots share are walked once. */
export async function findReachable(
  context: RepositoryContext,
): Promise<{ pages: Set<Digest>; blobs: Set<Digest> }> {
  const pages = new Set<Digest>()
  const blobs = new Set<Digest>()
  for (const repository of await listRepositories(context.refs)) {
    for (const timestamp of await listSnapshots(context.refs, repository))
      await addSnapshot(context, (await readSnapshot(context.refs, repository, timestamp))!, pages, blobs)
    const latest = await readLatest(context.refs, repository)
    if (latest !== undefined) for (const { sha256 } of sealedBlobs(latest)) blobs.add(sha256)
    const frames = await readFrames(context.refs, repository)
    for (const { blob } of Object.values(frames?.indexes ?? {})) blobs.add(blob)
  }
  for (const train of await listTrains(context.refs))
    for (const channel of await listChannels(context.refs, train))
      for (const served of Object.values(
        (await readChannel(context.refs, train, channel))?.repositories ?? {},
      ))
        for (const { sha256 } of sealedBlobs(served)) blobs.add(sha256)
  for await (const log of evidenceLogs(context.refs)) blobs.add(log)
  for await (const memory of closureBlobs(context.refs)) blobs.add(memory)
  return { pages, blobs }
}

async function addSnapshot(
  context: RepositoryContext,
  record: SnapshotRecord,
  pages: Set<Digest>,
  blobs: Set<Digest>,
): Promise<void> {
  for (const root of [record.packages, record.files])
    for await (const page of pagesOf(context.pages, root, digest => pages.has(digest))) {
      pages.add(page.digest)
      if (root === record.files && page.level === 0)
        for (const { value } of await entriesOfPage(context.trees, page.digest))
          blobs.add(decodeFileEntry(value).sha256)
    }
}
