import { type ByteString, byteStringOf, bytesOf, canonicalJson, YardError } from '../../model/index.ts'

/** Lists of numbers (32 bits, signed) and of texts without NUL, by names. */
export type Sections = { [name: string]: Int32Array | ByteString[] }

const magic = 'switchyard closure 1'

/** One run of bytes: a line of JSON that names the sections, then each of them. */
export function joinSections(sections: Sections): Buffer {
  const parts = Object.entries(sections).map(([name, section]) => {
    const bytes =
      section instanceof Int32Array
        ? Buffer.from(section.buffer, section.byteOffset, section.byteLength)
        : bytesOf(section.join('\0'))
    return { name, kind: section instanceof Int32Array ? 'numbers' : 'texts', count: section.length, bytes }
  })
  const head = canonicalJson({
    magic,
    sections: parts.map(({ name, kind, count, bytes }) => ({ name, kind, count, bytes: bytes.length })),
  })
  return Buffer.concat([Buffer.from(`${head}\n`), ...parts.map(({ bytes }) => bytes)])
}

/** @throws YardError `damaged` for bytes that `joinSections` did not write. */
export function splitSections(bytes: Buffer): Sections {
  const end = bytes.indexOf(10)
  const head = JSON.parse(bytes.toString('utf8', 0, end)) as {
    magic: string
    sections: { name: string; kind: string; count: number; bytes: number }[]
  }
  if (head.magic !== magic) throw new YardError('damaged', `not a memory of closure checks: ${head.magic}`)
  const sections: Sections = {}
  let at = end + 1
  for (const { name, kind, count, bytes: length } of head.sections) {
    const part = bytes.subarray(at, at + length)
    if (part.length < length) throw new YardError('damaged', 'a memory of closure checks is cut short')
    at += length
    sections[name] =
      kind === 'numbers'
        ? new Int32Array(new Uint8Array(part).buffer)
        : count === 0
          ? []
          : byteStringOf(part).split('\0')
  }
  return sections
}
