/**
 * Reads an async iterable of chunks by counts of bytes: what every archive reader needs and no more. One reader at a
 * time; nothing is read ahead beyond the chunk that was asked for.
 */
export interface ByteSource {
  /** Bytes handed out so far: the offset of the next one. */
  readonly offset: number
  /** Exactly `length` bytes, or fewer when the input ends first. The bytes may share the chunk's memory. */
  read(length: number): Promise<Buffer>
  /** The next 1 to `limit` bytes as they arrived; undefined when the input has ended. */
  chunk(limit: number): Promise<Buffer | undefined>
  /** Lets the input go. Idempotent. */
  close(): Promise<void>
}

export function createByteSource(input: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = input[Symbol.asyncIterator]()
  let current: Buffer = Buffer.alloc(0)
  let offset = 0
  let open = true

  async function chunk(limit: number): Promise<Buffer | undefined> {
    while (current.length === 0 && open) await advance()
    if (current.length === 0) return undefined
    const taken = current.subarray(0, limit)
    current = current.subarray(taken.length)
    offset += taken.length
    return taken
  }

  async function advance(): Promise<void> {
    const next = await iterator.next()
    if (next.done === true) open = false
    else current = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
  }

  async function read(length: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let missing = length; missing > 0; ) {
      const part = await chunk(missing)
      if (part === undefined) break
      parts.push(part)
      missing -= part.length
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  async function close(): Promise<void> {
    if (!open) return
    open = false
    current = Buffer.alloc(0)
    await iterator.return?.()
  }

  return {
    get offset() {
      return offset
    },
    read,
    chunk,
    close,
  }
}

/** A part of a source with a known size: its bytes once, in order, and a way to pass over what nobody read. */
export interface BoundedBody {
  chunks: AsyncGenerator<Buffer, void, undefined>
  skipRest(): Promise<void>
}

/** The next `size` bytes of the source. `truncated` makes the error that is thrown when the input ends before them. */
export function boundedBody(source: ByteSource, size: number, truncated: () => Error): BoundedBody {
  let left = size

  async function next(): Promise<Buffer | undefined> {
    if (left === 0) return undefined
    const taken = await source.chunk(left)
    if (taken === undefined) throw truncated()
    left -= taken.length
    return taken
  }

  async function* chunks(): AsyncGenerator<Buffer, void, undefined> {
    for (let taken = await next(); taken !== undefined; taken = await next()) yield taken
  }

  async function skipRest(): Promise<void> {
    while ((await next()) !== undefined);
  }

  return { chunks: chunks(), skipRest }
}

/** All bytes of an iterable in memory, or undefined (with the iterable let go) when there are more than `maxBytes`. */
export async function collect(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > maxBytes) return undefined
    parts.push(chunk)
  }
  return Buffer.concat(parts, size)
}
