import { lstatSync } from 'node:fs'
import { isDigest } from '../../model/index.ts'
import type { DigestLock } from './digest-lock.ts'
import { onDisk } from './disk-error.ts'
import type { Layout } from './layout.ts'
import { namesIn } from './names-in.ts'
import { removeFile } from './remove-file.ts'

/** What was removed; sizes in bytes. */
export interface SweepReport {
  files: number
  bytes: number
}

/**
 * Removes what processes that died have left: temporary files and partial blobs that nobody has touched for
 * `olderThanMilliseconds`, and locks of dead writers. Safe beside everything: a partial blob is removed only under its lock.
 */
export async function sweep(
  layout: Layout,
  writers: DigestLock,
  olderThanMilliseconds: number,
): Promise<SweepReport> {
  const before = Date.now() - olderThanMilliseconds
  return onDisk('cannot remove leftovers', layout.root, () => {
    const report: SweepReport = { files: 0, bytes: 0 }
    for (const { file } of oldFiles(layout.tmp, before)) removeCounting(file, report)
    for (const { name, file } of oldFiles(layout.partial, before)) {
      const digest = name.replace(/\.lock$/, '')
      if (!isDigest(digest)) continue
      const release = writers.tryAcquire(digest)
      // Somebody may have gone on with it since it was listed.
      if (release !== undefined && name === digest && isOld(file, before)) removeCounting(file, report)
      release?.()
    }
    return report
  })
}

function oldFiles(directory: string, before: number): { name: string; file: string }[] {
  return namesIn(directory)
    .map(name => ({ name, file: `${directory}/${name}` }))
    .filter(({ file }) => isOld(file, before))
}

function isOld(file: string, before: number): boolean {
  const stats = lstatSync(file, { throwIfNoEntry: false })
  return stats !== undefined && stats.mtimeMs < before
}

function removeCounting(file: string, report: SweepReport): void {
  report.bytes += lstatSync(file, { throwIfNoEntry: false })?.size ?? 0
  report.files++
  removeFile(file)
}
