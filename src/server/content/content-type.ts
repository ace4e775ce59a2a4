import type { ByteString } from '../../model/index.ts'

const bySuffix: Record<string, string> = {
  deb: 'application/vnd.debian.binary-package',
  udeb: 'application/vnd.debian.binary-package',
  gz: 'application/gzip',
  tgz: 'application/gzip',
  xz: 'application/x-xz',
  bz2: 'application/x-bzip2',
  lzma: 'application/x-lzma',
  lz4: 'application/x-lz4',
  zst: 'application/zstd',
  gpg: 'application/pgp-signature',
  dsc: 'text/plain; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
}

const documents = /^(?:Release|InRelease|Packages|Sources|Index|README|Translation-.*|Contents-.*)$/

/**
 * The Content-Type of a file of a repository, by its name. Compressed files are what they are, never an encoding of
 * something else. What a browser would run is not named: the bytes are somebody else's, the origin is ours.
 */
export function contentTypeOf(path: ByteString): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const suffix = name.slice(name.lastIndexOf('.') + 1)
  if (suffix !== name && Object.hasOwn(bySuffix, suffix)) return bySuffix[suffix]!
  return documents.test(name) && !name.includes('.')
    ? 'text/plain; charset=utf-8'
    : 'application/octet-stream'
}
