/** One tag of a header that a test makes by hand; a number or string is an array of one. */
export interface HandmadeTag {
  tag: number
  /** INT16 (3), INT32 (4), INT64 (5), STRING (6), BIN (7), STRING_ARRAY (8), I18NSTRING (9). */
  type: number
  values: (number | string)[]
}

export interface HandmadePackage {
  signature?: HandmadeTag[]
  header: HandmadeTag[]
  payload?: Buffer
}

/** The offset of an index entry's fields within a header's bytes. */
export function entryAt(index: number): { tag: number; type: number; offset: number; count: number } {
  const at = 16 + index * 16
  return { tag: at, type: at + 4, offset: at + 8, count: at + 12 }
}

/** A header with its region, as rpm writes one: for headers that rpmbuild never would. */
export function headerBytesOf(tags: HandmadeTag[], region: 62 | 63): Buffer {
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
    const offset = append(dataOf(type, values), alignmentOf(type))
    return entryOf(tag, type, offset, type === 7 ? String(values[0]).length : values.length)
  })
  const trailer = append(entryOf(region, 7, -16 * (tags.length + 1), 16))
  const intro = Buffer.from('8eade8010000000000000000ffffffff', 'hex')
  intro.writeUInt32BE(tags.length + 1, 8)
  intro.writeUInt32BE(length, 12)
  return Buffer.concat([intro, entryOf(region, 7, trailer, 16), ...lines, ...parts])
}

/** A package around such headers. */
export function packageBytesOf({
  signature = [],
  header,
  payload = Buffer.alloc(0),
}: HandmadePackage): Buffer {
  const lead = Buffer.alloc(96)
  lead.write('edabeedb0300', 'hex')
  lead.writeUInt16BE(5, 78)
  const signatureBytes = headerBytesOf(signature, 62)
  const padding = Buffer.alloc((8 - (signatureBytes.length % 8)) % 8)
  return Buffer.concat([lead, signatureBytes, padding, headerBytesOf(header, 63), payload])
}

function alignmentOf(type: number): number {
  return { 3: 2, 4: 4, 5: 8 }[type] ?? 1
}

function dataOf(type: number, values: (number | string)[]): Buffer {
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

function entryOf(tag: number, type: number, offset: number, count: number): Buffer {
  const entry = Buffer.alloc(16)
  entry.writeUInt32BE(tag, 0)
  entry.writeUInt32BE(type, 4)
  entry.writeInt32BE(offset, 8)
  entry.writeUInt32BE(count, 12)
  return entry
}
