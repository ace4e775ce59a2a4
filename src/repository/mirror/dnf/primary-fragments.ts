import { compressionOf, decompress, type FragmentedDocument, fragmentsOf } from '../../../formats/index.ts'
import { type ByteString, createHasher, type Digest, YardError } from '../../../model/index.ts'
import type { RepositoryContext } from '../../context.ts'

/** A document of repodata that is in the store. */
export interface StoredDocument {
  /** Its name says how it is compressed. */
  path: ByteString
  digest: Digest
  /** What its uncompressed bytes must be, as far as repomd.xml says so. */
  open?: { digest?: Digest | undefined; size?: number | undefined } | undefined
}

/** The filelists of Fedora have 1 GB; ten times the largest known is an attack or damage. */
const maxDocumentBytes = 16 * 1024 ** 3
/** A kernel's devel package has 2 MB of file list. */
export const maxFragmentBytes = 64 * 1024 * 1024

/**
 * The fragments of a document, one at a time: memory does not grow with it. They may share memory with the next one.
 * @throws YardError `invalid` when it is malformed or its head lies about the number of packages; at its end `damaged`
 *   when it does not decompress to what repomd.xml says.
 */
export function documentFragments(
  context: RepositoryContext,
  stored: StoredDocument,
  document: FragmentedDocument,
): AsyncGenerator<Buffer, void> {
  return fragmentsOf(plainDocument(context, stored), { document, maxFragmentBytes, object: stored.path })
}

/** The uncompressed bytes as they come. @throws YardError at its end `damaged` when they are not what repomd.xml says. */
export function plainDocument(
  context: RepositoryContext,
  { path, digest, open }: StoredDocument,
): AsyncGenerator<Buffer, void> {
  const limits = { maxBytes: open?.size ?? maxDocumentBytes, object: path }
  return checked(decompress(compressionOf(path), context.blobs.open(digest), limits), path, open)
}

async function* checked(
  chunks: AsyncIterable<Buffer>,
  path: ByteString,
  open: StoredDocument['open'],
): AsyncGenerator<Buffer, void> {
  const hasher = open?.digest === undefined ? undefined : createHasher()
  let size = 0
  for await (const chunk of chunks) {
    hasher?.update(chunk)
    size += chunk.length
    yield chunk
  }
  if ((hasher !== undefined && hasher.digest() !== open!.digest) || size !== (open?.size ?? size))
    throw new YardError(
      'damaged',
      `${path} does not decompress to the bytes that repomd.xml names; no snapshot was made, the last one is still served`,
      { hint: 'upstream published an inconsistent set: try again later, or name another mirror' },
    )
}
