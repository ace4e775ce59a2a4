import { type ByteString, YardError } from '../../model/index.ts'
import { signatureTags, type Tag, type TagKind, type TagValues, tags } from './tags.ts'

/** One line of a header's index. `offset` counts from the beginning of the header's data. */
export interface HeaderEntry {
  tag: number
  /** 0 to 9: NULL, CHAR, INT8, INT16, INT32, INT64, STRING, BIN, STRING_ARRAY, I18NSTRING. */
  type: number
  offset: number
  count: number
}

/** A header whose index was checked; data are decoded when asked for. */
export interface Header {
  /** In the index' order, the region's own entry included. */
  readonly entries: readonly HeaderEntry[]
  has(tag: Tag): boolean
  /**
   * A tag's data, undefined where the header has no such tag. Strings are byte strings.
   * @throws YardError `invalid` for data of another kind, a string without its end, a number beyond 2^53.
   */
  get<K extends TagKind>(tag: Tag<K>): TagValues[K] | undefined
}

/** Whether it is the signature header, which may be rewritten, or the main one, which is one immutable region. */
export type HeaderRole = 'signature' | 'main'

/** What stands before a header's index: magic, reserved bytes, the counts of index entries and of data bytes. */
export const introBytes = 16
const entryBytes = 16
const magic = Buffer.from([0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0])

/** rpm's own limits (header.c), but for main headers: rpm would take 256 MiB, the largest that exist have a few. */
const limits = {
  signature: { entries: 32, dataBytes: 64 * 1024 * 1024 },
  main: { entries: 65_535, dataBytes: 64 * 1024 * 1024 },
}
const maxArrayCount = 0x0f_ffff

const type = {
  null: 0,
  char: 1,
  int8: 2,
  int16: 3,
  int32: 4,
  int64: 5,
  string: 6,
  bin: 7,
  strings: 8,
  i18n: 9,
}
/** Bytes of one item; 0 for strings, whose ends are found only by reading them. */
const sizes = [0, 1, 1, 2, 4, 8, 0, 1, 0, 0]
const alignments = [1, 1, 1, 2, 4, 8, 1, 1, 1, 1]

const regionOf = { signature: 62, main: 63 }
const headerImage = 61
const firstTag = 100

/**
 * How many bytes follow a header's intro: its index and its data.
 * @throws YardError `invalid` for another magic, no entries, or more than the limits.
 */
export function bytesBehindIntro(intro: Buffer, role: HeaderRole, object: string): number {
  if (intro.length < introBytes) throw fault(object, role, 'it ends before the header does')
  if (!intro.subarray(0, magic.length).equals(magic)) throw fault(object, role, 'it does not begin as one')
  const entries = intro.readUInt32BE(8)
  const dataBytes = intro.readUInt32BE(12)
  const most = limits[role]
  if (entries < 1 || entries > most.entries)
    throw fault(object, role, `${entries} tags are not between 1 and ${most.entries}`)
  if (dataBytes > most.dataBytes)
    throw fault(object, role, `${dataBytes} bytes of data are more than ${most.dataBytes}`)
  return entries * entryBytes + dataBytes
}

/**
 * Reads a whole header, intro included, as rpm's hdrblobInit does: every entry's type, count, offset and alignment must be
 * possible, data must not overlap, and the region must be whole. What the strings hold is looked at by `get` alone.
 * @throws YardError `invalid` naming object, tag and offset.
 */
export function parseHeader(bytes: Buffer, role: HeaderRole, object: string): Header {
  const needed = introBytes + bytesBehindIntro(bytes, role, object)
  if (bytes.length !== needed)
    throw fault(object, role, `it has ${bytes.length} bytes where it says ${needed}`)
  const count = bytes.readUInt32BE(8)
  const data = bytes.subarray(introBytes + count * entryBytes)
  const entries = Array.from({ length: count }, (_, i) => readEntry(bytes, introBytes + i * entryBytes))
  const region = checkRegion(entries, data, role, object)
  checkEntries(entries, data, region, role, object)
  return headerOf(entries, data, region, role, object)
}

function readEntry(bytes: Buffer, at: number): HeaderEntry {
  return {
    tag: bytes.readUInt32BE(at),
    type: bytes.readUInt32BE(at + 4),
    offset: bytes.readInt32BE(at + 8),
    count: bytes.readUInt32BE(at + 12),
  }
}

/** How much of a header its region holds; ancient headers have none. */
interface Region {
  entries: number
  dataBytes: number
}

/** A region's first entry points at a trailer, a second such entry whose negative offset tells how long the index is. */
function checkRegion(
  entries: HeaderEntry[],
  data: Buffer,
  role: HeaderRole,
  object: string,
): Region | undefined {
  const first = entries[0]!
  if (first.tag !== regionOf[role]) return undefined
  if (first.type !== type.bin || first.count !== entryBytes)
    throw entryFault(first, 'is no region', role, object)
  const dataBytes = first.offset + entryBytes
  if (first.offset < 0 || dataBytes > data.length)
    throw entryFault(first, 'points outside of the data', role, object)
  const trailer = readEntry(data, first.offset)
  const isOurs = trailer.tag === first.tag || (role === 'signature' && trailer.tag === headerImage)
  if (!isOurs || trailer.type !== type.bin || trailer.count !== entryBytes)
    throw entryFault(first, 'has no trailer', role, object)
  const inRegion = -trailer.offset / entryBytes
  if (!Number.isInteger(inRegion) || inRegion < 1 || inRegion > entries.length)
    throw entryFault(first, `claims ${inRegion} entries of ${entries.length}`, role, object)
  if (role === 'main' && (inRegion !== entries.length || dataBytes !== data.length))
    throw entryFault(first, 'does not hold the whole header', role, object)
  return { entries: inRegion, dataBytes }
}

function checkEntries(
  entries: HeaderEntry[],
  data: Buffer,
  region: Region | undefined,
  role: HeaderRole,
  object: string,
): void {
  const trailer = region === undefined ? data.length : region.dataBytes - entryBytes
  let end = 0
  for (const entry of region === undefined ? entries : entries.slice(1)) {
    const flaw = entryFlaw(entry, end, data.length)
    if (flaw !== undefined) throw entryFault(entry, flaw, role, object)
    end = entry.offset + leastBytes(entry)
    if (region !== undefined && end > trailer && entry.offset < region.dataBytes)
      throw entryFault(entry, "overlaps the region's trailer", role, object)
  }
}

/** rpm's hdrblobVerifyInfo. */
function entryFlaw(entry: HeaderEntry, previousEnd: number, dataBytes: number): string | undefined {
  if (entry.tag < firstTag || entry.tag > 0x7fff_ffff) return 'has an impossible number'
  if (entry.type < type.char || entry.type > type.i18n) return `has the unknown type ${entry.type}`
  if (entry.count < 1 || entry.count > dataBytes) return `has an impossible count, ${entry.count}`
  if (entry.type !== type.bin && entry.count > maxArrayCount) return `has too many items, ${entry.count}`
  if (entry.type === type.string && entry.count !== 1) return `is one string and counts ${entry.count}`
  if (entry.offset < previousEnd) return 'overlaps the data before it'
  if (entry.offset % alignments[entry.type]! !== 0) return 'is not aligned'
  if (entry.offset + leastBytes(entry) > dataBytes)
    return `with ${entry.count} items ends outside of the data`
  return undefined
}

/** Exact but for strings, each of which has at least its NUL. */
function leastBytes(entry: HeaderEntry): number {
  return entry.count * (sizes[entry.type] || 1)
}

function headerOf(
  entries: HeaderEntry[],
  data: Buffer,
  region: Region | undefined,
  role: HeaderRole,
  object: string,
): Header {
  const indexes = new Map<number, number>()
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!
    // What rpm appended behind the region, when it signed anew, replaces what the region says.
    if (indexes.has(entry.tag) && (region === undefined || i < region.entries))
      throw entryFault(entry, 'is there twice', role, object)
    indexes.set(entry.tag, i)
  }

  /** Where an entry's data must have ended: at the next entry's, or at the region's trailer. */
  function limitOf(index: number): number {
    const next = entries[index + 1]
    if (region !== undefined && index === region.entries - 1) return region.dataBytes - entryBytes
    return next === undefined ? data.length : next.offset
  }

  function get<K extends TagKind>(tag: Tag<K>): TagValues[K] | undefined {
    const index = indexes.get(tag.number)
    if (index === undefined) return undefined
    const entry = entries[index]!
    const value = decode(tag.kind, entry, data, limitOf(index))
    if (typeof value === 'object' && 'flaw' in value) throw entryFault(entry, value.flaw, role, object)
    return value as TagValues[K]
  }

  return { entries, has: tag => indexes.has(tag.number), get }
}

interface Flaw {
  flaw: string
}

function decode(kind: TagKind, entry: HeaderEntry, data: Buffer, limit: number): TagValues[TagKind] | Flaw {
  const isText = entry.type === type.string || entry.type >= type.strings
  const isNumeric = entry.type >= type.char && entry.type <= type.int64
  switch (kind) {
    case 'string':
      return isText ? decodeString(entry, data, limit) : unexpected(kind, entry)
    case 'strings':
      return isText ? decodeStrings(entry, data, limit) : unexpected(kind, entry)
    case 'number':
      return isNumeric ? decodeNumber(entry, data, 0) : unexpected(kind, entry)
    case 'numbers':
      return isNumeric ? decodeNumbers(entry, data) : unexpected(kind, entry)
    case 'bytes':
      return entry.type === type.bin
        ? data.subarray(entry.offset, entry.offset + entry.count)
        : unexpected(kind, entry)
  }
}

function unexpected(kind: TagKind, entry: HeaderEntry): Flaw {
  return { flaw: `should be ${kind} and has the type ${entry.type}` }
}

/** The first string: of a text in several languages the untranslated one. */
function decodeString(entry: HeaderEntry, data: Buffer, limit: number): ByteString | Flaw {
  const rest = data.subarray(entry.offset, limit)
  const end = rest.indexOf(0)
  return end < 0 ? { flaw: 'has no end' } : rest.toString('latin1', 0, end)
}

function decodeStrings(entry: HeaderEntry, data: Buffer, limit: number): ByteString[] | Flaw {
  const texts = data.toString('latin1', entry.offset, limit).split('\0', entry.count + 1)
  if (texts.length <= entry.count) return { flaw: `counts ${entry.count} strings and has fewer` }
  texts.length = entry.count
  return texts
}

function decodeNumbers(entry: HeaderEntry, data: Buffer): number[] | Flaw {
  const values: number[] = []
  for (let i = 0; i < entry.count; i++) {
    const value = decodeNumber(entry, data, i)
    if (typeof value !== 'number') return value
    values.push(value)
  }
  return values
}

function decodeNumber(entry: HeaderEntry, data: Buffer, i: number): number | Flaw {
  const at = entry.offset + i * sizes[entry.type]!
  switch (entry.type) {
    case type.int16:
      return data.readUInt16BE(at)
    case type.int32:
      return data.readUInt32BE(at)
    case type.int64: {
      const value = Number(data.readBigUInt64BE(at))
      return Number.isSafeInteger(value) ? value : { flaw: 'is a number beyond 2^53' }
    }
    default:
      return data[at]!
  }
}

function entryFault(entry: HeaderEntry, flaw: string, role: HeaderRole, object: string): YardError {
  const table: { [name: string]: Tag } = role === 'main' ? tags : signatureTags
  const name = Object.keys(table).find(key => table[key]!.number === entry.tag)
  const tag = name === undefined ? `tag ${entry.tag}` : `tag ${entry.tag} (${name})`
  return fault(object, role, `${tag} at offset ${entry.offset} ${flaw}`)
}

function fault(object: string, role: HeaderRole, why: string): YardError {
  const header = role === 'main' ? 'header' : 'signature header'
  return new YardError('invalid', `${object} is no valid RPM package: its ${header}: ${why}`)
}
