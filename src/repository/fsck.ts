import type { Job } from '../jobs/index.ts'
import {
  createHasher,
  type Digest,
  isYardError,
  messageOf,
  type Name,
  type SnapshotRecord,
} from '../model/index.ts'
import {
  checkPage,
  countOf,
  decodeFileEntry,
  emptyTree,
  entries,
  entriesOfPage,
  pagesOf,
} from '../tree/index.ts'
import { rebuildMetadata } from './compose/rebuild-metadata.ts'
import { sourceOf } from './content.ts'
import type { RepositoryContext } from './context.ts'
import { fetchFile } from './obtain.ts'
import {
  damagedMemories,
  listRepositories,
  listSnapshots,
  readLatestIfWhole,
  readSnapshot,
  refNames,
  writeRecord,
} from './records.ts'
import { moveLatest, sealedBlobs } from './seal.ts'

/** Something that is not as it should be, and whether it is again. */
export interface FsckFinding {
  what: 'blob' | 'page' | 'ref' | 'count'
  /** Digest, or the ref's name. */
  name: string
  problem: string
  repaired: boolean
  /** Snapshots (and paths) that need it. */
  usedBy: string[]
}

export interface FsckReport {
  checkedBlobs: number
  checkedPages: number
  checkedRefs: number
  /** Of blobs, in bytes. */
  checkedBytes: number
  findings: FsckFinding[]
}

/**
 * Proves every byte: each page of every listed snapshot decodes to its name, each blob that is here hashes to its name,
 * each ref agrees with the catalog, each count is right, composed metadata comes out the same when written again. With
 * `repair`, a damaged or missing blob is fetched or rebuilt, refs and counts are derived again. Changes nothing without it.
 */
export async function fsck(
  context: RepositoryContext,
  options: { repair: boolean },
  job: Job,
): Promise<FsckReport> {
  const report: FsckReport = {
    checkedBlobs: 0,
    checkedPages: 0,
    checkedRefs: 0,
    checkedBytes: 0,
    findings: [],
  }
  const records = await job.step('check refs', () => checkRefs(context, options, report))
  const users = await job.step('check pages', () => checkPages(context, records, report))
  const present = await job.step('check blobs', () => checkBlobs(context, options, users, report, job))
  await job.step('check latest', () => checkLatest(context, options, present, report))
  await job.step('check counts', () => checkCounts(context, options, records, report))
  return report
}

/** Refs against the catalog: what is committed must be listed with the same bytes. */
async function checkRefs(
  context: RepositoryContext,
  options: { repair: boolean },
  report: FsckReport,
): Promise<SnapshotRecord[]> {
  const committed = (await (await context.catalog()).snapshots()).map(snapshot => snapshot.record)
  for (const record of committed) {
    const name = `${record.repository}@${record.timestamp}`
    const problem = await refProblem(context, record)
    report.checkedRefs++
    if (problem === undefined) continue
    if (options.repair)
      await writeRecord(context.refs, refNames.snapshot(record.repository, record.timestamp), record)
    report.findings.push({ what: 'ref', name, problem, repaired: options.repair, usedBy: [name] })
  }
  const known = new Set(committed.map(record => `${record.repository}@${record.timestamp}`))
  const extra: SnapshotRecord[] = []
  for (const repository of await listRepositories(context.refs)) {
    for (const timestamp of await listSnapshots(context.refs, repository)) {
      if (known.has(`${repository}@${timestamp}`)) continue
      const record = await readSnapshot(context.refs, repository, timestamp).catch(() => undefined)
      report.findings.push({
        what: 'ref',
        name: `${repository}@${timestamp}`,
        problem: 'the catalog does not know this snapshot',
        repaired: false,
        usedBy: [],
      })
      if (record !== undefined) extra.push(record)
    }
    await checkMemories(context, options, repository, report)
  }
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

/** What a repository remembers can be done without: a damaged memory is forgotten, and the next sync reads all. */
async function checkMemories(
  context: RepositoryContext,
  options: { repair: boolean },
  repository: Name,
  report: FsckReport,
): Promise<void> {
  for (const { name, problem } of await damagedMemories(context.refs, repository)) {
    if (options.repair) await context.refs.remove(name)
    report.findings.push({ what: 'ref', name, problem, repaired: options.repair, usedBy: [repository] })
  }
}

/** `latest` must be the newest snapshot, with every file that was sealed for it; else it is sealed anew. */
async function checkLatest(
  context: RepositoryContext,
  options: { repair: boolean },
  present: Set<Digest>,
  report: FsckReport,
): Promise<void> {
  const newest = new Map<Name, SnapshotRecord>()
  for (const { record } of await (await context.catalog()).snapshots()) newest.set(record.repository, record)
  for (const [repository, record] of newest) {
    report.checkedRefs++
    const latest = await readLatestIfWhole(context.refs, repository)
    const whole = latest !== undefined && sealedBlobs(latest).every(({ sha256 }) => present.has(sha256))
    if (whole && latest.snapshot === record.timestamp) continue
    if (options.repair) {
      await context.refs.remove(refNames.latest(repository))
      await moveLatest(context, record)
    }
    report.findings.push({
      what: 'ref',
      name: `${repository}/latest`,
      problem: 'it does not serve the newest snapshot whole',
      repaired: options.repair,
      usedBy: [repository],
    })
  }
}

/** Where each blob is needed: a snapshot and path that name it, and whether it must be here. */
type Users = Map<Digest, User>

interface User {
  record: SnapshotRecord
  path: string
  size: number
  required: boolean
}

/** Snapshots whose every blob should be here: those that were complete once. Others fetch on demand. */
async function completeOnes(
  context: RepositoryContext,
  records: SnapshotRecord[],
): Promise<Set<SnapshotRecord>> {
  const catalog = await context.catalog()
  const complete = new Set<SnapshotRecord>()
  for (const record of records) {
    const immediate = context.configuration.repositories.get(record.repository)?.policy === 'immediate'
    const counted = await catalog.completeness(record.repository, record.timestamp).catch(() => undefined)
    const here =
      counted === undefined ? undefined : counted.localEntries + (immediate ? counted.lostEntries : 0)
    if (here === undefined ? immediate : here === counted!.totalEntries) complete.add(record)
  }
  return complete
}

async function checkPages(
  context: RepositoryContext,
  records: SnapshotRecord[],
  report: FsckReport,
): Promise<Users> {
  const seen = new Set<Digest>([emptyTree('files').digest, emptyTree('packages').digest])
  const users: Users = new Map()
  const complete = await completeOnes(context, records)
  // Pages that snapshots share are read once, for the one that asks most of them.
  const strictFirst = records.toSorted((a, b) => Number(complete.has(b)) - Number(complete.has(a)))
  for (const record of strictFirst)
    for (const root of [record.packages, record.files])
      try {
        for await (const { digest, level } of pagesOf(context.pages, root, digest => seen.has(digest))) {
          seen.add(digest)
          report.checkedPages++
          checkPage(await context.pages.read(digest))
          if (root !== record.files || level !== 0) continue
          for (const { key, value } of await entriesOfPage(context.pages, digest)) {
            const entry = decodeFileEntry(value)
            if (!users.has(entry.sha256))
              users.set(entry.sha256, { record, path: key, size: entry.size, required: complete.has(record) })
          }
        }
      } catch (error) {
        report.findings.push({
          what: 'page',
          name: root,
          problem: messageOf(error),
          repaired: false,
          usedBy: [`${record.repository}@${record.timestamp}`],
        })
      }
  return users
}

/** Reads every blob that is here; answers those that are what they are named for. */
async function checkBlobs(
  context: RepositoryContext,
  options: { repair: boolean },
  users: Users,
  report: FsckReport,
  job: Job,
): Promise<Set<Digest>> {
  const present = new Set<Digest>()
  let total = 0
  for await (const { size } of context.blobs.list()) total += size
  for await (const { digest, size } of context.blobs.list()) {
    report.checkedBlobs++
    report.checkedBytes += size
    job.progress(report.checkedBlobs, 0, report.checkedBytes, total)
    if (await hashesTo(context, digest)) present.add(digest)
    else await reportBlob(context, options, digest, 'its bytes do not hash to its name', users, report, job)
  }
  const reported = new Set(report.findings.map(finding => finding.name))
  for (const [digest, { required }] of users) {
    if (!required || present.has(digest) || reported.has(digest)) continue
    await reportBlob(context, options, digest, 'it is missing', users, report, job)
  }
  return present
}

async function hashesTo(context: RepositoryContext, digest: Digest): Promise<boolean> {
  const hasher = createHasher()
  for await (const chunk of context.blobs.open(digest)) hasher.update(chunk)
  return hasher.digest() === digest
}

async function reportBlob(
  context: RepositoryContext,
  options: { repair: boolean },
  digest: Digest,
  problem: string,
  users: Users,
  report: FsckReport,
  job: Job,
): Promise<void> {
  const user = users.get(digest)
  const repaired = options.repair && (await repairBlob(context, digest, user, job))
  report.findings.push({
    what: 'blob',
    name: digest,
    problem,
    repaired,
    usedBy: user === undefined ? [] : [`${user.record.repository}@${user.record.timestamp}: ${user.path}`],
  })
}

/** Fetches the blob again or, for composed metadata, writes it again. A damaged one that nothing names is only removed. */
async function repairBlob(
  context: RepositoryContext,
  digest: Digest,
  user: User | undefined,
  job: Job,
): Promise<boolean> {
  await context.blobs.remove(digest)
  if (user === undefined) return true
  try {
    const source = await sourceOf(context, user.record, user.path, { sha256: digest, size: user.size })
    if (source !== undefined)
      await fetchFile(
        context,
        source.mirror,
        { path: source.path, sha256: digest, size: user.size },
        source.record.files,
        job.signal,
      )
    else await rebuildMetadata(context, user.record)
  } catch (error) {
    if (!isYardError(error)) throw error
    job.warn(`${user.path} could not be repaired: ${error.message}`)
  }
  const repaired = (await context.blobs.size(digest)) !== undefined
  if (!repaired) context.onLost(digest)
  return repaired
}

/** The catalog's counters against what the trees and the store say. */
async function checkCounts(
  context: RepositoryContext,
  options: { repair: boolean },
  records: SnapshotRecord[],
  report: FsckReport,
): Promise<void> {
  const catalog = await context.catalog()
  await context.settleBlobStates()
  const local = new Set<Digest>()
  for await (const { digest } of context.blobs.list()) local.add(digest)
  for (const record of records) {
    const name = `${record.repository}@${record.timestamp}`
    const counted = await countOfRecord(context, record, local)
    const stated = await catalog.completeness(record.repository, record.timestamp).catch(() => undefined)
    if (stated === undefined || counted === undefined) continue
    if (
      stated.localEntries === counted.localEntries &&
      stated.localBytes === counted.localBytes &&
      stated.totalEntries === counted.totalEntries
    )
      continue
    if (options.repair) await correctCounts(context, record, counted, local)
    report.findings.push({
      what: 'count',
      name,
      problem: `the catalog counts ${stated.localEntries} of ${stated.totalEntries} entries here, the store has ${counted.localEntries} of ${counted.totalEntries}`,
      repaired: options.repair,
      usedBy: [name],
    })
  }
}

/** The catalog learns which blobs are here; what is still wrong after that is a wrong sum. */
async function correctCounts(
  context: RepositoryContext,
  record: SnapshotRecord,
  counted: NonNullable<Awaited<ReturnType<typeof countOfRecord>>>,
  local: Set<Digest>,
): Promise<void> {
  const catalog = await context.catalog()
  const before = await catalog.completeness(record.repository, record.timestamp)
  const missing = before.lostEntries > 0 ? [] : await missingBlobs(context, record, local)
  await catalog.markBlobs(local, 'local')
  await catalog.markBlobs(missing, 'fetchable')
  const { lostEntries, lostBytes } = await catalog.completeness(record.repository, record.timestamp)
  await catalog.recount(record.repository, record.timestamp, {
    ...counted,
    lostEntries: Math.min(lostEntries, counted.totalEntries - counted.localEntries),
    lostBytes: Math.min(lostBytes, counted.totalBytes - counted.localBytes),
  })
}

async function missingBlobs(
  context: RepositoryContext,
  record: SnapshotRecord,
  local: Set<Digest>,
): Promise<Set<Digest>> {
  const missing = new Set<Digest>()
  for await (const { value } of entries(context.trees, record.files)) {
    const { sha256 } = decodeFileEntry(value)
    if (!local.has(sha256)) missing.add(sha256)
  }
  return missing
}

async function countOfRecord(context: RepositoryContext, record: SnapshotRecord, local: Set<Digest>) {
  try {
    const counted = {
      totalEntries: await countOf(context.trees, record.files),
      totalBytes: 0,
      localEntries: 0,
      localBytes: 0,
    }
    for await (const { value } of entries(context.trees, record.files)) {
      const { sha256, size } = decodeFileEntry(value)
      counted.totalBytes += size
      if (!local.has(sha256)) continue
      counted.localEntries++
      counted.localBytes += size
    }
    return counted
  } catch (error) {
    if (isYardError(error)) return undefined
    throw error
  }
}
