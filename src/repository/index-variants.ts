import { compressionOf } from '../formats/index.ts'
import type { ByteString } from '../model/index.ts'

/** Endings under which an index is offered compressed. */
const endings = ['.gz', '.xz', '.zst', '.bz2']

/**
 * Of an uncompressed index: the paths whose bytes decompress to it, should the tree have them. Release lists the
 * uncompressed file for its digest's sake, and most servers do not keep it. Empty for package files and for what is compressed.
 */
export function variantsOf(path: ByteString): ByteString[] {
  const isPlain = !/\.(u?deb|dsc|lzma)$/.test(path) && compressionOf(path) === 'none'
  return isPlain ? endings.map(ending => path + ending) : []
}
