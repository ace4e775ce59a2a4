import { type Digest, isYardError, type SnapshotRecord } from '../../model/index.ts'
import { countOf, decodeFileEntry, entries } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { type Check, nameOf } from './report.ts'

/** The catalog's counters against what the trees and the store say. */
export async function checkCounts(
  { context, repair, report }: Check,
  records: SnapshotRecord[],
): Promise<void> {
  const catalog = await context.catalog()
  await context.settleBlobStates()
  const local = new Set<Digest>()
  for await (const { digest } of context.blobs.list()) local.add(digest)
  for (const record of records) {
    const name = nameOf(record)
    const counted = await countOfRecord(context, record, local)
    const stated = await catalog.completeness(record.repository, record.timestamp).catch(() => undefined)
    if (stated === undefined || counted === undefined) continue
    if (
      stated.localEntries === counted.localEntries &&
      stated.localBytes === counted.localBytes &&
      stated.totalEntries === counted.totalEntries
    )
      continue
    if (repair) await correctCounts(context, record, counted, local)
    report.findings.push({
      what: 'count',
      name,
      problem: `the catalog counts ${stated.localEntries} of ${stated.totalEntries} entries here, the store has ${counted.localEntries} of ${counted.totalEntries}`,
      repaired: repair,
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
