import { createHash } from 'node:crypto'
import type { Checksum } from '../../formats/index.ts'
import type { FileEntry } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'

/** Finds what is here by another checksum than its SHA-256. */
export interface BlobsByChecksum {
  /** `size` in bytes, where it is known: without it every blob is read. */
  find(checksum: Checksum, size: number | undefined): Promise<FileEntry | undefined>
}

export function blobsByChecksum(context: RepositoryContext): BlobsByChecksum {
  let listed: Promise<FileEntry[]> | undefined
  const list = async () => {
    const entries: FileEntry[] = []
    for await (const { digest, size } of context.blobs.list()) entries.push({ sha256: digest, size })
    return entries
  }
  return {
    async find({ algorithm, hex }, size) {
      listed ??= list()
      for (const entry of await listed) {
        if (size !== undefined && entry.size !== size) continue
        const hash = createHash(algorithm)
        for await (const chunk of context.blobs.open(entry.sha256)) hash.update(chunk)
        if (hash.digest('hex') === hex) return entry
      }
      return undefined
    },
  }
}
