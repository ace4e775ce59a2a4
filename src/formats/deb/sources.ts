import { type ByteString, checkPath, type Digest, YardError } from '../../model/index.ts'
import { checkToken } from '../index-token.ts'
import { fieldsOf, selectFields } from './deb822.ts'
import { parseDigestLines } from './digest-lines.ts'
import { withoutDotSlash } from './packages.ts'

/** One source package as a Sources index describes it. */
export interface SourceEntry {
  name: ByteString
  version: ByteString
  /** Of its `.dsc`, which names its other files with their digests: the identity of the source package. */
  digest: Digest
  /** Its files, in the order of the index. `path` is relative to the repository's base, `size` in bytes. */
  files: { path: ByteString; size: number; sha256: Digest }[]
}

const selection = selectFields('Package', 'Version', 'Directory', 'Checksums-Sha256', 'Files')

/**
 * Reads one stanza of a Sources index (Debian repository format, "Sources indices"). `object` names the index in messages.
 * @throws YardError `invalid`: a malformed stanza, a missing or malformed field, a path that leaves the repository;
 *   `untrusted`: a file without SHA-256.
 */
export function readSourceStanza(stanza: Buffer, object: string): SourceEntry {
  const [package_, version, directory, checksums, weak] = fieldsOf(stanza, selection, object)
  const name = checkToken(package_, 'Package', () => `${object}: source stanza`)
  const where = `${object}: source package ${name}`
  const lines = parseDigestLines(checksums ?? '', 64, `${where}: Checksums-Sha256`)
  checkComplete(
    lines.map(line => checkToken(line.name, 'file name', () => where)),
    weak ?? '',
    where,
  )
  const files = lines.map(line => ({
    path: join(directory ?? '', line.name, where),
    size: line.size,
    sha256: line.digest as Digest,
  }))
  return {
    name,
    version: checkToken(version, 'Version', () => where),
    digest: descriptionOf(files, where),
    files,
  }
}

function descriptionOf(files: SourceEntry['files'], where: string): Digest {
  const descriptions = files.filter(file => file.path.endsWith('.dsc'))
  if (descriptions.length === 1) return descriptions[0]!.sha256
  throw new YardError('invalid', `${where}: it names ${descriptions.length} .dsc files, not one`)
}

function join(directory: ByteString, name: ByteString, where: string): ByteString {
  const slash = directory === '' || directory.endsWith('/') ? '' : '/'
  return checkPath(withoutDotSlash(directory + slash + name), where)
}

/** Every file that `Files` (MD5) names must have its SHA-256, and no path may stand twice. */
function checkComplete(names: ByteString[], weak: ByteString, where: string): void {
  const strong = new Set(names)
  if (strong.size !== names.length) throw new YardError('invalid', `${where}: it names a file twice`)
  const listed = parseDigestLines(weak, 32, `${where}: Files`)
  if (names.length === 0 || listed.some(line => !strong.has(line.name)))
    throw new YardError('untrusted', `${where}: it has files without SHA-256; MD5 does not count`, {
      hint: 'ask whoever publishes the repository to list Checksums-Sha256',
    })
}
