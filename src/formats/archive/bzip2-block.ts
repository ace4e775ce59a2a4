import type { BitReader } from './bit-reader.ts'

const maxCodeLength = 20
const symbolsPerSelector = 50
const outputSize = 64 * 1024

/** A canonical Huffman code, its symbols in the order of their codes. */
interface Code {
  shortest: number
  longest: number
  /** By length: 20 bits that begin with a code of that length, or of a shorter one, are less than this. */
  limit: Int32Array
  /** By length: what to subtract from a code to get its place in `symbols`. */
  base: Int32Array
  symbols: Uint16Array
}

/**
 * One bzip2 block, after its magic number. `content` gives the decoded bytes once and throws at the end when the block's CRC is wrong;
 * the bits behind the block are already the next thing to read.
 * @throws Error when the data is corrupt or ends.
 */
export function decodeBlock(bits: BitReader, maxSize: number): { content: Iterable<Buffer>; crc: number } {
  const crc = bits.read(32)
  if (bits.read(1) === 1) throw corrupt('it is randomised, which no bzip2 since 0.9.5 writes')
  const origin = bits.read(24)
  const { last, count } = readTransformed(bits, maxSize)
  if (origin >= count) throw corrupt('the origin lies outside')
  return { content: verified(expandRuns(bytesInOrder(last, count, origin)), crc), crc }
}

/** The last column of the sorted rotations: Huffman codes, undone move-to-front, undone runs of zeros. */
function readTransformed(bits: BitReader, maxSize: number): { last: Uint32Array; count: number } {
  const front = readAlphabet(bits)
  const codeCount = bits.read(3)
  if (codeCount < 2 || codeCount > 6) throw corrupt('it has a wrong number of codes')
  const selectors = readSelectors(bits, codeCount)
  const codes = Array.from({ length: codeCount }, () => readCode(bits, front.length + 2))
  return readSymbols(bits, front, selectors, codes, maxSize)
}

function readSymbols(
  bits: BitReader,
  front: Uint8Array,
  selectors: Uint8Array,
  codes: Code[],
  maxSize: number,
): { last: Uint32Array; count: number } {
  const last = new Uint32Array(maxSize)
  const endOfBlock = front.length + 1
  let count = 0
  let run = 0
  let runUnit = 1
  for (let position = 0; ; position++) {
    const selector = selectors[Math.floor(position / symbolsPerSelector)]
    if (selector === undefined) throw corrupt('it goes on after its last code')
    const symbol = readSymbol(bits, codes[selector]!)
    if (symbol <= 1) {
      // A run's length in bijective base 2: symbol 0 is the digit 1, symbol 1 the digit 2.
      run += runUnit << symbol
      runUnit *= 2
      if (count + run > maxSize) throw corrupt('it is larger than its size allows')
      continue
    }
    if (run > 0) {
      last.fill(front[0]!, count, count + run)
      count += run
      run = 0
      runUnit = 1
    }
    if (symbol === endOfBlock) return { last, count }
    if (count >= maxSize) throw corrupt('it is larger than its size allows')
    last[count++] = moveToFront(front, symbol - 1)
  }
}

function moveToFront(front: Uint8Array, index: number): number {
  const value = front[index]!
  for (let i = index; i > 0; i--) front[i] = front[i - 1]!
  front[0] = value
  return value
}

/** Which byte values occur: a map of sixteen groups, then a map for each group that has any. */
function readAlphabet(bits: BitReader): Uint8Array {
  const groups = bits.read(16)
  const alphabet: number[] = []
  for (let group = 0; group < 16; group++) {
    if ((groups & (0x8000 >> group)) === 0) continue
    const members = bits.read(16)
    for (let i = 0; i < 16; i++) if ((members & (0x8000 >> i)) !== 0) alphabet.push(group * 16 + i)
  }
  if (alphabet.length === 0) throw corrupt('it uses no byte at all')
  return Uint8Array.from(alphabet)
}

/** Which code every group of fifty symbols is written in, in move-to-front form and unary numbers. */
function readSelectors(bits: BitReader, codeCount: number): Uint8Array {
  const selectors = new Uint8Array(bits.read(15))
  const front = Uint8Array.from({ length: codeCount }, (_, i) => i)
  for (let i = 0; i < selectors.length; i++) {
    let index = 0
    while (bits.read(1) === 1) if (++index >= codeCount) throw corrupt('it names a code that is not there')
    selectors[i] = moveToFront(front, index)
  }
  return selectors
}

/** Code lengths as steps from the one before, then the canonical code that they define. */
function readCode(bits: BitReader, symbolCount: number): Code {
  const lengths = new Uint8Array(symbolCount)
  let length = bits.read(5)
  for (let i = 0; i < symbolCount; i++) {
    for (;;) {
      if (length < 1 || length > maxCodeLength) throw corrupt('a code is longer than 20 bits')
      if (bits.read(1) === 0) break
      length += bits.read(1) === 0 ? 1 : -1
    }
    lengths[i] = length
  }
  return canonicalCode(lengths)
}

function canonicalCode(lengths: Uint8Array): Code {
  const limit = new Int32Array(maxCodeLength + 1)
  const base = new Int32Array(maxCodeLength + 1)
  const symbols = new Uint16Array(lengths.length)
  let code = 0
  let place = 0
  for (let length = 1; length <= maxCodeLength; length++) {
    base[length] = code - place
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue
      symbols[place++] = symbol
      code++
    }
    if (code > 1 << length) throw corrupt('a code has too many symbols')
    limit[length] = code << (maxCodeLength - length)
    code *= 2
  }
  return { shortest: Math.min(...lengths), longest: Math.max(...lengths), limit, base, symbols }
}

function readSymbol(bits: BitReader, { shortest, longest, limit, base, symbols }: Code): number {
  const window = bits.peek(maxCodeLength)
  let length = shortest
  while (length <= longest && window >= limit[length]!) length++
  if (length > longest) throw corrupt('it has a code that means nothing')
  bits.skip(length)
  return symbols[(window >>> (maxCodeLength - length)) - base[length]!]!
}

/** Undoes the Burrows-Wheeler transform: `last` holds a byte in its low 8 bits and gets each row's successor above them. */
function* bytesInOrder(last: Uint32Array, count: number, origin: number): Generator<Uint8Array, void> {
  const starts = new Uint32Array(257)
  for (let i = 0; i < count; i++) starts[last[i]! + 1]!++
  for (let value = 0; value < 256; value++) starts[value + 1]! += starts[value]!
  for (let i = 0; i < count; i++) last[starts[last[i]! & 0xff]!++]! |= i << 8
  let row = last[origin]! >>> 8
  for (let done = 0; done < count; done += outputSize) {
    const chunk = new Uint8Array(Math.min(outputSize, count - done))
    for (let i = 0; i < chunk.length; i++) {
      const entry = last[row]!
      chunk[i] = entry & 0xff
      row = entry >>> 8
    }
    yield chunk
  }
}

/** Undoes the first run-length coding: after four equal bytes comes a count of further ones. */
function* expandRuns(chunks: Iterable<Uint8Array>): Generator<Buffer, void> {
  let output = Buffer.allocUnsafe(outputSize)
  let used = 0
  let previous = -1
  let equal = 0
  for (const chunk of chunks) {
    for (const byte of chunk) {
      if (used + 255 > outputSize) {
        yield output.subarray(0, used)
        output = Buffer.allocUnsafe(outputSize)
        used = 0
      }
      if (equal === 4) {
        output.fill(previous, used, used + byte)
        used += byte
        equal = 0
        previous = -1
        continue
      }
      equal = byte === previous ? equal + 1 : 1
      previous = byte
      output[used++] = byte
    }
  }
  yield output.subarray(0, used)
}

function* verified(chunks: Iterable<Buffer>, expected: number): Generator<Buffer, void> {
  let crc = -1
  for (const chunk of chunks) {
    for (const byte of chunk) crc = (crc << 8) ^ crcTable[((crc >>> 24) ^ byte) & 0xff]!
    yield chunk
  }
  if (~crc >>> 0 !== expected) throw corrupt('its CRC is wrong')
}

/** CRC-32 with the polynomial 04C11DB7, most significant bit first (not the one of zlib, which is reflected). */
const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24
  for (let i = 0; i < 8; i++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1
  return value
})

function corrupt(why: string): Error {
  return new Error(`its data is corrupt: in a block, ${why}`)
}
