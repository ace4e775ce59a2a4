import { type ByteString, byteStringOf, YardError } from '../../model/index.ts'

export const blockSize = 512

/** One header block, before long names and extended headers are applied. */
export interface TarHeader {
  path: ByteString
  target: ByteString
  /** The type flag, one byte. */
  flag: ByteString
  mode: number
  /** Of what follows, in bytes. */
  size: number
}

/**
 * One header block (POSIX.1-1988 ustar; v7 and GNU are the same where it matters). Undefined for a block of zeros, the end mark.
 * @throws YardError `invalid` for a wrong checksum, a number that is none, a negative or inexact size.
 */
export function parseHeader(block: Buffer, object: string, offset: number): TarHeader | undefined {
  if (block.every(byte => byte === 0)) return undefined
  const number = (start: number, end: number, what: string) =>
    parseNumber(block.subarray(start, end), () => tarFault(object, offset, `the ${what} is not a number`))
  verifyChecksum(block, number(148, 156, 'checksum of a header'), object, offset)
  const name = text(block, 0, 100)
  const prefix = isPosix(block) ? text(block, 345, 500) : ''
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    target: text(block, 157, 257),
    flag: byteStringOf(block.subarray(156, 157)),
    mode: number(100, 108, 'mode of an entry') & 0o7777,
    size: number(124, 136, 'size of an entry'),
  }
}

export function tarFault(object: string, offset: number, why: string): YardError {
  return new YardError('invalid', `${object} is no valid tar archive: at byte ${offset}, ${why}`)
}

/** Only POSIX archives have a prefix; GNU ones ("ustar  ") keep times in its place. */
function isPosix(block: Buffer): boolean {
  return block.subarray(257, 263).equals(Buffer.from('ustar\0'))
}

function text(block: Buffer, start: number, end: number): ByteString {
  const field = block.subarray(start, end)
  const nul = field.indexOf(0)
  return byteStringOf(nul === -1 ? field : field.subarray(0, nul))
}

/** The sum of all bytes with the checksum's own as spaces; some old programs summed signed bytes. */
function verifyChecksum(block: Buffer, expected: number, object: string, offset: number): void {
  let unsigned = 8 * 0x20
  let signed = unsigned
  for (let i = 0; i < blockSize; i++) {
    if (i >= 148 && i < 156) continue
    unsigned += block[i]!
    signed += block.readInt8(i)
  }
  if (expected !== unsigned && expected !== signed)
    throw tarFault(object, offset, 'the checksum of a header is wrong')
}

/** Octal digits among spaces and NULs, or (GNU) a big-endian number marked by the highest bit. */
function parseNumber(field: Buffer, fault: () => YardError): number {
  if (field[0] === 0x80) {
    const value = BigInt(`0x${field.toString('hex', 1)}`)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw fault()
    return Number(value)
  }
  const digits = /^ *([0-7]*)[ \0]*$/.exec(byteStringOf(field))
  if (digits === null) throw fault()
  return digits[1] === '' ? 0 : Number.parseInt(digits[1]!, 8)
}
