import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'

/** How an index is offered. */
export type Compression = 'none' | 'gz' | 'xz'

export function compress(bytes: Buffer, compression: Compression): Buffer {
  if (compression === 'none') return bytes
  if (compression === 'gz') return gzipSync(bytes)
  return execFileSync('xz', ['-1', '--stdout'], { input: bytes, maxBuffer: 1 << 28 })
}
