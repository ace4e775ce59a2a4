import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const compress = promisify(gzip)
const unixOperatingSystem = 3

/**
 * One complete gzip member (RFC 1952) for these bytes: level 6, no name, no time, always marked as made on Unix. The
 * same bytes give the same member wherever the same zlib runs, and members one after another are one valid gzip file.
 */
export async function gzipFrame(bytes: Uint8Array): Promise<Buffer> {
  const member = await compress(bytes, { level: 6, chunkSize: 64 * 1024 })
  member.writeUInt32LE(0, 4)
  member[9] = unixOperatingSystem
  return member
}
