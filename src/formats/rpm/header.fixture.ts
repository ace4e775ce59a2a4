import { type WrittenTag, writeHeader } from './write-header.ts'
import { assembleRpm } from './write-rpm.ts'

export interface HandmadePackage {
  signature?: WrittenTag[]
  header: WrittenTag[]
  payload?: Buffer
}

/** The offset of an index entry's fields within a header's bytes. */
export function entryAt(index: number): { tag: number; type: number; offset: number; count: number } {
  const at = 16 + index * 16
  return { tag: at, type: at + 4, offset: at + 8, count: at + 12 }
}

/** A package around such headers, which rpmbuild never would write. */
export function packageBytesOf({
  signature = [],
  header,
  payload = Buffer.alloc(0),
}: HandmadePackage): Buffer {
  return assembleRpm(signature, writeHeader(header, 63), payload)
}
