export type { Blobs, BlobWriter, ByteRange } from './blobs.ts'
export type { Lock, Locks } from './locks.ts'
export type { Pages } from './pages.ts'
export type { Refs } from './refs.ts'
