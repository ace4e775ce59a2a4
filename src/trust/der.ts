/** The little of DER (X.690) that certificates, lists of revoked ones (RFC 5280) and encrypted private keys (RFC 5958) need. */
function element(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content])
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length]
  const octets: number[] = []
  for (let rest = length; rest > 0; rest >>= 8) octets.unshift(rest & 0xff)
  return [0x80 | octets.length, ...octets]
}

export function sequence(...parts: Uint8Array[]): Buffer {
  return element(0x30, ...parts)
}

/** A non-negative integer from its big-endian bytes without leading zeros. */
export function integer(number: Buffer): Buffer {
  const needsZero = number.length === 0 || number[0]! >= 0x80
  return element(0x02, ...(needsZero ? [Buffer.from([0]), number] : [number]))
}

export function objectIdentifier(hexadecimal: string): Buffer {
  return element(0x06, Buffer.from(hexadecimal, 'hex'))
}

/** @param unused bits at the end of the last byte. */
export function bitString(content: Uint8Array, unused = 0): Buffer {
  return element(0x03, Buffer.from([unused]), content)
}

export function octetString(content: Uint8Array): Buffer {
  return element(0x04, content)
}

export function nothing(): Buffer {
  return element(0x05)
}

export function set(...parts: Uint8Array[]): Buffer {
  return element(0x31, ...parts)
}

export function utf8String(text: string): Buffer {
  return element(0x0c, Buffer.from(text, 'utf8'))
}

export const yes = element(0x01, Buffer.from([0xff]))

/** `[number]`, of parts (constructed) or of bytes that its context gives a type. */
export function tagged(number: number, content: { parts: Uint8Array[] } | { bytes: Uint8Array }): Buffer {
  return 'parts' in content ? element(0xa0 | number, ...content.parts) : element(0x80 | number, content.bytes)
}

/** UTCTime before 2050, GeneralizedTime from then on (RFC 5280, 4.1.2.5). @param milliseconds since the epoch. */
export function time(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, '')
  return text < '2050' ? element(0x17, Buffer.from(text.slice(2))) : element(0x18, Buffer.from(text))
}
