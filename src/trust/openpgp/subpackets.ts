/** One subpacket of a signature (RFC 4880, 5.2.3.1). */
export interface Subpacket {
  type: number
  critical: boolean
  body: Buffer
}

/** Splits an area into its subpackets; `malformed` when a length leads out of it. */
export function readSubpackets(area: Buffer): { subpackets: Subpacket[]; malformed: boolean } {
  const subpackets: Subpacket[] = []
  let offset = 0
  while (offset < area.length) {
    const header = readLength(area, offset)
    if (header === undefined || header.length === 0) return { subpackets, malformed: true }
    const end = header.start + header.length
    if (end > area.length) return { subpackets, malformed: true }
    const type = area[header.start]!
    subpackets.push({
      type: type & 0x7f,
      critical: (type & 0x80) !== 0,
      body: area.subarray(header.start + 1, end),
    })
    offset = end
  }
  return { subpackets, malformed: false }
}

function readLength(area: Buffer, offset: number): { start: number; length: number } | undefined {
  const first = area[offset]!
  if (first < 192) return { start: offset + 1, length: first }
  if (first < 255) {
    const second = area[offset + 1]
    if (second === undefined) return undefined
    return { start: offset + 2, length: ((first - 192) << 8) + second + 192 }
  }
  if (offset + 5 > area.length) return undefined
  return { start: offset + 5, length: area.readUInt32BE(offset + 1) }
}

/** What gpgv 2.2 understands when it is marked critical; anything else makes a good signature bad. */
const understoodTypes = new Set([2, 3, 4, 5, 6, 7, 9, 11, 12, 16, 21, 22, 24, 25, 26, 27, 29, 30, 32, 33])
const understoodNotations = new Set(['preferred-email-encoding@pgp.com', 'pka-address@gnupg.org'])

export function understands({ type, body }: Subpacket): boolean {
  if (type === 38) return body.length > 0 && body[0] === 0
  if (type !== 20) return understoodTypes.has(type)
  if (body.length < 8) return false
  const end = 8 + body.readUInt16BE(4)
  return end <= body.length && understoodNotations.has(body.toString('latin1', 8, end))
}
