import { linesOf } from './lines.ts'

export type ArmourLabel = 'PUBLIC KEY BLOCK' | 'PRIVATE KEY BLOCK' | 'SIGNATURE'

/** Bytes, or why they could not be read. */
export type Read<Value> = { value: Value; fault?: undefined } | { value?: undefined; fault: string }

/**
 * Reads the ASCII armour (RFC 4880, 6.2) of one or more blocks with this label; their contents are joined.
 * `strict`: nothing may stand outside the blocks, not even an empty line (apt's rule for signatures).
 * The checksum is optional, but when it is there it must be right.
 */
export function readArmour(text: Buffer, label: ArmourLabel, strict: boolean): Read<Buffer> {
  const contents: Buffer[] = []
  let block: Block | undefined
  for (const { start, end } of linesOf(text)) {
    const line = text.toString('latin1', start, end)
    if (block === undefined) {
      if (line === `-----BEGIN PGP ${label}-----`)
        block = { inHeaders: true, base64: [], checksum: undefined }
      else if (strict) return { fault: 'there is text outside of its armour' }
    } else if (line === `-----END PGP ${label}-----`) {
      const content = decode(block)
      if (content.fault !== undefined) return content
      contents.push(content.value)
      block = undefined
    } else {
      const fault = addLine(block, line)
      if (fault !== undefined) return { fault }
    }
  }
  if (block !== undefined) return { fault: 'its armour has no end' }
  if (contents.length === 0) return { fault: `it has no ${label.toLowerCase()}` }
  return { value: Buffer.concat(contents) }
}

/** One block, lines of 64 characters, with a checksum (older programs insist on it). */
export function writeArmour(label: ArmourLabel, content: Uint8Array): string {
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [
    `-----BEGIN PGP ${label}-----`,
    '',
    ...lines,
    `=${checksumOf(content)}`,
    `-----END PGP ${label}-----`,
    '',
  ].join('\n')
}

interface Block {
  inHeaders: boolean
  base64: string[]
  checksum: string | undefined
}

function addLine(block: Block, line: string): string | undefined {
  if (line.startsWith('-')) return 'a line within its armour begins with a dash'
  if (block.inHeaders) {
    if (line === '') block.inHeaders = false
    else if (!/^[^\s:]+:( |$)/.test(line)) return 'no empty line ends the headers of its armour'
    return undefined
  }
  if (line === '') return undefined
  if (block.checksum !== undefined) return 'its armour goes on after the checksum'
  if (/^=[A-Za-z0-9+/]{4}$/.test(line)) block.checksum = line.slice(1)
  else if (/^[A-Za-z0-9+/]+={0,2}$/.test(line) && block.base64.at(-1)?.endsWith('=') !== true)
    block.base64.push(line)
  else return 'its armour is not base64'
  return undefined
}

function decode(block: Block): Read<Buffer> {
  const content = Buffer.from(block.base64.join(''), 'base64')
  if (content.length === 0) return { fault: 'its armour is empty' }
  if (block.checksum !== undefined && block.checksum !== checksumOf(content))
    return { fault: "its armour's checksum is wrong" }
  return { value: content }
}

/** CRC-24 (RFC 4880, 6.1) in base64. */
function checksumOf(content: Uint8Array): string {
  let crc = 0xb704ce
  for (const byte of content) crc = ((crc << 8) & 0xffffff) ^ crcTable[(crc >> 16) ^ byte]!
  return Buffer.from([crc >> 16, (crc >> 8) & 0xff, crc & 0xff]).toString('base64')
}

const crcTable = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 16
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc & 0x800000) === 0 ? 0 : 0x1864cfb)
  return crc & 0xffffff
})
