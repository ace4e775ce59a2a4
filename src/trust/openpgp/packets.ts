/** One OpenPGP packet: its tag and its body. The body is a view of the bytes it was read from. */
export interface Packet {
  tag: number
  body: Buffer
}

export const packetTags = {
  signature: 2,
  secretKey: 5,
  publicKey: 6,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
} as const

/** Far more than any real keyring; keeps a hostile one from becoming millions of objects. */
const maxPackets = 200_000

/**
 * Splits bytes into packets (RFC 4880, 4.2), in both header formats. `fault` says why reading stopped early.
 * Partial and indeterminate lengths are faults: they belong to data packets, which have no business here.
 */
export function readPackets(bytes: Buffer): { packets: Packet[]; fault: string | undefined } {
  const packets: Packet[] = []
  let offset = 0
  while (offset < bytes.length) {
    if (packets.length === maxPackets) return { packets, fault: `more than ${maxPackets} packets` }
    const header = readHeader(bytes, offset)
    if (typeof header === 'string') return { packets, fault: `${header} at byte ${offset}` }
    const end = header.start + header.length
    if (end > bytes.length)
      return { packets, fault: `a packet at byte ${offset} is longer than what follows it` }
    packets.push({ tag: header.tag, body: bytes.subarray(header.start, end) })
    offset = end
  }
  return { packets, fault: undefined }
}

/** A packet with a new-format header. */
export function writePacket(tag: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(6)
  header[0] = 0xc0 | tag
  header[1] = 0xff
  header.writeUInt32BE(body.length, 2)
  return Buffer.concat([header, body])
}

interface Header {
  tag: number
  /** Where the body begins, and its length in bytes. */
  start: number
  length: number
}

function readHeader(bytes: Buffer, offset: number): Header | string {
  const first = bytes[offset]!
  if ((first & 0x80) === 0) return 'no packet'
  if ((first & 0x40) === 0) return readOldHeader(bytes, offset, first)
  return readNewHeader(bytes, offset, first & 0x3f)
}

function readOldHeader(bytes: Buffer, offset: number, first: number): Header | string {
  const lengthType = first & 0x03
  if (lengthType === 3) return 'a packet of indeterminate length'
  const octets = 1 << lengthType
  if (offset + 1 + octets > bytes.length) return 'an incomplete packet'
  const length = bytes.readUIntBE(offset + 1, octets)
  return { tag: (first >> 2) & 0x0f, start: offset + 1 + octets, length }
}

function readNewHeader(bytes: Buffer, offset: number, tag: number): Header | string {
  const octet = bytes[offset + 1]
  if (octet === undefined) return 'an incomplete packet'
  if (octet < 192) return { tag, start: offset + 2, length: octet }
  if (octet < 224) {
    if (offset + 3 > bytes.length) return 'an incomplete packet'
    return { tag, start: offset + 3, length: ((octet - 192) << 8) + bytes[offset + 2]! + 192 }
  }
  if (octet < 255) return 'a packet of partial length'
  if (offset + 6 > bytes.length) return 'an incomplete packet'
  return { tag, start: offset + 6, length: bytes.readUInt32BE(offset + 2) }
}
