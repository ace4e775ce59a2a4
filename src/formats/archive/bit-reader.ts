/** Bits of a byte sequence, most significant first. */
export interface BitReader {
  /** The next 1 to 32 bits as an unsigned number. @throws Error when there are not so many. */
  read(count: number): number
  /** The next 1 to 24 bits without taking them; zeros stand for those behind the end. */
  peek(count: number): number
  /** Takes bits that `peek` has shown. @throws Error when there are not so many. */
  skip(count: number): void
  /** Passes over the bits up to the next whole byte. */
  alignToByte(): void
  /** Whole bytes that were not touched yet. */
  available(): number
  append(bytes: Buffer): void
}

export function createBitReader(): BitReader {
  let bytes: Buffer = Buffer.alloc(0)
  let position = 0
  let held = 0
  let heldBits = 0

  function read(count: number): number {
    if (count > 24) return read(count - 16) * 2 ** 16 + read(16)
    const value = peek(count)
    skip(count)
    return value
  }

  function peek(count: number): number {
    while (heldBits < count && position < bytes.length) {
      held = (held << 8) | bytes[position++]!
      heldBits += 8
    }
    const bits = heldBits >= count ? held >>> (heldBits - count) : held << (count - heldBits)
    return bits & ((1 << count) - 1)
  }

  function skip(count: number): void {
    if (heldBits < count) throw new Error('it is cut short')
    heldBits -= count
  }

  return {
    read,
    peek,
    skip,
    alignToByte: () => {
      heldBits -= heldBits % 8
    },
    available: () => bytes.length - position + Math.floor(heldBits / 8),
    append: more => {
      bytes = position === bytes.length ? more : Buffer.concat([bytes.subarray(position), more])
      position = 0
    },
  }
}
