import { type ByteString, checkPath, type Digest, YardError } from '../../model/index.ts'
import { parseStanza } from './deb822.ts'
import { type DigestLine, parseDigestLines } from './digest-lines.ts'
import { onlyStanza } from './release.ts'

/** A compressed patch file that a `*.diff/Index` names. */
export interface PatchFile {
  /** Relative to the directory of the `Index`. */
  name: ByteString
  /** In bytes. */
  size: number
  sha256: Digest
}

/**
 * The patch files of an index's patches (Debian repository format, "indices diffs"), in the order of the Index. `object`
 * names it in messages.
 * @throws YardError `invalid`: malformed, a path that leaves the directory, or a patch whose compressed file has no SHA-256
 *   (`SHA256-Download` is missing or does not name it).
 */
export function parsePatchIndex(bytes: Buffer, object: string): PatchFile[] {
  const fields = parseStanza(onlyStanza(bytes, object), object)
  const lines = (field: string) => parseDigestLines(fields.get(field) ?? '', 64, `${object}: ${field}`)
  const files = lines('sha256-download').map(({ name, size, digest }) => ({
    name: checkPath(name, object),
    size,
    sha256: digest as Digest,
  }))
  checkComplete(files, lines('sha256-patches'), object)
  return files
}

function checkComplete(files: PatchFile[], patches: DigestLine[], object: string): void {
  const stems = new Set(files.map(file => file.name.replace(/\.(gz|xz|bz2|zst)$/, '')))
  const missing = patches.find(patch => !stems.has(patch.name))
  if (missing === undefined) return
  throw new YardError(
    'invalid',
    `${object}: the patch ${JSON.stringify(missing.name.slice(0, 200))} is named without the SHA-256 of its file`,
    { hint: 'mirror the suite without its patch indexes' },
  )
}
