import { type Digest, type FileEntry, YardError } from '../model/index.ts'
import { type ByteSource, readVarint, varintLength, writeVarint } from './varint.ts'

/**
 * The value of a files tree (docs/format/tree.md, "File entries"): attributes by ascending tag, each as tag, length
 * and bytes. Tags of later versions are read over.
 */
const tags = { sha256: 1, size: 2 } as const

const digestBytes = 32

/** @throws YardError `internal` when the size is no length in bytes. */
export function encodeFileEntry({ sha256, size }: FileEntry): Uint8Array {
  if (!Number.isSafeInteger(size) || size < 0)
    throw new YardError('internal', `a file cannot have ${size} bytes`)
  const sizeLength = varintLength(size)
  const bytes = Buffer.alloc(2 + digestBytes + 2 + sizeLength)
  bytes[0] = tags.sha256
  bytes[1] = digestBytes
  bytes.write(sha256, 2, 'hex')
  bytes[2 + digestBytes] = tags.size
  bytes[3 + digestBytes] = sizeLength
  writeVarint(bytes, 4 + digestBytes, size)
  return bytes
}

/** @throws YardError `damaged` when the bytes are no attributes, or lack a file's digest or size. */
export function decodeFileEntry(value: Uint8Array): FileEntry {
  const source: ByteSource = { bytes: value, at: 0 }
  let sha256: Digest | undefined
  let size: number | undefined
  let lastTag = 0
  while (source.at < value.length) {
    const tag = integer(source)
    const end = integer(source) + source.at
    if (tag <= lastTag || end > value.length)
      throw damaged(value, 'its attributes do not ascend, or are cut short')
    lastTag = tag
    if (tag === tags.sha256) sha256 = digestAt(value, source.at, end)
    else if (tag === tags.size) size = sizeAt(source, end)
    source.at = end
  }
  if (sha256 === undefined || size === undefined) throw damaged(value, 'it has no SHA-256 or no size')
  return { sha256, size }
}

function digestAt(value: Uint8Array, start: number, end: number): Digest {
  if (end - start !== digestBytes) throw damaged(value, `its SHA-256 has ${end - start} bytes`)
  return Buffer.from(value.buffer, value.byteOffset + start, digestBytes).toString('hex') as Digest
}

function sizeAt(source: ByteSource, end: number): number {
  const size = integer(source)
  if (source.at !== end) throw damaged(source.bytes, 'its size is not one integer')
  return size
}

function integer(source: ByteSource): number {
  const value = readVarint(source)
  if (value === undefined)
    throw damaged(source.bytes, 'an integer is cut short, too large, or not in its shortest form')
  return value
}

function damaged(value: Uint8Array, reason: string): YardError {
  const shown = Buffer.from(value.subarray(0, 64)).toString('hex')
  return new YardError(
    'damaged',
    `the file entry ${shown} of a tree is damaged: ${reason}; nothing was changed`,
    {
      hint: 'run `switchyard fsck` to learn which snapshots hold it',
    },
  )
}
