/** Data of a tag to be written: its number, rpm's type and its values; a number or string is an array of one. */
export interface WrittenTag {
  tag: number
  /** INT16 (3), INT32 (4), INT64 (5), STRING (6), BIN (7, one byte string), STRING_ARRAY (8), I18NSTRING (9). */
  type: number
  values: readonly (number | string)[]
}

/** The tags of the region that a header is: the signature header's, the main header's. */
export type RegionTag = 62 | 63

const entryBytes = 16
const alignments: { [type: number]: number } = { 3: 2, 4: 4, 5: 8 }

/** A header as rpm writes one: intro, index, data, the region's trailer. Tags stand as they are handed over; rpm sorts them by number. */
export function writeHeader(tags: readonly WrittenTag[], region: RegionTag): Buffer {
  const parts: Buffer[] = []
  let length = 0
  const append = (bytes: Buffer, alignment = 1) => {
    const padding = Buffer.alloc((alignment - (length % alignment)) % alignment)
    const at = length + padding.length
    parts.push(padding, bytes)
    length = at + bytes.length
    return at
  }
  const lines = tags.map(({ tag, type, values }) => {
    const offset = append(dataOf(type, values), alignments[type])
    return indexEntry(tag, type, offset, type === 7 ? String(values[0]).length : values.length)
  })
  const trailer = append(indexEntry(region, 7, -entryBytes * (tags.length + 1), entryBytes))
  const intro = Buffer.from('8eade8010000000000000000ffffffff', 'hex')
  intro.writeUInt32BE(tags.length + 1, 8)
  intro.writeUInt32BE(length, 12)
  return Buffer.concat([intro, indexEntry(region, 7, trailer, entryBytes), ...lines, ...parts])
}

function dataOf(type: number, values: readonly (number | string)[]): Buffer {
  switch (type) {
    case 3:
      return Buffer.from(Uint16Array.from(values, Number).buffer).swap16()
    case 4:
      return Buffer.from(Uint32Array.from(values, Number).buffer).swap32()
    case 5:
      return Buffer.from(BigUint64Array.from(values, BigInt).buffer).swap64()
    case 7:
      return Buffer.from(String(values[0]), 'latin1')
    default:
      return Buffer.from(values.map(value => `${value}\0`).join(''), 'latin1')
  }
}

function indexEntry(tag: number, type: number, offset: number, count: number): Buffer {
  const entry = Buffer.alloc(entryBytes)
  entry.writeUInt32BE(tag, 0)
  entry.writeUInt32BE(type, 4)
  entry.writeInt32BE(offset, 8)
  entry.writeUInt32BE(count, 12)
  return entry
}
