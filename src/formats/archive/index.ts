export type { ArMember } from './ar.ts'
export {
  type Compression,
  compressionOf,
  type DecompressLimits,
  decompress,
  decompressAll,
  decompressExactly,
} from './decompress.ts'
export { gzipFrame } from './gzip-frames.ts'
export type { PackedEntry } from './packed-entry.ts'
export { readTar, type TarEntry, type TarEntryType, type TarLimits } from './tar.ts'
export { assembleXz, blockOf, type XzBlock, type XzCheck } from './xz-blocks.ts'
export { zstdFrame } from './zstd-frame.ts'
