import { metadataFrame, type PackageDocument } from '../../formats/index.ts'
import { type ByteString, type Digest, digestOf } from '../../model/index.ts'
import { leaves, packagePrefix, prefixRange } from '../../tree/index.ts'
import { pkgidOf } from '../compose/dnf/side-documents.ts'
import type { RepositoryContext } from '../context.ts'
import { documentFragments, type StoredDocument } from '../mirror/dnf/primary-fragments.ts'
import { fragmentsOfValue } from '../rpm-listings.ts'

const lineFeed = Buffer.from('\n')

/** primary.xml of one directory, out of the packages tree: a frame for each leaf page. */
export async function* primaryContents(
  context: RepositoryContext,
  packages: Digest,
  directory: ByteString,
): AsyncGenerator<Buffer, void> {
  const range = prefixRange(packagePrefix('rpm', '', directory))
  let count = 0
  for await (const leaf of leaves(context.trees, packages, range))
    for (const { value } of leaf) count += fragmentsOfValue(value).length
  const { head, tail } = metadataFrame('primary', count)
  yield head
  for await (const leaf of leaves(context.trees, packages, range))
    yield Buffer.concat(
      leaf.flatMap(({ value }) => fragmentsOfValue(value).flatMap(fragment => [fragment, lineFeed])),
    )
  yield tail
}

/** A document that says more of every package: the base's, without some packages, and with some of the source's. */
export interface SideChange {
  document: Exclude<PackageDocument, 'primary'>
  base: StoredDocument
  source: StoredDocument | undefined
  /** Checksums by which packages are named. */
  gone: ReadonlySet<string>
  come: ReadonlySet<string>
}

/** Its contents, frame by frame. It is streamed, twice: its head tells how many packages it has. */
export async function* sideContents(
  context: RepositoryContext,
  change: SideChange,
): AsyncGenerator<Buffer, void> {
  let count = 0
  for await (const _ of changedFragments(context, change)) count++
  const { head, tail } = metadataFrame(change.document, count)
  yield head
  yield* framesOf(changedFragments(context, change))
  yield tail
}

async function* changedFragments(
  context: RepositoryContext,
  { document, base, source, gone, come }: SideChange,
): AsyncGenerator<Buffer, void> {
  for await (const fragment of documentFragments(context, base, document))
    if (!gone.has(pkgidOf(fragment, base.path))) yield fragment
  if (source === undefined || come.size === 0) return
  for await (const fragment of documentFragments(context, source, document))
    if (come.has(pkgidOf(fragment, source.path))) yield fragment
}

/** A frame ends with one fragment in so many, chosen by its bytes: what changes elsewhere leaves the others as they are. */
const oneIn = 32
const maxFrameBytes = 4 * 1024 * 1024

/** Fragments in frames, a line feed behind each. */
export async function* framesOf(
  fragments: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<Buffer, void> {
  let frame: Buffer[] = []
  let bytes = 0
  for await (const fragment of fragments) {
    // They may share memory with the next one.
    frame.push(Buffer.from(fragment), lineFeed)
    bytes += fragment.length
    if (Number.parseInt(digestOf(fragment).slice(0, 4), 16) % oneIn !== 0 && bytes < maxFrameBytes) continue
    yield Buffer.concat(frame)
    frame = []
    bytes = 0
  }
  if (frame.length > 0) yield Buffer.concat(frame)
}
