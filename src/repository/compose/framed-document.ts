import { assembleXz, blockOf, gzipFrame, zstdFrame } from '../../formats/index.ts'
import { createHasher, type Digest, digestOf, type FileEntry, isYardError } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import type { Frame, FrameTable } from '../records.ts'

export type FrameCompression = 'gz' | 'xz' | 'zst'

/** One index under one compression, in the store: its blob, and where each frame lies in it. */
export interface FramedDocument {
  entry: FileEntry
  frames: Frame[]
}

/** One index in all its compressions, and uncompressed. */
export interface WrittenDocument {
  /** Digest and size of the uncompressed bytes, which are not kept. */
  plain: FileEntry
  compressed: Map<FrameCompression, FramedDocument>
}

/** Compressions under way at once: as many as libuv has threads, or as many processes of xz. */
const mostUnderWay = 4

/**
 * Writes one index as frames, one for each content, in every wanted compression. A frame whose content stood in the index that was
 * written last (`before`) is taken from there; the others are compressed. Empty contents give a valid file of nothing.
 */
export async function writeFramed(
  context: RepositoryContext,
  contents: AsyncIterable<Buffer>,
  compressions: readonly FrameCompression[],
  before: (compression: FrameCompression) => FrameTable['indexes'][string] | undefined,
): Promise<WrittenDocument> {
  const writers = await Promise.all(
    compressions.map(async compression => ({
      compression,
      old: await openFrames(context, before(compression)),
      frames: [] as Promise<Compressed>[],
    })),
  )
  const hasher = createHasher()
  let size = 0
  for await (const content of contents) {
    hasher.update(content)
    size += content.length
    const digest = digestOf(content)
    for (const { compression, old, frames } of writers) {
      const frame = frameOf(context, compression, content, digest, old)
      frame.catch(() => undefined)
      frames.push(frame)
      await frames.at(-mostUnderWay)
    }
  }
  const compressed = new Map<FrameCompression, FramedDocument>()
  for (const { compression, frames } of writers) {
    const { file, table } = await join(compression, await Promise.all(frames))
    compressed.set(compression, {
      entry: { sha256: await context.blobs.put(file), size: file.length },
      frames: table,
    })
  }
  return { plain: { sha256: hasher.digest(), size }, compressed }
}

interface Compressed {
  content: Digest
  contentSize: number
  bytes: Buffer
  unpaddedSize?: number
}

type OldFrames = (content: Digest) => Pick<Compressed, 'bytes' | 'unpaddedSize'> | undefined

async function frameOf(
  context: RepositoryContext,
  compression: FrameCompression,
  content: Buffer,
  digest: Digest,
  old: OldFrames,
): Promise<Compressed> {
  const frame = old(digest) ?? (await compress(context, compression, content))
  return { content: digest, contentSize: content.length, ...frame }
}

async function compress(
  context: RepositoryContext,
  compression: FrameCompression,
  content: Buffer,
): Promise<Pick<Compressed, 'bytes' | 'unpaddedSize'>> {
  if (compression === 'gz') return { bytes: await gzipFrame(content) }
  if (compression === 'zst') return { bytes: await zstdFrame(content) }
  return blockOf(await context.compressXz(content))
}

async function join(
  compression: FrameCompression,
  frames: Compressed[],
): Promise<{ file: Buffer; table: Frame[] }> {
  if (compression === 'xz') return joinXz(frames)
  const empty = compression === 'gz' ? gzipFrame : zstdFrame
  const members = frames.length === 0 ? [await empty(Buffer.alloc(0))] : frames.map(({ bytes }) => bytes)
  return { file: Buffer.concat(members), table: layOut(frames, 0) }
}

/** Blocks of ONE stream: apt silently stops at the end of the first of several concatenated streams. */
function joinXz(frames: Compressed[]): { file: Buffer; table: Frame[] } {
  const file = assembleXz(
    frames.map(({ bytes, contentSize, unpaddedSize }) => ({
      check: 'crc64',
      bytes,
      unpaddedSize: unpaddedSize!,
      uncompressedSize: contentSize,
    })),
    'crc64',
  )
  return { file, table: layOut(frames, 12) }
}

function layOut(frames: Compressed[], start: number): Frame[] {
  let offset = start
  return frames.map(({ content, contentSize, bytes, unpaddedSize }) => {
    const frame = {
      content,
      contentSize,
      offset,
      length: bytes.length,
      ...(unpaddedSize === undefined ? {} : { unpaddedSize }),
    }
    offset += bytes.length
    return frame
  })
}

/** Looks frames up in the index that was written last; nothing when its blob is gone or damaged. */
async function openFrames(
  context: RepositoryContext,
  before: FrameTable['indexes'][string] | undefined,
): Promise<OldFrames> {
  if (before === undefined) return () => undefined
  const bytes = await bytesIfWhole(context, before.blob)
  const frames = new Map(before.frames.map(frame => [frame.content, frame]))
  return content => {
    const frame = frames.get(content)
    if (frame === undefined || bytes === undefined) return undefined
    const { offset, length, unpaddedSize } = frame
    return {
      bytes: bytes.subarray(offset, offset + length),
      ...(unpaddedSize === undefined ? {} : { unpaddedSize }),
    }
  }
}

async function bytesIfWhole(context: RepositoryContext, blob: Digest): Promise<Buffer | undefined> {
  const size = await context.blobs.size(blob)
  if (size === undefined) return undefined
  try {
    return await context.blobs.read(blob, size)
  } catch (error) {
    if (isYardError(error, 'damaged', 'invalid', 'not-found')) return undefined
    throw error
  }
}
