export type { Blobs, BlobWriter, ByteRange } from './blobs.ts'
export { briefReads } from './brief-refs.ts'
export { type FsStore, openFsStore } from './fs/store.ts'
export type { SweepReport } from './fs/sweep.ts'
export type { Lock, LockHolder, Locks } from './locks.ts'
/** @public */
export { openMemoryStore } from './memory/store.ts'
export type { Pages } from './pages.ts'
export type { Refs } from './refs.ts'
