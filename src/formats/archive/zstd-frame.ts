import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'

const compress = promisify(zstdCompress)

/**
 * One complete zstd frame (RFC 8878, 3.1.1) with content size and checksum: level 10 unless told. The same bytes give the same frame wherever
 * the same zstd runs, and frames one after another are one valid file.
 */
export function zstdFrame(bytes: Uint8Array, level = 10): Promise<Buffer> {
  return compress(bytes, {
    params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 },
    pledgedSrcSize: bytes.length,
  })
}
