import { createHash } from 'node:crypto'
import {
  type Checksum,
  compressionOf,
  decompress,
  type FragmentedDocument,
  fragmentsOf,
  type RepomdFile,
} from '../../../formats/index.ts'
import { type ByteString, createHasher, type Digest, YardError } from '../../../model/index.ts'
import type { RepositoryContext } from '../../context.ts'

/** A document of repodata that is in the store. */
export interface StoredDocument {
  /** Its name says how it is compressed. */
  path: ByteString
  digest: Digest
  /** What its uncompressed bytes must be, as far as repomd.xml says so. */
  open?: { checksum: Checksum | undefined; size: number | undefined } | undefined
}

/** What repomd.xml says of a file's uncompressed bytes. */
export function openOf({ openChecksum, openSize }: RepomdFile): StoredDocument['open'] {
  return { checksum: openChecksum, size: openSize }
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

/** A document that has been here for a while: first of all its bytes must still be its own. @throws YardError `damaged` at its end. */
export function oldPlainDocument(
  context: RepositoryContext,
  { path, digest }: StoredDocument,
): AsyncGenerator<Buffer, void> {
  const limits = { maxBytes: maxDocumentBytes, object: path }
  return decompress(compressionOf(path), whole(context, digest, path), limits)
}

async function* whole(
  context: RepositoryContext,
  digest: Digest,
  path: ByteString,
): AsyncGenerator<Uint8Array, void> {
  const hasher = createHasher()
  for await (const chunk of context.blobs.open(digest)) {
    hasher.update(chunk)
    yield chunk
  }
  if (hasher.digest() !== digest) throw new YardError('damaged', `${path} in the store is damaged`)
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
  const checksum = open?.checksum
  const hash = checksum && createHash(checksum.algorithm)
  let size = 0
  for await (const chunk of chunks) {
    hash?.update(chunk)
    size += chunk.length
    yield chunk
  }
  if (hash?.digest('hex') !== checksum?.hex || size !== (open?.size ?? size))
    throw new YardError(
      'damaged',
      `${path} does not decompress to the bytes that repomd.xml names; no snapshot was made, the last one is still served`,
      { hint: 'upstream published an inconsistent set: try again later, or name another mirror' },
    )
}
