/** Bytes that grow by appending, in memory that at most doubles. */
export interface Accumulator {
  length(): number
  clear(): void
  add(bytes: Buffer): void
  /** What has been added so far, in memory that the next call changes. */
  view(): Buffer
  /** What has been added; the memory now belongs to the caller. */
  take(): Buffer
}

export function createAccumulator(): Accumulator {
  let store = Buffer.alloc(0)
  let used = 0
  return {
    length: () => used,
    clear: () => {
      used = 0
    },
    add: bytes => {
      if (used + bytes.length > store.length) {
        const grown = Buffer.allocUnsafe(Math.max(2 * store.length, used + bytes.length))
        store.copy(grown, 0, 0, used)
        store = grown
      }
      bytes.copy(store, used)
      used += bytes.length
    },
    view: () => store.subarray(0, used),
    take: () => {
      const taken = store.subarray(0, used)
      store = Buffer.alloc(0)
      used = 0
      return taken
    },
  }
}
