import type { Blobs } from '../blobs.ts'
import type { Locks } from '../locks.ts'
import type { Pages } from '../pages.ts'
import type { Refs } from '../refs.ts'
import { createMemoryBlobs } from './blobs.ts'
import { createMemoryLocks } from './locks.ts'
import { createMemoryPages } from './pages.ts'
import { createMemoryRefs } from './refs.ts'

/** A store that lives as long as the process, for tests and trials; empty at first. @public */
export function openMemoryStore(): { blobs: Blobs; pages: Pages; refs: Refs; locks: Locks } {
  return {
    blobs: createMemoryBlobs(),
    pages: createMemoryPages(),
    refs: createMemoryRefs(),
    locks: createMemoryLocks(),
  }
}
