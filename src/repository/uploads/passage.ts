/**
 * Hands chunks from who has them to one reader, a chunk at a time. Each `pass` resolves when the reader wants more, or wants
 * nothing any more.
 */
export interface Passage {
  reader: AsyncIterable<Uint8Array>
  pass(chunk: Uint8Array): Promise<void>
  /** No more chunks: the reader's iteration ends, with `error` when one is given. */
  end(error?: unknown): void
  /** The reader wants nothing any more. */
  close(): void
}

export function createPassage(): Passage {
  let chunk: Uint8Array | undefined
  let ended: { error: unknown } | undefined
  let closed = false
  let wake = () => {}
  /** Reader and giver never wait at the same time, so one of each is enough. */
  const change = () => new Promise<void>(resolve => (wake = resolve))

  async function* read(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      while (chunk === undefined && ended === undefined) await change()
      if (chunk === undefined) break
      yield chunk
      chunk = undefined
      wake()
    }
    if (ended!.error !== undefined) throw ended!.error
  }

  return {
    reader: read(),
    async pass(next) {
      if (closed) return
      chunk = next
      wake()
      while (chunk !== undefined && !closed) await change()
    },
    end(error) {
      ended ??= { error }
      wake()
    },
    close() {
      closed = true
      wake()
    },
  }
}
