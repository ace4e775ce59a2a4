/** A part of a text that is read once, from its front: whole records only, in memory that is used again. */
export interface TextWindow {
  /**
   * Reads on until at least half of the window is unread and a whole record is in it, or the text has ended.
   * False when a record does not fit into the largest window that is allowed. Throws what the text throws.
   */
  fill(): Promise<boolean>
  /** The whole records that are unread, at the end of the text what is left of it; as a view that the next `fill` makes void. */
  records(): Buffer
  /** Counts so many bytes of `records()` as read. */
  pass(bytes: number): void
  /** Lets the text go. */
  close(): Promise<void>
}

export interface WindowOptions {
  /** What a record ends with. */
  separator: Buffer
  /** The window's first size; it doubles while a record is longer. */
  windowBytes: number
  maxWindowBytes: number
}

export function createTextWindow(
  text: AsyncIterable<Buffer>,
  { separator, windowBytes, maxWindowBytes }: WindowOptions,
): TextWindow {
  const chunks = text[Symbol.asyncIterator]()
  let store: Buffer = Buffer.allocUnsafeSlow(windowBytes)
  let [start, end] = [0, 0]
  let chunk: Buffer = Buffer.alloc(0)
  let ended = false

  async function fill(): Promise<boolean> {
    while (!ended && (2 * (end - start) < store.length || records().length === 0)) {
      if (chunk.length === 0) await nextChunk()
      else if (!take()) return false
    }
    return true
  }

  async function nextChunk(): Promise<void> {
    const next = await chunks.next()
    if (next.done === true) ended = true
    else chunk = next.value
  }

  /** Moves what fits of the chunk into the window. False when that is full and may not grow. */
  function take(): boolean {
    if (end === store.length && start > 0) moveInto(store)
    if (end === store.length) {
      if (2 * store.length > maxWindowBytes) return false
      moveInto(Buffer.allocUnsafeSlow(2 * store.length))
    }
    const taken = chunk.copy(store, end)
    end += taken
    chunk = chunk.subarray(taken)
    return true
  }

  function moveInto(target: Buffer): void {
    store.copy(target, 0, start, end)
    store = target
    end -= start
    start = 0
  }

  function records(): Buffer {
    const unread = store.subarray(start, end)
    if (ended) return unread
    const last = unread.lastIndexOf(separator)
    return unread.subarray(0, last < 0 ? 0 : last + separator.length)
  }

  return {
    fill,
    records,
    pass: bytes => {
      start += bytes
    },
    close: async () => {
      if (!ended) await chunks.return?.()
    },
  }
}
