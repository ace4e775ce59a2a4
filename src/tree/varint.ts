/**
 * Unsigned integers as little-endian groups of seven bits, the high bit set on every byte but the last
 * (docs/format/tree.md, "Integers"). One value has one encoding: the shortest.
 */

/** Bytes that are read from the front; `at` is the offset of the next one. */
export interface ByteSource {
  readonly bytes: Uint8Array
  at: number
}

/** A 53-bit integer takes eight groups of seven bits. */
const longest = 8

/** How many bytes the integer takes. */
export function varintLength(value: number): number {
  let length = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++
  return length
}

/** Writes the integer at `at` and gives the offset behind it. The caller has made room. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value
  while (rest > 127) {
    target[at++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  target[at++] = rest
  return at
}

/** Takes one integer, or gives undefined when it is cut short, longer than needed, or above 2^53 - 1. */
export function readVarint(source: ByteSource): number | undefined {
  const first = source.bytes[source.at]
  if (first === undefined || first < 128) {
    source.at++
    return first
  }
  return readLongVarint(source)
}

function readLongVarint(source: ByteSource): number | undefined {
  let value = 0
  let scale = 1
  for (let length = 1; length <= longest; length++) {
    const byte = source.bytes[source.at++]
    if (byte === undefined) return undefined
    value += (byte & 127) * scale
    if (byte < 128) return byte === 0 || !Number.isSafeInteger(value) ? undefined : value
    scale *= 128
  }
  return undefined
}
