/** As gpg: no number of a key or a signature has more bits. */
const maxBits = 16_384

/** Reads `count` multiprecision integers (RFC 4880, 3.2), without leading zeros. Undefined: truncated or oversized. */
export function readNumbers(
  bytes: Buffer,
  start: number,
  count: number,
): { numbers: Buffer[]; end: number } | undefined {
  const numbers: Buffer[] = []
  let offset = start
  for (let i = 0; i < count; i++) {
    if (offset + 2 > bytes.length) return undefined
    const bits = bytes.readUInt16BE(offset)
    const length = (bits + 7) >> 3
    if (bits > maxBits || offset + 2 + length > bytes.length) return undefined
    numbers.push(withoutLeadingZeros(bytes.subarray(offset + 2, offset + 2 + length)))
    offset += 2 + length
  }
  return { numbers, end: offset }
}

/** A multiprecision integer of these big-endian bytes. */
export function writeNumber(bytes: Buffer): Buffer {
  const number = withoutLeadingZeros(bytes)
  const bits = bitLength(number)
  return Buffer.concat([Buffer.from([bits >> 8, bits & 0xff]), number])
}

/** The number in exactly `length` bytes, or undefined when it does not fit. */
export function padded(number: Buffer, length: number): Buffer | undefined {
  if (number.length > length) return undefined
  return Buffer.concat([Buffer.alloc(length - number.length), number])
}

function withoutLeadingZeros(number: Buffer): Buffer {
  let start = 0
  while (start < number.length && number[start] === 0) start++
  return number.subarray(start)
}

export function bitLength(number: Buffer): number {
  return number.length === 0 ? 0 : number.length * 8 - (Math.clz32(number[0]!) - 24)
}
