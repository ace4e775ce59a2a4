/** Bytes as an async iterable in pieces of `size`. */
export async function* inChunks(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

export async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

/** The same without keeping anything: how many bytes came. */
export async function countBytes(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let count = 0
  for await (const chunk of chunks) count += chunk.length
  return count
}
