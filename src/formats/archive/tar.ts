import { type ByteString, byteStringOf } from '../../model/index.ts'
import { type ByteSource, boundedBody, createByteSource } from './byte-source.ts'
import { type Extensions, emptyExtensions, readPax } from './tar-extensions.ts'
import { blockSize, parseHeader, type TarHeader, tarFault } from './tar-header.ts'

export type TarEntryType =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'hardlink'
  | 'character-device'
  | 'block-device'
  | 'fifo'

export interface TarEntry {
  /** As the archive has it: often `./usr/bin/x`, directories end in `/`. Not checked: it may be absolute or have `..`. */
  path: ByteString
  type: TarEntryType
  /** Bytes of `body`; 0 for everything but files. */
  size: number
  /** Permission bits, set-id and sticky bits included. */
  mode: number
  /** Where a symlink or hardlink points, not checked. */
  target: ByteString | undefined
  /** Its bytes, to be read at most once and before the next entry is asked for. */
  body: AsyncIterable<Buffer>
}

export interface TarLimits {
  /** What is being read, for messages. */
  object: string
  maxEntries?: number
}

const defaultMaxEntries = 2_000_000
/** Most bytes of a long name or of extended headers: far over any path that a system can open. */
const maxExtensionBytes = 64 * 1024

const types: { [flag: string]: TarEntryType } = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
}

/**
 * The entries of a tar archive in order: v7, ustar, GNU long names and pax extended headers (POSIX.1-2001 pax, tar(5)). Sparse files,
 * volumes and unknown types are refused. As with dpkg and GNU tar an archive may end without its end mark; what follows the mark is read and ignored.
 * @throws YardError `invalid`, with the object and the offset, when a header is malformed, too large or cut short, or a body is.
 */
export async function* readTar(
  bytes: AsyncIterable<Uint8Array>,
  limits: TarLimits,
): AsyncGenerator<TarEntry, void, undefined> {
  const { object, maxEntries = defaultMaxEntries } = limits
  const source = createByteSource(bytes)
  try {
    let extensions = emptyExtensions
    for (let count = 0; ; ) {
      const offset = source.offset
      const header = await readHeader(source, object)
      if (header === undefined) break
      const extended = await readExtension(source, header, extensions, object)
      if (extended !== undefined) {
        extensions = extended
        continue
      }
      if (++count > maxEntries) throw tarFault(object, offset, `it has more than ${maxEntries} entries`)
      const { entry, finish } = await openEntry(source, header, extensions, object, offset)
      yield entry
      await finish()
      extensions = { ...emptyExtensions, global: extensions.global }
    }
    while ((await source.chunk(blockSize)) !== undefined);
  } finally {
    await source.close()
  }
}

/** The next header; undefined at the end mark (a block of zeros) or the end of the input. */
async function readHeader(source: ByteSource, object: string): Promise<TarHeader | undefined> {
  const offset = source.offset
  const block = await source.read(blockSize)
  if (block.length === 0) return undefined
  if (block.length < blockSize) throw tarFault(object, offset, 'a header is cut short')
  return parseHeader(block, object, offset)
}

/** Reads a header that only says more about the next entry; undefined when this is an entry itself. */
async function readExtension(
  source: ByteSource,
  header: TarHeader,
  known: Extensions,
  object: string,
): Promise<Extensions | undefined> {
  if (!['L', 'K', 'x', 'g'].includes(header.flag)) return undefined
  const offset = source.offset
  if (header.size > maxExtensionBytes)
    throw tarFault(object, offset, `an extended header of ${header.size} bytes is too large`)
  const body = await readPadded(source, header.size, object)
  switch (header.flag) {
    case 'L':
      return { ...known, longPath: upToNul(body) }
    case 'K':
      return { ...known, longTarget: upToNul(body) }
    case 'x':
      return { ...known, local: readPax(body, object, offset) }
    default:
      return { ...known, global: { ...known.global, ...readPax(body, object, offset) } }
  }
}

async function openEntry(
  source: ByteSource,
  header: TarHeader,
  extensions: Extensions,
  object: string,
  offset: number,
): Promise<{ entry: TarEntry; finish: () => Promise<void> }> {
  const pax = { ...extensions.global, ...extensions.local }
  const path = pax.path ?? extensions.longPath ?? header.path
  const type = typeOf(header, path, object, offset)
  // The size of a hard link tells about the file it names: nothing of it is stored here (GNU tar, dpkg).
  const size = type === 'hardlink' ? 0 : (pax.size ?? header.size)
  if (path === '') throw tarFault(object, offset, 'an entry has no name')
  if (size > 0 && type !== 'file')
    throw tarFault(object, offset, `a ${type} announces ${size} bytes of content`)
  const body = boundedBody(source, size, () =>
    tarFault(object, source.offset, `${JSON.stringify(path.slice(0, 200))} is cut short`),
  )
  const links = type === 'symlink' || type === 'hardlink'
  const target = links ? (pax.linkpath ?? extensions.longTarget ?? header.target) : undefined
  const entry: TarEntry = { path, type, size, mode: header.mode, target, body: body.chunks }
  const finish = async () => {
    await body.skipRest()
    await skipPadding(source, size, object)
  }
  return { entry, finish }
}

/** Before POSIX a directory was a file whose name ends in a slash. */
function typeOf(header: TarHeader, path: ByteString, object: string, offset: number): TarEntryType {
  const type = Object.hasOwn(types, header.flag) ? types[header.flag]! : undefined
  if (type === undefined)
    throw tarFault(object, offset, `entries of type ${JSON.stringify(header.flag)} are not supported`)
  return type === 'file' && header.flag !== '7' && path.endsWith('/') && header.size === 0
    ? 'directory'
    : type
}

async function readPadded(source: ByteSource, size: number, object: string): Promise<ByteString> {
  const bytes = await source.read(size)
  if (bytes.length < size) throw tarFault(object, source.offset, 'an extended header is cut short')
  await skipPadding(source, size, object)
  return byteStringOf(bytes)
}

async function skipPadding(source: ByteSource, size: number, object: string): Promise<void> {
  const padding = (blockSize - (size % blockSize)) % blockSize
  if ((await source.read(padding)).length < padding)
    throw tarFault(object, source.offset, 'the padding of an entry is cut short')
}

function upToNul(text: ByteString): ByteString {
  const end = text.indexOf('\0')
  return end === -1 ? text : text.slice(0, end)
}
