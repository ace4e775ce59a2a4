import type { Blobs } from '../blobs.ts'
import type { Locks } from '../locks.ts'
import type { Pages } from '../pages.ts'
import type { Refs } from '../refs.ts'
import { createFsBlobs } from './blobs.ts'
import { createDigestLock } from './digest-lock.ts'
import { createDirectories } from './directories.ts'
import { layoutOf } from './layout.ts'
import { createFsLocks } from './locks.ts'
import { createFsPages } from './pages.ts'
import { createPresence } from './presence.ts'
import { createFsRefs } from './refs.ts'
import { type SweepReport, sweep } from './sweep.ts'

/** A store in a directory (src/store/README.md draws it). */
export interface FsStore {
  blobs: Blobs
  pages: Pages
  refs: Refs
  locks: Locks
  /**
   * Removes what dead processes have left: temporary files and partial blobs that nobody has touched for so many
   * milliseconds. Safe beside running syncs and servers.
   */
  sweep(olderThanMilliseconds: number): Promise<SweepReport>
  /** Says that this store's writers are done. Optional: a process that ends without it counts as gone all the same. */
  close(): void
}

/**
 * Opens the store in a yard directory. Touches nothing: directories are made when something is written. Any number of
 * processes may have it open. The file system must keep what fsync promises and support POSIX locks, rename and links.
 */
export function openFsStore(directory: string): FsStore {
  const layout = layoutOf(directory)
  const directories = createDirectories()
  const presence = createPresence(layout)
  const writers = createDigestLock(layout, presence)
  return {
    blobs: createFsBlobs(layout, directories, writers),
    pages: createFsPages(layout, directories),
    refs: createFsRefs(layout, directories),
    locks: createFsLocks(layout, directories),
    sweep: olderThanMilliseconds => sweep(layout, writers, olderThanMilliseconds),
    close: () => presence.close(),
  }
}
