/** Keeps the head and the tail of what is appended, whatever its length: memory stays within `limit` bytes and one chunk. */
export interface BoundedOutput {
  append(chunk: Uint8Array): void
  /** The bytes kept, and how many between head and tail were not. */
  result(): { head: Buffer; tail: Buffer; leftOut: number }
}

/** @param limit bytes; half of them for the head, where a program says what it is about, half for the tail, where it says how it ended. */
export function boundedOutput(limit: number): BoundedOutput {
  const headLimit = Math.ceil(limit / 2)
  const tailLimit = limit - headLimit
  const head: Uint8Array[] = []
  let headLength = 0
  let tail: Uint8Array[] = []
  let tailLength = 0
  let leftOut = 0

  return {
    append(chunk) {
      const first = chunk.subarray(0, headLimit - headLength)
      if (first.length > 0) head.push(first)
      headLength += first.length
      const rest = chunk.subarray(first.length)
      if (rest.length === 0) return
      tail.push(rest)
      tailLength += rest.length
      // Copying at every chunk would make a chatty program's cost quadratic.
      if (tailLength > 2 * tailLimit + 65_536) trim()
    },
    result() {
      trim()
      return { head: Buffer.concat(head), tail: Buffer.concat(tail), leftOut }
    },
  }

  function trim(): void {
    const excess = tailLength - tailLimit
    if (excess <= 0) return
    leftOut += excess
    tail = [Buffer.concat(tail).subarray(excess)]
    tailLength = tailLimit
  }
}
