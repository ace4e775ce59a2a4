import type { Job } from '../../jobs/index.ts'
import type { SnapshotRecord } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'

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

/** What every part of the check is handed: where to look, whether to mend, and where to say what was found. */
export interface Check {
  context: RepositoryContext
  repair: boolean
  report: FsckReport
  job: Job
}

/** A snapshot's name as people write it. */
export function nameOf({ repository, timestamp }: SnapshotRecord): string {
  return `${repository}@${timestamp}`
}
