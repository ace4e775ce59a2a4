import { type ByteString, type Digest, digestOf, YardError } from '../model/index.ts'
import {
  formatVersion,
  type InnerPage,
  kindBytes,
  type LeafPage,
  limits,
  type Page,
  type PageRef,
  type TreeKind,
} from './page.ts'
import { type ByteSource, readVarint } from './varint.ts'

/**
 * Decodes a page (docs/format/tree.md, "Pages") and proves that it is one: version, kind, ascending keys, minimal
 * integers, maximal shared prefixes, counts, no byte left over. Does not prove that pages end where they should:
 * only building the tree again does.
 * @throws YardError `damaged`, naming the page's digest and the offset.
 */
export function decodePage(bytes: Uint8Array): Page {
  const source = { bytes, at: 0 }
  const { kind, level, length } = readHeader(source)
  const page = level === 0 ? readLeaf(source, kind, length) : readInner(source, kind, level, length)
  if (source.at !== bytes.length)
    throw damaged(source, `${bytes.length - source.at} bytes follow its last entry`)
  return page
}

function readHeader(source: ByteSource): { kind: TreeKind; level: number; length: number } {
  const version = source.bytes[source.at++]
  if (version !== formatVersion)
    throw damaged(source, `its format version is ${version}, not ${formatVersion}`)
  const kindByte = source.bytes[source.at++]
  if (kindByte !== kindBytes.files && kindByte !== kindBytes.packages)
    throw damaged(source, `its kind is ${kindByte}, neither files nor packages`)
  const level = source.bytes[source.at++]
  if (level === undefined || level > limits.level) throw damaged(source, `its level is ${level}`)
  const length = integer(source)
  if (length * 3 > source.bytes.length) throw damaged(source, `it cannot hold ${length} entries`)
  return { kind: kindByte === kindBytes.files ? 'files' : 'packages', level, length }
}

function readLeaf(source: ByteSource, kind: TreeKind, length: number): LeafPage {
  const keys: ByteString[] = new Array(length)
  const extents = new Uint32Array(2 * length)
  let keyLength = 0
  for (let i = 0; i < length; i++) {
    const shared = integer(source)
    const added = integer(source)
    const valueLength = integer(source)
    if (valueLength > limits.value) throw damaged(source, `a value has ${valueLength} bytes`)
    keyLength = readKey(source, i === 0, keyLength, shared, added)
    keys[i] = keyBuffer.toString('latin1', 0, keyLength)
    extents[2 * i] = source.at
    skip(source, valueLength)
    extents[2 * i + 1] = source.at
  }
  return { leaf: true, kind, level: 0, count: length, keys, bytes: source.bytes, extents }
}

function readInner(source: ByteSource, kind: TreeKind, level: number, length: number): InnerPage {
  if (length === 0) throw damaged(source, 'it is an inner page without entries')
  const keys: ByteString[] = new Array(length)
  const children: PageRef[] = new Array(length)
  const text = Buffer.from(source.bytes.buffer, source.bytes.byteOffset, source.bytes.byteLength)
  let keyLength = 0
  let total = 0
  for (let i = 0; i < length; i++) {
    const shared = integer(source)
    const added = integer(source)
    const count = integer(source)
    total += count
    if (count === 0 || !Number.isSafeInteger(total)) throw damaged(source, `a child counts ${count} entries`)
    keyLength = readKey(source, i === 0, keyLength, shared, added)
    const key = keyBuffer.toString('latin1', 0, keyLength)
    const start = source.at
    skip(source, 32)
    keys[i] = key
    children[i] = { key, digest: text.toString('hex', start, source.at) as Digest, count }
  }
  return { leaf: false, kind, level, count: total, keys, bytes: source.bytes, children }
}

/** The key that is being put together out of shared prefixes. Decoding never pauses, so one is enough. */
const keyBuffer = Buffer.alloc(limits.key)

/** Completes the key in `keyBuffer`; gives its length. One comparison proves both the order and the longest shared prefix. */
function readKey(
  source: ByteSource,
  first: boolean,
  lastLength: number,
  shared: number,
  added: number,
): number {
  if (shared > lastLength) throw damaged(source, `a key shares ${shared} bytes with one of ${lastLength}`)
  if (shared + added > limits.key) throw damaged(source, `a key has ${shared + added} bytes`)
  const start = source.at
  skip(source, added)
  const ascends = shared === lastLength ? added > 0 : added > 0 && source.bytes[start]! > keyBuffer[shared]!
  if (!first && !ascends) throw damaged(source, 'its keys do not ascend, or share more than they say')
  copyShort(source.bytes, start, source.at, shared)
  return shared + added
}

/** Key suffixes are a few dozen bytes: a loop beats a call into native code. */
function copyShort(bytes: Uint8Array, start: number, end: number, to: number): void {
  for (let from = start; from < end; from++) keyBuffer[to++] = bytes[from]!
}

function skip(source: ByteSource, length: number): void {
  if (length > source.bytes.length - source.at) throw damaged(source, 'it is cut short')
  source.at += length
}

function integer(source: ByteSource): number {
  const value = readVarint(source)
  if (value === undefined)
    throw damaged(source, 'an integer is cut short, too large, or not in its shortest form')
  return value
}

function damaged(source: ByteSource, reason: string): YardError {
  return damagedPage(
    digestOf(source.bytes),
    `${reason} (at byte ${Math.min(source.at, source.bytes.length)})`,
  )
}

/** The error of a page that is not what it should be. */
export function damagedPage(digest: Digest, reason: string): YardError {
  return new YardError('damaged', `page ${digest} of a tree is damaged: ${reason}; nothing was changed`, {
    hint: 'run `switchyard fsck --repair` to fetch or rebuild it',
  })
}
