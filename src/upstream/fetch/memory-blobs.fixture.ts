import { type Digest, digestOf, YardError } from '../../model/index.ts'
import type { Blobs, BlobWriter } from '../../store/index.ts'

/** Blobs in memory for tests of fetching, with its partial bytes open to inspection. */
export interface MemoryBlobs extends Blobs {
  kept: Map<Digest, Buffer>
  partial: Map<Digest, Buffer>
  /** Bytes that every writer together was given. */
  written(): number
  /** Writes fail with `no-space` from now on. */
  fill(): void
}

export function createMemoryBlobs(): MemoryBlobs {
  const kept = new Map<Digest, Buffer>()
  const partial = new Map<Digest, Buffer>()
  const locks = new Map<Digest, Promise<void>>()
  let written = 0
  let full = false

  async function lock(digest: Digest): Promise<() => void> {
    for (let held = locks.get(digest); held !== undefined; held = locks.get(digest)) await held
    let open = (): void => {}
    locks.set(digest, new Promise(resolve => (open = resolve)))
    return () => {
      locks.delete(digest)
      open()
    }
  }

  async function resume(digest: Digest, size: number): Promise<BlobWriter | undefined> {
    const unlock = await lock(digest)
    if (kept.has(digest)) {
      unlock()
      return undefined
    }
    let bytes = partial.get(digest) ?? Buffer.alloc(0)
    partial.delete(digest)
    return {
      offset: bytes.length,
      async write(chunk) {
        await new Promise(resolve => setImmediate(resolve))
        if (full) throw new YardError('no-space', 'the disk is full')
        if (bytes.length + chunk.length > size)
          throw new YardError('invalid', 'written past the announced size')
        written += chunk.length
        bytes = Buffer.concat([bytes, chunk])
      },
      async restart() {
        bytes = Buffer.alloc(0)
      },
      async commit() {
        const good = bytes.length === size && digestOf(bytes) === digest
        if (good) kept.set(digest, bytes)
        unlock()
        if (!good) throw new YardError('damaged', 'size or SHA-256 differ')
      },
      async keep() {
        if (bytes.length > 0) partial.set(digest, bytes)
        unlock()
      },
      async discard() {
        unlock()
      },
    }
  }

  const find = (digest: Digest): Buffer => {
    const bytes = kept.get(digest)
    if (bytes === undefined) throw new YardError('not-found', `no blob ${digest}`)
    return bytes
  }
  return {
    kept,
    partial,
    written: () => written,
    fill: () => {
      full = true
    },
    resume,
    size: async digest => kept.get(digest)?.length,
    async *open(digest, range) {
      yield find(digest).subarray(range?.start, range?.end)
    },
    read: async digest => find(digest),
    async put(bytes) {
      kept.set(digestOf(bytes), Buffer.from(bytes))
      return digestOf(bytes)
    },
    async *list() {},
    remove: async digest => {
      kept.delete(digest)
    },
    adopt: async () => undefined,
    freeSpace: async () => undefined,
  }
}
