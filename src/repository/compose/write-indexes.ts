import type { ComposeConfiguration } from '../../config/index.ts'
import { assembleXz, blockOf, gzipFrame, type WrittenFile, writeRelease } from '../../formats/index.ts'
import {
  type ByteString,
  byteStringOfText,
  createHasher,
  type Digest,
  digestOf,
  type FileEntry,
  millisecondsOf,
  type Timestamp,
} from '../../model/index.ts'
import { leaves, packagePrefix, prefixRange } from '../../tree/index.ts'
import { clearText, signClear, signDetached } from '../../trust/index.ts'
import type { RepositoryContext } from '../context.ts'
import { byHashPath } from '../mirror/read-indexes.ts'
import { type Frame, type FrameTable, readFrames, refNames, writeRecord } from '../records.ts'
import { signingDate } from '../seal.ts'

/** The metadata files of a composed repository, by path, all of them in the store. */
export type ComposedMetadata = Map<ByteString, FileEntry>

/**
 * Writes the indexes and the signed Release of a composed repository from its packages tree. Packages files are made
 * of frames, one for each leaf page of the tree, compressed anew only where packages changed. The same tree, settings,
 * keys, date and compressor give the same bytes.
 */
export async function writeMetadata(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  packages: Digest,
  date: Timestamp,
): Promise<ComposedMetadata> {
  const before = await readFrames(context.refs, compose.name)
  const table: FrameTable = { version: 1, indexes: {} }
  const files: ComposedMetadata = new Map()
  const listed: WrittenFile[] = []
  const directory = `dists/${compose.suite}`
  for (const architecture of compose.architectures) {
    const contents = await readContents(context, compose, packages, architecture)
    const stem = `${compose.component}/binary-${architecture}/Packages`
    listed.push({ path: stem, ...plainEntry(contents) })
    for (const compression of compose.compression) {
      const path = `${directory}/${stem}.${compression}`
      const written = await writeIndex(context, contents, compression, before?.indexes[path])
      table.indexes[path] = { blob: written.entry.sha256, frames: written.frames }
      listed.push({ path: `${stem}.${compression}`, ...written.entry })
      files.set(path, written.entry)
      files.set(byHashPath(path, 'SHA256', written.entry.sha256), written.entry)
    }
  }
  const signed = await signedRelease(context, compose, listed, date)
  await Promise.all(
    signed.map(async ([name, bytes]) => {
      files.set(`${directory}/${name}`, { sha256: await context.blobs.put(bytes), size: bytes.length })
    }),
  )
  await writeRecord(context.refs, refNames.frames(compose.name), table)
  return files
}

/** What goes into each frame of one architecture's Packages: the stanzas of one leaf page, a blank line after each. */
async function readContents(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  packages: Digest,
  architecture: ByteString,
): Promise<Buffer[]> {
  const contents: Buffer[] = []
  const blank = Buffer.from('\n')
  for await (const leaf of leaves(
    context.trees,
    packages,
    prefixRange(packagePrefix('deb', compose.suite, compose.component, architecture)),
  ))
    contents.push(
      Buffer.concat(
        leaf.flatMap(({ value }) => (value.at(-1) === 10 ? [value, blank] : [value, blank, blank])),
      ),
    )
  return contents
}

function plainEntry(contents: Buffer[]): FileEntry {
  const hasher = createHasher()
  for (const content of contents) hasher.update(content)
  return { sha256: hasher.digest(), size: contents.reduce((sum, content) => sum + content.length, 0) }
}

async function writeIndex(
  context: RepositoryContext,
  contents: Buffer[],
  compression: 'gz' | 'xz',
  before: FrameTable['indexes'][string] | undefined,
): Promise<{ entry: FileEntry; frames: Frame[] }> {
  const old = await openFrames(context, before)
  const compressed = await mapSome(contents, async bytes => {
    const content = digestOf(bytes)
    const frame =
      old(content) ??
      (compression === 'gz' ? { bytes: await gzipFrame(bytes) } : blockOf(await context.compressXz(bytes)))
    return { content, contentSize: bytes.length, ...frame }
  })
  const { file, frames } = compression === 'gz' ? await joinGzip(compressed) : joinXz(compressed)
  return { entry: { sha256: await context.blobs.put(file), size: file.length }, frames }
}

/** As many as libuv has threads, or as many processes of xz. */
const atOnce = 4

/** The results in the order of the items, worked on some at once. */
async function mapSome<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const waiting = items.entries()
  const lane = async (): Promise<void> => {
    for (const [i, item] of waiting) results[i] = await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return results
}

interface Compressed {
  content: Digest
  contentSize: number
  bytes: Buffer
  unpaddedSize?: number
}

async function joinGzip(compressed: Compressed[]): Promise<{ file: Buffer; frames: Frame[] }> {
  const members =
    compressed.length === 0 ? [await gzipFrame(Buffer.alloc(0))] : compressed.map(({ bytes }) => bytes)
  return { file: Buffer.concat(members), frames: layOut(compressed, 0) }
}

/** Blocks of ONE stream: apt silently stops at the end of the first of several concatenated streams. */
function joinXz(compressed: Compressed[]): { file: Buffer; frames: Frame[] } {
  const file = assembleXz(
    compressed.map(({ bytes, contentSize, unpaddedSize }) => ({
      check: 'crc64',
      bytes,
      unpaddedSize: unpaddedSize!,
      uncompressedSize: contentSize,
    })),
    'crc64',
  )
  return { file, frames: layOut(compressed, 12) }
}

function layOut(compressed: Compressed[], start: number): Frame[] {
  let offset = start
  return compressed.map(({ content, contentSize, bytes, unpaddedSize }) => {
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

/** Looks frames up in the index that was written last; nothing when its blob is gone. */
async function openFrames(
  context: RepositoryContext,
  before: FrameTable['indexes'][string] | undefined,
): Promise<(content: Digest) => Pick<Compressed, 'bytes' | 'unpaddedSize'> | undefined> {
  if (before === undefined) return () => undefined
  const size = await context.blobs.size(before.blob)
  const bytes = size === undefined ? undefined : await context.blobs.read(before.blob, size)
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

async function signedRelease(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  files: WrittenFile[],
  date: Timestamp,
): Promise<[string, Buffer][]> {
  const at = millisecondsOf(date)
  const release = clearText(
    writeRelease(
      {
        origin: byteStringOfText(compose.origin),
        label: byteStringOfText(compose.label),
        suite: compose.suite,
        codename: compose.codename,
        date: at,
        validUntil: compose.validDays === undefined ? undefined : at + compose.validDays * 86_400_000,
        acquireByHash: true,
        architectures: compose.architectures,
        components: [compose.component],
      },
      files,
    ),
  )
  const keys = await context.signers()
  const signedAt = signingDate(keys, at)
  const [inline, detached] = await Promise.all([
    signClear(release, keys, signedAt),
    signDetached(release, keys, signedAt),
  ])
  return [
    ['Release', release],
    ['InRelease', inline],
    ['Release.gpg', detached],
  ]
}
