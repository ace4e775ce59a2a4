import { writeArmour } from './openpgp/armour.ts'
import { type Packet, packetTags, readPackets, writePacket } from './openpgp/packets.ts'
import type { Corpus, Original } from './signed-corpus.fixture.ts'

/** Numbers from 0 to below 1. */
export type Random = () => number

/** What is put before both verifiers: a clear-signed document, or data with a signature of its own. */
export interface Mutant {
  document: Buffer
  data: Buffer | undefined
  /** Undefined: that of the corpus. */
  keyring: Buffer | undefined
}

/** A document of the corpus with damages, or an intact one with a damaged keyring. */
export function mutantOf({ originals, certificates }: Corpus, random: Random): Mutant {
  if (chance(random, 0.8)) return { ...mutated(random, pick(random, originals)), keyring: undefined }
  const { packets, signature } = pick(random, certificates)
  const others = pick(random, certificates).packets
  return {
    document: signature,
    data: originals.at(-1)!.data,
    keyring: writtenPackets(random, mutatedKeyring(random, packets, others)),
  }
}

/** Packets of a certificate moved, doubled, dropped, damaged, or joined by one of another certificate. */
function mutatedKeyring(random: Random, packets: Packet[], others: Packet[]): Packet[] {
  const at = below(random, packets.length)
  const to = 1 + below(random, packets.length)
  const packet = packets[at]!
  switch (below(random, 8)) {
    case 0:
      return packets.toSpliced(at, 1)
    case 1:
      return packets.toSpliced(to, 0, packet)
    case 2:
      return packets.toSpliced(at, 1).toSpliced(to, 0, packet)
    case 3:
      return packets.toSpliced(to, 0, pick(random, others))
    case 4:
      return packets.with(at, { ...packet, body: flipped(random, packet.body) })
    default: {
      const signatures = packets.filter(({ tag }) => tag === packetTags.signature)
      const chosen = pick(random, signatures)
      return packets.with(packets.indexOf(chosen), {
        tag: chosen.tag,
        body: mutatedAreas(random, chosen.body),
      })
    }
  }
}

function mutated(random: Random, { head, data, signatures }: Original): Pick<Mutant, 'document' | 'data'> {
  const chosen = Array.from({ length: 1 + below(random, 3) }, () => pick(random, signatures))
  const packets = chosen.flatMap(signature => readPackets(signature).packets)
  const content = writtenPackets(random, chance(random, 0.7) ? mutatedPackets(random, packets) : packets)
  const changed = chance(random, 0.1) ? flipped(random, data) : data
  if (head === undefined && chance(random, 0.3)) return { document: content, data: changed }
  const armour = Buffer.from(writeArmour('SIGNATURE', content))
  const document = head === undefined ? armour : Buffer.concat([Buffer.from(head), armour])
  return {
    document: chance(random, 0.5) ? mutatedLines(random, document) : document,
    data: head === undefined ? changed : undefined,
  }
}

function mutatedPackets(random: Random, packets: Packet[]): Packet[] {
  const at = below(random, packets.length)
  const { tag, body } = packets[at]!
  switch (below(random, 12)) {
    case 0:
      return [...packets, packets[at]!]
    case 1:
      return packets.toReversed()
    case 2:
      return packets.with(at, { tag: 1 + below(random, 20), body })
    case 3:
      return packets.with(at, { tag, body: body.subarray(0, below(random, body.length)) })
    case 4:
      return packets.with(at, { tag, body: Buffer.concat([body, Buffer.alloc(1 + below(random, 20), 7)]) })
    case 5:
      return packets.with(at, { tag, body: withNumber(random, body) })
    case 6:
    case 7:
      return packets.with(at, { tag, body: flipped(random, body) })
    default:
      return packets.with(at, { tag, body: mutatedAreas(random, body) })
  }
}

/** Now and then with a header that lies about the length, or in the old format. */
function writtenPackets(random: Random, packets: Packet[]): Buffer {
  const bytes = Buffer.concat(
    packets.map(({ tag, body }) => {
      if (tag > 15 || chance(random, 0.7)) return writePacket(tag, body)
      return Buffer.concat([Buffer.from([0x81 | (tag << 2), body.length >> 8, body.length & 0xff]), body])
    }),
  )
  return chance(random, 0.05) ? flipped(random, bytes) : bytes
}

/** A bit of the fixed fields or anywhere. */
function flipped(random: Random, bytes: Buffer): Buffer {
  const at = below(random, chance(random, 0.3) ? Math.min(6, bytes.length) : bytes.length)
  const changed = Buffer.from(bytes)
  if (changed.length > 0) changed[at] = changed[at]! ^ (1 << below(random, 8))
  return changed
}

/** The last number, shortened, lengthened or replaced. */
function withNumber(random: Random, body: Buffer): Buffer {
  const end = 6 + body.readUInt16BE(4)
  const numbers = end + 2 + body.readUInt16BE(end) + 2
  const head = body.subarray(0, numbers)
  const bits = body.readUInt16BE(numbers)
  const rest = body.subarray(numbers + 2)
  const header = Buffer.alloc(2)
  switch (below(random, 4)) {
    case 0:
      header.writeUInt16BE(bits + 8)
      return Buffer.concat([head, header, Buffer.from([0]), rest])
    case 1:
      header.writeUInt16BE(below(random, 0x10000))
      return Buffer.concat([head, header, rest])
    case 2:
      return Buffer.concat([head, Buffer.alloc(2), rest])
    default:
      header.writeUInt16BE(bits)
      return Buffer.concat([head, header, Buffer.alloc(rest.length, below(random, 256))])
  }
}

interface Areas {
  hashed: Buffer[]
  unhashed: Buffer[]
}

/** Subpackets moved from one area to the other, doubled, dropped, invented, swapped or damaged. */
function mutatedAreas(random: Random, body: Buffer): Buffer {
  const hashedEnd = 6 + body.readUInt16BE(4)
  const unhashedEnd = hashedEnd + 2 + body.readUInt16BE(hashedEnd)
  const areas = {
    hashed: subpacketsOf(body.subarray(6, hashedEnd)),
    unhashed: subpacketsOf(body.subarray(hashedEnd + 2, unhashedEnd)),
  }
  for (let count = 1 + below(random, 2); count > 0; count--) mutateAreas(random, areas)
  return Buffer.concat([
    body.subarray(0, 4),
    ...[areas.hashed, areas.unhashed].flatMap(area => withLength(Buffer.concat(area))),
    body.subarray(unhashedEnd),
  ])
}

function mutateAreas(random: Random, areas: Areas): void {
  const [from, to] = chance(random, 0.3) ? [areas.hashed, areas.unhashed] : [areas.unhashed, areas.hashed]
  const at = below(random, from.length || 1)
  // Mostly what is not signed: all else only makes the signature bad.
  const into = chance(random, 0.8) ? areas.unhashed : areas.hashed
  switch (below(random, 5)) {
    case 0:
      to.push(...from.splice(at, 1))
      break
    case 1:
      from.splice(at, 1)
      break
    case 2:
      into.splice(below(random, into.length + 1), 0, ...[...from.slice(at, at + 1)])
      break
    case 3:
      into.splice(below(random, into.length + 1), 0, inventedSubpacket(random))
      break
    default:
      if (into.length > 0) into[into.length - 1] = flipped(random, into.at(-1)!)
  }
}

function inventedSubpacket(random: Random): Buffer {
  const type = pick(random, [
    2,
    3,
    4,
    9,
    12,
    16,
    20,
    20,
    26,
    27,
    28,
    32,
    33,
    34,
    38,
    39,
    99,
    below(random, 128),
  ])
  const notation = 'preferred-email-encoding@pgp.com'
  const body = pick(random, [
    Buffer.alloc(below(random, 24), below(random, 256)),
    Buffer.from([0, 0, 0, 1]),
    Buffer.alloc(8, below(random, 256)),
    Buffer.concat([Buffer.from([4]), Buffer.alloc(20, below(random, 256))]),
    Buffer.from(`\x80\0\0\0\0${String.fromCharCode(32 + 8 * below(random, 2))}\0\0${notation}`, 'latin1'),
  ])
  const critical = chance(random, 0.5) ? 0x80 : 0
  return Buffer.concat([Buffer.from([body.length + 1, type | critical]), body])
}

function subpacketsOf(area: Buffer): Buffer[] {
  const subpackets: Buffer[] = []
  for (let at = 0; at < area.length; at += 1 + area[at]!)
    subpackets.push(area.subarray(at, at + 1 + area[at]!))
  return subpackets
}

function withLength(area: Buffer): Buffer[] {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(area.length)
  return [length, area]
}

const interestingLines = [
  '',
  ' \t',
  'Suite: evil',
  'Hash: SHA512',
  'Hash: SHA1, SHA256',
  'Comment: x',
  'Version:',
  '=AAAA',
  'AAAA',
  'AA==',
  '-',
  '- ',
  '- x',
  '--',
  '-----BEGIN PGP SIGNED MESSAGE-----',
  '-----BEGIN PGP SIGNATURE-----',
  '-----END PGP SIGNATURE-----',
  '-----BEGIN PGP MESSAGE-----',
  'a\rb',
  '\f',
  '\v',
  '\xa0',
]

function mutatedLines(random: Random, document: Buffer): Buffer {
  const lines = document.toString('latin1').split('\n')
  const at = below(random, lines.length)
  const line = lines[at]!
  switch (below(random, 10)) {
    case 0:
      lines.splice(at, 1)
      break
    case 1:
      lines.splice(at, 0, line)
      break
    case 2:
      lines.splice(at, 0, pick(random, interestingLines))
      break
    case 3:
      lines[at] = pick(random, interestingLines)
      break
    case 4:
      lines[at] = line + pick(random, [' ', '\t', '\r', '\r\r', ' \r', '\f', '\v', '\0', '=', '-'])
      break
    case 5:
      lines[at] = pick(random, [' ', '- ', '-', '\t', '\r', '=3D', '\0']) + line
      break
    case 6:
      lines[at] = flipped(random, Buffer.from(line, 'latin1')).toString('latin1')
      break
    case 7:
      lines.splice(at, 2, line + (lines[at + 1] ?? ''))
      break
    case 8:
      return Buffer.from(lines.join(pick(random, ['\r\n', ' \n', '\n\n', '\r\r\n', '\r'])), 'latin1')
    default:
      return document.subarray(0, document.length - below(random, 200))
  }
  return Buffer.from(lines.join('\n'), 'latin1')
}

function chance(random: Random, probability: number): boolean {
  return random() < probability
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit)
}

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[below(random, values.length)]!
}
