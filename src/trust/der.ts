/** The little of DER (X.690) that a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) and an encrypted private key (RFC 5958) need. */
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

export function bitString(content: Uint8Array): Buffer {
  return element(0x03, Buffer.from([0]), content)
}

export function octetString(content: Uint8Array): Buffer {
  return element(0x04, content)
}

export function nothing(): Buffer {
  return element(0x05)
}
