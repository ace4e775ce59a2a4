import { type ByteSource, createByteSource } from './byte-source.ts'

/**
 * The bytes of a sequence of zstd frames (RFC 8878, 3.1) with a cut wherever a frame ends. Node's decoder drops what follows a frame
 * inside one chunk without a word; cut like this it sees every frame, and truncation and trailing garbage are found here.
 * @throws Error saying what is wrong.
 */
export async function* cutAtFrameEnds(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  const source = createByteSource(input)
  try {
    let frames = 0
    for (let magic = await source.read(4); magic.length > 0 || frames === 0; magic = await source.read(4)) {
      yield* frame(magic, source)
      frames++
    }
  } finally {
    await source.close()
  }
}

async function* frame(magic: Buffer, source: ByteSource): AsyncGenerator<Buffer, void, undefined> {
  if (magic.length < 4) throw new Error('it is cut short')
  const number = magic.readUInt32LE(0)
  if (number === 0xfd2fb528) yield* dataFrame(magic, source)
  else if (number >>> 4 === 0x184d2a5) await skippableFrame(source)
  else throw new Error(`there is no zstd frame at byte ${source.offset - 4}`)
}

/** A frame of user data (3.1.2): nothing of it is content. */
async function skippableFrame(source: ByteSource): Promise<void> {
  const size = (await exactly(source, 4)).readUInt32LE(0)
  for await (const _ of upTo(source, size));
}

/** Frame header (3.1.1.1), blocks (3.1.1.2), checksum. The last piece ends exactly with the frame. */
async function* dataFrame(magic: Buffer, source: ByteSource): AsyncGenerator<Buffer, void, undefined> {
  const descriptor = await exactly(source, 1)
  const flags = descriptor[0]!
  yield Buffer.concat([magic, descriptor, await exactly(source, frameHeaderRest(flags))])
  for (let last = false; !last; ) {
    const header = await exactly(source, 3)
    const word = header.readUIntLE(0, 3)
    last = (word & 1) === 1
    const kind = (word >> 1) & 3
    if (kind === 3) throw new Error(`a block of an unknown kind stands before byte ${source.offset}`)
    yield header
    // A block of one repeated byte announces its regenerated size and has one byte.
    yield* upTo(source, kind === 1 ? 1 : word >> 3)
  }
  if ((flags & 4) !== 0) yield await exactly(source, 4)
}

/** Window descriptor, dictionary and content size fields, as the descriptor's flags say. */
function frameHeaderRest(flags: number): number {
  const singleSegment = (flags & 0x20) !== 0
  const dictionary = [0, 1, 2, 4][flags & 3]!
  const contentSize = [singleSegment ? 1 : 0, 2, 4, 8][flags >> 6]!
  return (singleSegment ? 0 : 1) + dictionary + contentSize
}

async function exactly(source: ByteSource, size: number): Promise<Buffer> {
  const bytes = await source.read(size)
  if (bytes.length < size) throw new Error('it is cut short')
  return bytes
}

async function* upTo(source: ByteSource, size: number): AsyncGenerator<Buffer, void, undefined> {
  for (let left = size; left > 0; ) {
    const chunk = await source.chunk(left)
    if (chunk === undefined) throw new Error('it is cut short')
    left -= chunk.length
    yield chunk
  }
}
