import { crc32 } from 'node:zlib'
import { YardError } from '../../model/index.ts'

/** How the content of each block is checked (".xz file format", 2.1.1.2). One stream has one. */
export type XzCheck = 'none' | 'crc32' | 'crc64' | 'sha256'

/** One block of an .xz stream, ready to stand in another stream with the same check. */
export interface XzBlock {
  check: XzCheck
  /** Block header, compressed data, padding and check. */
  bytes: Buffer
  /** Of `bytes`, without the padding. */
  unpaddedSize: number
  uncompressedSize: number
}

const headerMagic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])
const footerMagic = Buffer.from('YZ')
const headerSize = 12
const footerSize = 12
const checkTypes: { [check in XzCheck]: number } = { none: 0x00, crc32: 0x01, crc64: 0x04, sha256: 0x0a }

/**
 * Cuts the one block out of a complete .xz stream of a single block, as an encoder makes it for a chunk. The framing is
 * verified (".xz file format" 1.2, sections 2 to 4), the compressed data is not touched.
 * @throws YardError `invalid` when it is anything but one intact stream with exactly one block.
 */
export function blockOf(xzStream: Buffer): XzBlock {
  const check = readStreamFrame(xzStream)
  const indexSize = (xzStream.readUInt32LE(xzStream.length - 8) + 1) * 4
  const indexStart = xzStream.length - footerSize - indexSize
  if (indexStart < headerSize) throw fault('its index is larger than the stream')
  const record = readSingleRecord(xzStream.subarray(indexStart, indexStart + indexSize))
  const bytes = xzStream.subarray(headerSize, indexStart)
  if (bytes.length !== padded(record.unpaddedSize))
    throw fault('the index does not match the size of the block')
  verifyBlockHeader(bytes)
  return { check, bytes, ...record }
}

/**
 * One .xz stream that holds these blocks in order, with its own header, index and footer. No blocks give the valid
 * stream of nothing. The uncompressed content is that of the blocks, one after another.
 * @throws YardError `invalid` when a block has another check.
 */
export function assembleXz(blocks: readonly XzBlock[], check: XzCheck): Buffer {
  const stranger = blocks.find(block => block.check !== check)
  if (stranger !== undefined)
    throw new YardError(
      'invalid',
      `a block checked with ${stranger.check} cannot stand in a stream of ${check}`,
    )
  const flags = Buffer.from([0x00, checkTypes[check]])
  const index = indexOf(blocks)
  const backward = Buffer.concat([uint32(index.length / 4 - 1), flags])
  return Buffer.concat([
    headerMagic,
    flags,
    uint32(crc32(flags)),
    ...blocks.map(block => block.bytes),
    index,
    uint32(crc32(backward)),
    backward,
    footerMagic,
  ])
}

/** Stream header and footer (2.1.1, 2.1.2), which must agree; gives the check they name. */
function readStreamFrame(stream: Buffer): XzCheck {
  if (stream.length < headerSize + footerSize + 8 || stream.length % 4 !== 0)
    throw fault('its length is not that of a stream')
  if (!stream.subarray(0, 6).equals(headerMagic)) throw fault('it has no stream header')
  const flags = stream.subarray(6, 8)
  if (crc32(flags) !== stream.readUInt32LE(8)) throw fault('the CRC of its header is wrong')
  const footer = stream.subarray(-footerSize)
  if (!footer.subarray(10).equals(footerMagic)) throw fault('it has no stream footer')
  if (crc32(footer.subarray(4, 10)) !== footer.readUInt32LE(0)) throw fault('the CRC of its footer is wrong')
  if (!footer.subarray(8, 10).equals(flags)) throw fault('its header and footer differ')
  const check = (Object.keys(checkTypes) as XzCheck[]).find(name => checkTypes[name] === flags[1])
  if (flags[0] !== 0 || check === undefined) throw fault('its check is unknown')
  return check
}

/** Index (4) with one record. */
function readSingleRecord(index: Buffer): { unpaddedSize: number; uncompressedSize: number } {
  const end = index.length - 4
  if (crc32(index.subarray(0, end)) !== index.readUInt32LE(end)) throw fault('the CRC of its index is wrong')
  const [count, afterCount] = readInteger(index, 1)
  if (index[0] !== 0 || count !== 1) throw fault(`it has ${count} blocks, one is wanted`)
  const [unpaddedSize, afterUnpadded] = readInteger(index, afterCount)
  const [uncompressedSize, afterRecord] = readInteger(index, afterUnpadded)
  if (padded(afterRecord) !== end || index.subarray(afterRecord, end).some(byte => byte !== 0))
    throw fault('its index has something after its records')
  return { unpaddedSize, uncompressedSize }
}

/** Block header (3.1): its size, real size = (stored + 1) * 4, and its CRC. */
function verifyBlockHeader(block: Buffer): void {
  const size = ((block[0] ?? 0) + 1) * 4
  if (block[0] === 0 || size > block.length) throw fault('its block header is cut short')
  if (crc32(block.subarray(0, size - 4)) !== block.readUInt32LE(size - 4))
    throw fault('the CRC of its block header is wrong')
}

function indexOf(blocks: readonly XzBlock[]): Buffer {
  const records = blocks.flatMap(block => [
    writeInteger(block.unpaddedSize),
    writeInteger(block.uncompressedSize),
  ])
  const body = Buffer.concat([Buffer.from([0x00]), writeInteger(blocks.length), ...records])
  const index = Buffer.concat([body, Buffer.alloc(padded(body.length) - body.length)])
  return Buffer.concat([index, uint32(crc32(index))])
}

/** A multibyte integer (1.2): seven bits a byte, least significant first; limited here to what a number holds exactly. */
function readInteger(bytes: Buffer, start: number): [value: number, end: number] {
  let value = 0
  for (let i = 0; i < 8; i++) {
    const byte = bytes[start + i]
    if (byte === undefined || (byte === 0 && i > 0)) break
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80 && Number.isSafeInteger(value)) return [value, start + i + 1]
  }
  throw fault('its index has a malformed number')
}

function writeInteger(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
  return Buffer.from(bytes)
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4
}

function fault(why: string): YardError {
  return new YardError('invalid', `not an .xz stream of one block: ${why}`)
}
