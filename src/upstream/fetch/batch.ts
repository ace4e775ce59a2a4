import { type BlobWriter, pageAligned } from '../../store/index.ts'

/** Small chunks are gathered, so that a blob costs few writes; larger batches were no faster (ext4, 2026-11). */
const batchBytes = 256 * 1024
/** Buffers that are made at once. */
const slabBuffers = 8

/** Buffers that go from blob to blob: making new ones costs more than the copying into them. */
export interface Buffers {
  take(): Buffer
  give(buffer: Buffer): void
}

/** There are never more than two for each blob on its way, and they live as long as their fetcher. */
export function createBuffers(): Buffers {
  const free: Buffer[] = []
  return {
    take() {
      if (free.length === 0) free.push(...pageAligned(batchBytes, slabBuffers))
      return free.pop()!
    },
    give: buffer => {
      free.push(buffer)
    },
  }
}

/** Gathers chunks and writes behind the reader: one buffer is being written while the other is filled. */
export interface Batch {
  /** A chunk is at most 256 KiB (sockets give 64). A promise means: nothing more until it resolves. @throws what the writer throws. */
  take(chunk: Buffer): Promise<void> | undefined
  /** Writes what was gathered. */
  flush(): Promise<void>
  /** Gives the buffers back; only once nothing is being written. */
  end(): void
}

/** Chunks are copied at once, so that they die young: holding them until they are written costs several times the copy in garbage collection. */
export function createBatch(writer: BlobWriter, buffers: Buffers): Batch {
  let filling: Buffer | undefined
  let filled = 0
  let underWay: Promise<void> | undefined

  function write(bytes: Buffer, done: () => void): void {
    underWay = writer.write(bytes).then(() => {
      underWay = undefined
      done()
    })
    // A failure is met by whoever waits next; `underWay` stays rejected, so that nothing is written after a gap.
    underWay.catch(() => {})
  }

  function writeGathered(): void {
    const buffer = filling!
    const bytes = buffer.subarray(0, filled)
    filling = undefined
    filled = 0
    write(bytes, () => buffers.give(buffer))
  }

  /** Copies what fits, so that every write but the last is of whole blocks; how much that was. */
  function gather(chunk: Buffer): number {
    filling ??= buffers.take()
    const copied = chunk.copy(filling, filled)
    filled += copied
    return copied
  }

  return {
    take(chunk) {
      const copied = gather(chunk)
      if (copied === chunk.length) return undefined
      const next = (): void => {
        writeGathered()
        gather(chunk.subarray(copied))
      }
      if (underWay !== undefined) return underWay.then(next)
      next()
      return undefined
    },
    async flush() {
      while (underWay !== undefined) await underWay
      if (filled > 0) writeGathered()
      await underWay
    },
    end() {
      if (filling !== undefined) buffers.give(filling)
      filling = undefined
      filled = 0
    },
  }
}
