import type { Job } from '../../jobs/index.ts'
import type { RepositoryContext } from '../context.ts'
import { checkBlobs } from './check-blobs.ts'
import { checkCounts } from './check-counts.ts'
import { checkPages } from './check-pages.ts'
import { checkLatest, checkRefs } from './check-refs.ts'
import type { Check, FsckReport } from './report.ts'

/**
 * Proves every byte: each page of every listed snapshot is what its name and its parent say, each blob that is here
 * hashes to its name, each ref agrees with the catalog, each count is right. With `repair`, pages are rebuilt from what
 * the snapshot's Release and indexes say, damaged or missing blobs are fetched or written again, refs and counts are
 * derived again. Changes nothing without it.
 */
export async function fsck(
  context: RepositoryContext,
  { repair }: { repair: boolean },
  job: Job,
): Promise<FsckReport> {
  const report: FsckReport = {
    checkedBlobs: 0,
    checkedPages: 0,
    checkedRefs: 0,
    checkedBytes: 0,
    findings: [],
  }
  const check: Check = { context, repair, report, job }
  const records = await job.step('check refs', () => checkRefs(check))
  const users = await job.step('check pages', () => checkPages(check, records))
  const present = await job.step('check blobs', () => checkBlobs(check, users))
  await job.step('check latest', () => checkLatest(check, present))
  await job.step('check counts', () => checkCounts(check, records))
  return report
}
