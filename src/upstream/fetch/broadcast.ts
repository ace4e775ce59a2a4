import { YardError } from '../../model/index.ts'

/** Bytes that may wait for one slow reader; beyond that it reads on from the store once the blob is there. */
const maxBehind = 4 * 1024 * 1024
/** The end of a blob that no reader sees before it is verified. */
const withheld = 64 * 1024

/** Hands the bytes of a fetch on to readers as they arrive, without ever waiting for one. */
export interface Broadcast {
  readonly hasReaders: boolean
  /** Bytes at `position`, unverified. */
  send(chunk: Buffer, position: number): void
  /** What was sent so far is thrown away, because it was not the blob; sending begins at 0 again. */
  reset(): void
  /** Nothing more comes. */
  end(): void
  read(): Reader
}

export interface Reader {
  /**
   * The next bytes in order, or undefined when no more come this way: all but the withheld end was given, the reader came too late or
   * fell behind, or the fetch is over. `taken` then says where to read on from the verified blob.
   * @throws YardError `damaged` as `confirm`.
   */
  next(): Promise<Buffer | undefined>
  /** Once the fetch is over: what was given is the blob's. @throws YardError `damaged` when it turned out to be wrong, though another mirror's bytes were right. */
  confirm(): void
  /** Bytes given so far. */
  readonly taken: number
  /** Stops listening; `next` gives nothing more. */
  leave(): void
}

/** @param size of the whole blob in bytes. */
export function createBroadcast(size: number): Broadcast {
  const readers = new Set<Queue>()
  let over = false
  return {
    get hasReaders() {
      return readers.size > 0
    },
    send(chunk, position) {
      for (const queue of readers) queue.send(chunk, position)
    },
    reset() {
      for (const queue of readers) queue.reset()
    },
    end() {
      over = true
      for (const queue of readers) queue.end()
    },
    read() {
      const queue = createQueue(Math.max(0, size - withheld), () => readers.delete(queue))
      readers.add(queue)
      if (over) queue.end()
      return queue
    },
  }
}

interface Queue extends Reader {
  send(chunk: Buffer, position: number): void
  reset(): void
  end(): void
}

/** @param limit bytes that may be given before the blob is verified. */
function createQueue(limit: number, leave: () => void): Queue {
  let chunks: Buffer[] = []
  let queued = 0
  let taken = 0
  let open = true
  let wrong: YardError | undefined
  let wake = (): void => {}
  const shut = (): void => {
    open = false
    wake()
  }
  const confirm = (): void => {
    if (wrong !== undefined) throw wrong
  }
  return {
    get taken() {
      return taken
    },
    leave() {
      leave()
      chunks = []
      shut()
    },
    send(chunk, position) {
      if (!open) return
      if (position !== queued) return shut()
      const part = chunk.subarray(0, limit - queued)
      chunks.push(part)
      queued += part.length
      if (queued === limit || queued - taken > maxBehind) shut()
      else wake()
    },
    reset() {
      chunks = []
      queued = 0
      if (taken > 0) {
        wrong = new YardError(
          'damaged',
          'the bytes sent so far were not those of the blob; the end was not sent',
        )
        shut()
      } else open = limit > 0
    },
    end: shut,
    confirm,
    async next() {
      for (;;) {
        confirm()
        const chunk = chunks.shift()
        if (chunk !== undefined) {
          taken += chunk.length
          return chunk
        }
        if (!open) return undefined
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    },
  }
}
