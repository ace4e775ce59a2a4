import { readFile } from 'node:fs/promises'
import { type Digest, digestOf, YardError } from '../../model/index.ts'

/** Small blobs in memory: Release files and the like, which every client asks for. */
export interface SmallFiles {
  /** Files of at least this size are not kept, in bytes. */
  readonly limit: number
  find(digest: Digest): Buffer | undefined
  /**
   * Reads a blob's file of less than `limit` bytes, verified, and keeps it.
   * @throws YardError `damaged` when its bytes are not what its name says, `not-found` when it is gone.
   */
  read(digest: Digest, file: string): Promise<Buffer>
}

const limit = 64 * 1024
const mostBytes = 32 * 1024 * 1024
/** What an entry costs beside its bytes; many tiny files must not add up unseen. */
const overhead = 512

export function createSmallFiles(): SmallFiles {
  const files = new Map<Digest, Buffer>()
  let total = 0

  function keep(digest: Digest, bytes: Buffer): void {
    if (files.has(digest)) return
    files.set(digest, bytes)
    total += bytes.length + overhead
    for (const [oldest, old] of files) {
      if (total <= mostBytes) return
      files.delete(oldest)
      total -= old.length + overhead
    }
  }

  return {
    limit,
    find(digest) {
      const bytes = files.get(digest)
      if (bytes === undefined) return undefined
      files.delete(digest)
      files.set(digest, bytes)
      return bytes
    },
    async read(digest, file) {
      const bytes = await readFile(file).catch(error => {
        throw error.code === 'ENOENT' ? new YardError('not-found', `there is no blob ${digest}`) : error
      })
      if (digestOf(bytes) !== digest)
        throw new YardError('damaged', `the blob ${digest} has other bytes than its name says`, {
          hint: 'run `switchyard fsck --repair`',
        })
      keep(digest, bytes)
      return bytes
    },
  }
}
