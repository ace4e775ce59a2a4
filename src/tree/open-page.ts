import { type ByteString, bytesOf, digestOf, YardError } from '../model/index.ts'
import { endsPage, targetOf } from './boundary.ts'
import { formatVersion, kindBytes, limits, type PageRef, type TreeKind } from './page.ts'
import type { NewPage } from './page-store.ts'
import { varintLength, writeVarint } from './varint.ts'

/**
 * A page that is being written. Entries are encoded as they come, behind room for a header, because the header's
 * count is known last. The buffer is used again for the next page of the level.
 */
export interface OpenPage {
  readonly kind: TreeKind
  readonly level: number
  readonly target: number
  /** Entries in the page. */
  length: number
  /** Entries beneath. */
  count: number
  lastKey: ByteString
  buffer: Buffer
  /** Offset behind the last entry. */
  end: number
}

/** Version, kind, level, and a count of at most eight bytes. */
const headerRoom = 11

/** Three integers of at most eight bytes stand before a key. */
const integersRoom = 24

export function openPage(kind: TreeKind, level: number): OpenPage {
  const target = targetOf(kind, level)
  const buffer = Buffer.allocUnsafe(headerRoom + 2 * target)
  return { kind, level, target, length: 0, count: 0, lastKey: '', buffer, end: headerRoom }
}

/**
 * Appends an entry to a leaf. True when the page ends here.
 * @throws YardError `invalid` when key or value are too large or the key is no byte string; `internal` when keys do not ascend.
 */
export function appendEntry(page: OpenPage, key: ByteString, value: Uint8Array): boolean {
  if (value.length > limits.value)
    throw new YardError(
      'invalid',
      `the value of ${shown(key)} has ${value.length} bytes; a tree takes ${limits.value}`,
    )
  const before = page.end
  appendHead(page, key, value.length, value.length)
  page.buffer.set(value, page.end)
  page.end += value.length
  page.count++
  return endsPage(page.level, page.target, before - headerRoom, page.end - headerRoom, key)
}

/** Appends a page of the level below. True when the page ends here; an inner page holds two at least, so that levels shrink. */
export function appendRef(page: OpenPage, ref: PageRef): boolean {
  const before = page.end
  appendHead(page, ref.key, ref.count, 32)
  page.buffer.write(ref.digest, page.end, 'hex')
  page.end += 32
  page.count += ref.count
  return (
    page.length > 1 && endsPage(page.level, page.target, before - headerRoom, page.end - headerRoom, ref.key)
  )
}

/** Gives what was appended as a page, and begins an empty one. */
export function closePage(page: OpenPage): { ref: PageRef; page: NewPage } {
  const start = headerRoom - 3 - varintLength(page.length)
  page.buffer[start] = formatVersion
  page.buffer[start + 1] = kindBytes[page.kind]
  page.buffer[start + 2] = page.level
  writeVarint(page.buffer, start + 3, page.length)
  const bytes = Buffer.from(page.buffer.subarray(start, page.end))
  const ref = { key: page.lastKey, digest: digestOf(bytes), count: page.count }
  page.length = 0
  page.count = 0
  page.lastKey = ''
  page.end = headerRoom
  return { ref, page: { digest: ref.digest, bytes } }
}

/** Writes an entry's integers and key, and makes room for its `payload` bytes. */
function appendHead(page: OpenPage, key: ByteString, third: number, payload: number): void {
  if (key.length > limits.key)
    throw new YardError(
      'invalid',
      `the key ${shown(key)} has ${key.length} bytes; a tree takes ${limits.key}`,
    )
  const shared = page.length === 0 ? 0 : sharedPrefix(page.lastKey, key)
  makeRoom(page, integersRoom + key.length - shared + payload)
  const { buffer } = page
  let end = writeVarint(buffer, page.end, shared)
  end = writeVarint(buffer, end, key.length - shared)
  end = writeVarint(buffer, end, third)
  let seen = 0
  for (let i = shared; i < key.length; i++) {
    const code = key.charCodeAt(i)
    seen |= code
    buffer[end++] = code
  }
  if (seen > 0xff) throw new YardError('invalid', `the key ${shown(key)} is text, not bytes`)
  page.lastKey = key
  page.length++
  page.end = end
}

/** @throws YardError `internal` when the second key does not come after the first. */
function sharedPrefix(last: ByteString, key: ByteString): number {
  const end = Math.min(last.length, key.length)
  let shared = 0
  while (shared < end && last.charCodeAt(shared) === key.charCodeAt(shared)) shared++
  const ascends =
    shared === last.length ? shared < key.length : last.charCodeAt(shared) < key.charCodeAt(shared)
  if (!ascends)
    throw new YardError('internal', `the keys of a tree ascend, but ${shown(key)} follows ${shown(last)}`)
  return shared
}

function makeRoom(page: OpenPage, bytes: number): void {
  if (page.end + bytes <= page.buffer.length) return
  const larger = Buffer.allocUnsafe(2 * (page.end + bytes))
  page.buffer.copy(larger, 0, 0, page.end)
  page.buffer = larger
}

/** A key for a message. */
export function shown(key: ByteString): string {
  return JSON.stringify(bytesOf(key.slice(0, 200)).toString('utf8'))
}
