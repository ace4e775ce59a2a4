import { createHash } from 'node:crypto'
import { compressionOf, decompress, decompressAll, decompressExactly } from '../../../formats/index.ts'
import { type ByteString, type Digest, digestOf, YardError } from '../../../model/index.ts'
import type { BlobRequest, IndexFile, SuiteReading } from '../../../upstream/index.ts'
import type { RepositoryContext } from '../../context.ts'
import type { IndexPlace } from '../../package-rows.ts'

/** One index (Packages or Sources) of a suite, with the compressions it is offered in. */
export interface Index {
  family: IndexPlace['family']
  stem: ByteString
  component: ByteString
  architecture: ByteString
  variants: IndexFile[]
}

/** Quickest to read first: gzip and zstd decompress several times faster than xz, which is still better than none. */
const preference = ['gzip', 'zstd', 'xz', 'bzip2', 'none']
/** Debian's largest index has 60 MB; ten times the largest known is an attack or damage. */
const maxIndexBytes = 1024 * 1024 * 1024

/** The indexes among a suite's files, each with its readable variants, quickest first. */
export function indexesOf(reading: Pick<SuiteReading, 'indexFiles' | 'release'>): Index[] {
  const indexes = new Map<ByteString, Index>()
  for (const file of reading.indexFiles) {
    if ((file.kind !== 'packages' && file.kind !== 'sources') || !isReadable(file.path)) continue
    if (file.architecture === 'all' && !reading.release.listsArchitectureAll) continue
    const index = indexes.get(file.stem)
    if (index !== undefined) index.variants.push(file)
    else
      indexes.set(file.stem, {
        family: file.kind === 'packages' ? 'deb' : 'deb-src',
        stem: file.stem,
        component: file.component,
        architecture: file.kind === 'packages' ? file.architecture : 'source',
        variants: [file],
      })
  }
  const rank = (file: IndexFile) => preference.indexOf(compressionOf(file.path))
  for (const index of indexes.values()) index.variants.sort((a, b) => rank(a) - rank(b))
  return [...indexes.values()]
}

function isReadable(path: ByteString): boolean {
  return !path.endsWith('.lzma')
}

/** Where an index file can be asked for: by its strongest digest first, so that a mirror in the middle of an update still answers. */
export function requestFor(file: IndexFile, byHash: boolean): BlobRequest {
  const plain = file.path
  return {
    paths: byHash ? [byHashPath(file.path, 'SHA256', file.sha256), plain] : [plain],
    digest: file.sha256,
    size: file.size,
  }
}

export function byHashPath(path: ByteString, algorithm: 'SHA256' | 'SHA512', digest: string): ByteString {
  const slash = path.lastIndexOf('/')
  return `${path.slice(0, slash + 1)}by-hash/${algorithm}/${digest}`
}

/** Brings one variant of the index into the store: the quickest that upstream has. Returns it. */
export async function fetchIndex(
  context: RepositoryContext,
  fetcher: Awaited<ReturnType<RepositoryContext['fetcher']>>,
  index: Index,
  reading: SuiteReading,
  signal: AbortSignal,
): Promise<IndexFile> {
  for (const [i, variant] of index.variants.entries()) {
    try {
      await fetcher.blob(requestFor(variant, reading.release.acquireByHash), context.blobs, {
        mirror: reading.mirror,
        signal,
      })
      return variant
    } catch (error) {
      const gone = error instanceof YardError && error.code === 'incomplete'
      if (!gone || i === index.variants.length - 1) throw error
    }
  }
  throw new YardError(
    'invalid',
    `${index.stem} is offered in no compression that can be read; nothing was changed`,
  )
}

/**
 * The uncompressed bytes of an index that is in the store.
 * @throws YardError `damaged` when they are not the ones that Release names.
 */
export async function plainIndex(
  context: RepositoryContext,
  index: Index,
  variant: IndexFile,
): Promise<Buffer> {
  const plain = plainOf(index, variant)
  if (plain === undefined) return wholeIndex(context, variant)
  const kind = compressionOf(variant.path)
  const bytes = await decompressExactly(kind, context.blobs.open(variant.sha256), plain.size, variant.path)
  checkPlain(digestOf(bytes), plain.sha256, variant.path)
  return bytes
}

/** The same bytes as they come. @throws YardError `damaged` behind the last of them. */
export async function* openPlainIndex(
  context: RepositoryContext,
  index: Index,
  variant: IndexFile,
): AsyncGenerator<Buffer> {
  const plain = plainOf(index, variant)
  const hash = createHash('sha256')
  for await (const chunk of openIndex(context, variant.path, variant.sha256)) {
    if (plain !== undefined) hash.update(chunk)
    yield chunk
  }
  if (plain !== undefined) checkPlain(hash.digest('hex') as Digest, plain.sha256, variant.path)
}

/** The uncompressed bytes of an index that was checked when it came, as they come. `path` says how it is compressed. */
export function openIndex(
  context: RepositoryContext,
  path: ByteString,
  digest: Digest,
): AsyncIterable<Buffer> {
  const limits = { maxBytes: maxIndexBytes, object: path }
  return decompress(compressionOf(path), context.blobs.open(digest), limits)
}

/** What Release says of the uncompressed form; undefined when the variant is that itself, or nothing is said that could be believed. */
function plainOf(index: Index, variant: IndexFile): IndexFile | undefined {
  const plain = index.variants.find(file => file.path === index.stem)
  return plain === variant || (plain?.size ?? 0) > maxIndexBytes ? undefined : plain
}

async function wholeIndex(context: RepositoryContext, { path, sha256 }: IndexFile): Promise<Buffer> {
  const compressed = await context.blobs.read(sha256, maxIndexBytes)
  const kind = compressionOf(path)
  return kind === 'none'
    ? compressed
    : decompressAll(kind, compressed, { maxBytes: maxIndexBytes, object: path })
}

function checkPlain(digest: Digest, expected: Digest, path: ByteString): void {
  if (digest !== expected)
    throw new YardError(
      'damaged',
      `${path} does not decompress to the bytes that Release names; no snapshot was made, the last one is still served`,
      {
        hint: 'upstream published an inconsistent set: try again later, or name another mirror',
      },
    )
}
