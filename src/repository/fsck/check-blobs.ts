import { createHasher, type Digest, isYardError, type SnapshotRecord } from '../../model/index.ts'
import { rebuildMetadata } from '../compose/rebuild-metadata.ts'
import { sourceOf } from '../content/open-content.ts'
import type { RepositoryContext } from '../context.ts'
import { fetchFile } from '../obtain.ts'
import { type Check, nameOf } from './report.ts'

/** Where each blob is needed: a snapshot and path that name it, and whether it must be here. */
export type Users = Map<Digest, User>

interface User {
  record: SnapshotRecord
  path: string
  size: number
  required: boolean
}

/** Reads every blob that is here; answers those that are what they are named for. */
export async function checkBlobs(check: Check, users: Users): Promise<Set<Digest>> {
  const { context, report, job } = check
  const present = new Set<Digest>()
  let total = 0
  for await (const { size } of context.blobs.list()) total += size
  for await (const { digest, size } of context.blobs.list()) {
    report.checkedBlobs++
    report.checkedBytes += size
    job.progress(report.checkedBlobs, 0, report.checkedBytes, total)
    if (await hashesTo(context, digest)) present.add(digest)
    else await reportBlob(check, digest, 'its bytes do not hash to its name', users.get(digest))
  }
  const reported = new Set(report.findings.map(finding => finding.name))
  for (const [digest, user] of users) {
    if (!user.required || present.has(digest) || reported.has(digest)) continue
    await reportBlob(check, digest, 'it is missing', user)
  }
  return present
}

async function hashesTo(context: RepositoryContext, digest: Digest): Promise<boolean> {
  const hasher = createHasher()
  for await (const chunk of context.blobs.open(digest)) hasher.update(chunk)
  return hasher.digest() === digest
}

async function reportBlob(
  check: Check,
  digest: Digest,
  problem: string,
  user: User | undefined,
): Promise<void> {
  const repaired = check.repair && (await repairBlob(check, digest, user))
  check.report.findings.push({
    what: 'blob',
    name: digest,
    problem,
    repaired,
    usedBy: user === undefined ? [] : [`${nameOf(user.record)}: ${user.path}`],
  })
}

/** Fetches the blob again or, for composed metadata, writes it again. A damaged one that nothing names is only removed. */
async function repairBlob({ context, job }: Check, digest: Digest, user: User | undefined): Promise<boolean> {
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
