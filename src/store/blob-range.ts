import { type Digest, YardError } from '../model/index.ts'
import type { ByteRange } from './blobs.ts'

/** The range asked for, or the whole blob. @throws YardError `invalid` when it leaves the blob's `size` bytes. */
export function checkRange(range: ByteRange | undefined, size: number, digest: Digest): ByteRange {
  const { start, end } = range ?? { start: 0, end: size }
  if (Number.isSafeInteger(start) && start >= 0 && start <= end && end <= size) return { start, end }
  throw new YardError('invalid', `bytes ${start} to ${end} are not within blob ${digest} of ${size} bytes`)
}
