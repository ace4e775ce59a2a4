import { type BitReader, createBitReader } from './bit-reader.ts'
import { type ByteSource, createByteSource } from './byte-source.ts'
import { decodeBlock } from './bzip2-block.ts'

/** Larger than any block: 900,000 symbols of at most 20 bits, and tables. */
const maxBlockBytes = 3 * 1024 * 1024
const blockMagic = 0x314159265359
const endMagic = 0x177245385090

/**
 * Decodes bzip2: any number of streams, one after another. Every block's and stream's CRC is verified; gives chunks of at
 * most 64 KiB. Written here because the decoders for Node do not end on hostile data.
 * @throws Error saying what is wrong with the data.
 */
export async function* decodeBzip2(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  const source = createByteSource(input)
  const bits = createBitReader()
  try {
    do yield* decodeStream(source, bits)
    while (await fill(source, bits))
  } finally {
    await source.close()
  }
}

async function* decodeStream(source: ByteSource, bits: BitReader): AsyncGenerator<Buffer, void, undefined> {
  await fill(source, bits)
  const level = bits.read(24) === 0x425a68 ? bits.read(8) - 0x30 : 0
  if (level < 1 || level > 9)
    throw new Error('it is not in the bzip2 format, or something else follows its last stream')
  let combined = 0
  for (let magic = readMagic(bits); magic !== endMagic; magic = readMagic(bits)) {
    if (magic !== blockMagic) throw new Error('its data is corrupt: a block has no header')
    const { content, crc } = decodeBlock(bits, level * 100_000)
    combined = ((combined << 1) | (combined >>> 31)) ^ crc
    yield* content
    await fill(source, bits)
  }
  if (bits.read(32) !== combined >>> 0) throw new Error("its data is corrupt: the stream's CRC is wrong")
  bits.alignToByte()
}

function readMagic(bits: BitReader): number {
  return bits.read(24) * 2 ** 24 + bits.read(24)
}

/** So much in memory that a block can be decoded in one go. False when nothing is left. */
async function fill(source: ByteSource, bits: BitReader): Promise<boolean> {
  if (bits.available() < maxBlockBytes) bits.append(await source.read(maxBlockBytes))
  return bits.available() > 0
}
