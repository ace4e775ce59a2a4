import { readFile } from 'node:fs/promises'
import { createHasher, type Digest, digestOf, YardError } from '../../model/index.ts'
import { checkRange } from '../blob-range.ts'
import type { Blobs, BlobWriter } from '../blobs.ts'
import { createKeyedMutex } from '../keyed-mutex.ts'

/** What a memory store holds, open to tests that want to damage it. */
export interface MemoryBlobContents {
  kept: Map<Digest, { bytes: Buffer; written: number }>
  partial: Map<Digest, Buffer>
}

/** Blobs that live as long as the process, with the semantics of every other driver; `now` in milliseconds since the epoch. */
export function createMemoryBlobs(
  contents: MemoryBlobContents = { kept: new Map(), partial: new Map() },
  now: () => number = Date.now,
): Blobs {
  const { kept, partial } = contents
  const writers = createKeyedMutex<Digest>()

  function find(digest: Digest): Buffer {
    const blob = kept.get(digest)
    if (blob === undefined) throw new YardError('not-found', `there is no blob ${digest}`)
    return blob.bytes
  }

  function keep(digest: Digest, bytes: Uint8Array): void {
    kept.set(digest, { bytes: kept.get(digest)?.bytes ?? Buffer.from(bytes), written: now() })
  }

  return {
    size: async digest => kept.get(digest)?.bytes.length,
    async *open(digest, range) {
      const bytes = find(digest)
      const { start, end } = checkRange(range, bytes.length, digest)
      for (let at = start; at < end; at += chunkBytes)
        yield bytes.subarray(at, Math.min(end, at + chunkBytes))
    },
    async read(digest, maxBytes) {
      const bytes = find(digest)
      if (bytes.length > maxBytes)
        throw new YardError(
          'invalid',
          `the blob ${digest} has ${bytes.length} bytes, more than the ${maxBytes} expected`,
        )
      if (digestOf(bytes) !== digest)
        throw new YardError('damaged', `the blob ${digest} has other bytes than its name says`)
      return bytes
    },
    async put(bytes) {
      const digest = digestOf(bytes)
      keep(digest, bytes)
      return digest
    },
    async putAll(all) {
      const digests = all.map(bytes => digestOf(bytes))
      for (const [i, bytes] of all.entries()) keep(digests[i]!, bytes)
      return digests
    },
    async receive(chunks) {
      const parts: Uint8Array[] = []
      for await (const chunk of chunks) parts.push(Uint8Array.from(chunk))
      const bytes = Buffer.concat(parts)
      const digest = digestOf(bytes)
      keep(digest, bytes)
      return { digest, size: bytes.length }
    },
    async resume(digest, size) {
      const release = await writers.acquire(digest)
      if (!kept.has(digest))
        return createMemoryWriter(digest, size, partial, bytes => keep(digest, bytes), release)
      keep(digest, find(digest))
      release()
      return undefined
    },
    async *list() {
      for (const [digest, { bytes, written }] of [...kept]) yield { digest, size: bytes.length, written }
    },
    async remove(digest) {
      kept.delete(digest)
    },
    async adopt(file, digest) {
      const bytes = kept.get(digest)?.bytes ?? (await readFile(file).catch(() => undefined))
      if (bytes === undefined || (!kept.has(digest) && digestOf(bytes) !== digest)) return undefined
      keep(digest, bytes)
      return { size: bytes.length }
    },
    freeSpace: async () => undefined,
  }
}

const chunkBytes = 512 * 1024

function createMemoryWriter(
  digest: Digest,
  size: number,
  partial: Map<Digest, Buffer>,
  keep: (bytes: Buffer) => void,
  release: () => void,
): BlobWriter {
  const earlier = partial.get(digest) ?? Buffer.alloc(0)
  let chunks = earlier.length > size ? [] : [earlier]
  let offset = chunks.length === 0 ? 0 : earlier.length
  let length = offset
  let hasher = createHasher()
  for (const chunk of chunks) hasher.update(chunk)
  let ended = false

  function end(remains: Buffer | undefined): void {
    ended = true
    if (remains === undefined || remains.length === 0) partial.delete(digest)
    else partial.set(digest, remains)
    release()
  }

  return {
    get offset() {
      return offset
    },
    async write(chunk) {
      if (ended) throw new YardError('internal', `the writer of blob ${digest} has ended`)
      if (length + chunk.length > size)
        throw new YardError('invalid', `more than the ${size} bytes announced for blob ${digest}`)
      hasher.update(chunk)
      chunks.push(Buffer.from(chunk))
      length += chunk.length
    },
    async restart() {
      chunks = []
      offset = 0
      length = 0
      hasher = createHasher()
    },
    async commit() {
      if (ended) throw new YardError('internal', `the writer of blob ${digest} has ended`)
      const same = length === size && hasher.digest() === digest
      if (same) keep(Buffer.concat(chunks))
      end(undefined)
      if (!same)
        throw new YardError(
          'damaged',
          `what was written is not blob ${digest} of ${size} bytes; nothing was kept`,
        )
    },
    async keep() {
      if (!ended) end(Buffer.concat(chunks))
    },
    async discard() {
      if (!ended) end(undefined)
    },
  }
}
