import { YardError } from '../../model/index.ts'

/** Of the file header and of a program header (elf(5), Elf64_Ehdr and Elf64_Phdr). */
const headerBytes = 64
const segmentBytes = 56
const identification = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1])

/**
 * A program cut behind the last byte that its segments need: symbols, debug information and the table of sections, which only debuggers
 * read, are left out. Needs no tool of the machine, so that a program for another architecture comes out the same everywhere.
 * @param bytes of a 64-bit little-endian ELF file.
 * @param object what it is, for messages.
 * @throws YardError `invalid` for anything else, or one that is cut short.
 */
export function withoutSymbols(bytes: Buffer, object: string): Buffer {
  if (bytes.length < headerBytes || !bytes.subarray(0, identification.length).equals(identification))
    throw fault(object, 'it does not begin as one')
  const table = Number(bytes.readBigUInt64LE(32))
  const count = bytes.readUInt16LE(56)
  if (count === 0 || bytes.readUInt16LE(54) !== segmentBytes) throw fault(object, 'it has no segments')
  const tableEnd = table + count * segmentBytes
  if (tableEnd > bytes.length) throw fault(object, 'it is cut short')
  let end = tableEnd
  for (let at = table; at < tableEnd; at += segmentBytes)
    end = Math.max(end, Number(bytes.readBigUInt64LE(at + 8) + bytes.readBigUInt64LE(at + 32)))
  if (end > bytes.length) throw fault(object, 'it is cut short')
  const cut = Buffer.from(bytes.subarray(0, end))
  cut.writeBigUInt64LE(0n, 40)
  cut.writeUInt16LE(0, 60)
  cut.writeUInt16LE(0, 62)
  return cut
}

function fault(object: string, why: string): YardError {
  return new YardError('invalid', `${object} is no 64-bit ELF program: ${why}`)
}
