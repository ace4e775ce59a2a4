import type { DnfOutput } from '../../../config/index.ts'
import {
  compsFrame,
  metadataFrame,
  type Repomd,
  type RepomdFile,
  updateinfoFrame,
  writeRepomd,
} from '../../../formats/index.ts'
import { type Digest, millisecondsOf, type SnapshotRecord, type Timestamp } from '../../../model/index.ts'
import { countWithin, type KeyRange, leaves, packagePrefix, prefixRange } from '../../../tree/index.ts'
import { signDetached } from '../../../trust/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { type FrameTable, readFrames, refNames, writeRecord } from '../../records.ts'
import { fragmentsOfValue } from '../../rpm-listings.ts'
import { signingDate } from '../../seal.ts'
import { type WrittenDocument, writeFramed } from '../framed-document.ts'
import type { OwnMetadata, OwnRepository } from '../publisher.ts'

type ListingDocument = Parameters<typeof metadataFrame>[0]

/** The documents that list every package, and whose entries of the packages tree they are made of. */
const listings: [ListingDocument, string][] = [
  ['primary', 'rpm'],
  ['filelists', 'rpm-filelists'],
  ['other', 'rpm-other'],
]

const none = Buffer.alloc(0)

/** The documents about several packages; where nothing is said there is none. */
const aboutSeveral = [
  { type: 'group', name: 'comps.xml', family: 'rpm-comps', ...compsFrame },
  { type: 'modules', name: 'modules.yaml', family: 'rpm-modules', head: none, tail: none },
  { type: 'updateinfo', name: 'updateinfo.xml', family: 'rpm-updateinfo', ...updateinfoFrame },
]

/**
 * Writes repodata/ of a repository of ours from its packages tree: each document is made of frames, one for each leaf page
 * of the tree, compressed anew only where packages changed. The same tree, settings, keys, date, inputs and compressor
 * give the same bytes.
 */
export async function writeRepodata(
  context: RepositoryContext,
  repository: OwnRepository,
  output: DnfOutput,
  packages: Digest,
  date: Timestamp,
  _inputs: readonly SnapshotRecord[],
): Promise<OwnMetadata> {
  const { compression } = output
  const seconds = millisecondsOf(date) / 1000
  const before = await readFrames(context.refs, repository.name)
  const table: FrameTable = { version: 1, indexes: {} }
  const files: OwnMetadata = new Map()
  const named: RepomdFile[] = []
  const add = (type: string, name: string, { plain, compressed }: WrittenDocument) => {
    const { entry, frames } = compressed.get(compression)!
    const href = `repodata/${entry.sha256}-${name}.${compression}`
    table.indexes[name] = { blob: entry.sha256, frames }
    files.set(href, entry)
    named.push({
      type,
      href,
      checksum: { algorithm: 'sha256', hex: entry.sha256 },
      openChecksum: { algorithm: 'sha256', hex: plain.sha256 },
      size: entry.size,
      openSize: plain.size,
      timestamp: seconds,
      headerChecksum: undefined,
      headerSize: undefined,
      databaseVersion: undefined,
      extra: [],
    })
  }
  for (const [document, family] of listings) {
    const name = `${document}.xml`
    const contents = contentsOf(context, packages, document, family)
    add(document, name, await writeFramed(context, contents, [compression], () => before?.indexes[name]))
  }
  for (const { type, name, family, head, tail } of aboutSeveral) {
    const range = prefixRange(packagePrefix(family))
    if ((await countWithin(context.trees, packages, range)) === 0) continue
    const contents = framed(context, packages, range, head, tail)
    add(type, name, await writeFramed(context, contents, [compression], () => before?.indexes[name]))
  }
  const repomd = writeRepomd({ revision: String(seconds), tags: noTags, files: named })
  const keys = await context.signers()
  const signature = await signDetached(repomd, keys, signingDate(keys, millisecondsOf(date)))
  for (const [path, bytes] of [
    ['repodata/repomd.xml', repomd],
    ['repodata/repomd.xml.asc', signature],
    ['repodata/repomd.xml.key', Buffer.from(await context.publicKeys(keys.map(key => key.fingerprint)))],
  ] as const)
    files.set(path, { sha256: await context.blobs.put(bytes), size: bytes.length })
  await writeRecord(context.refs, refNames.frames(repository.name), table)
  return files
}

const noTags: Repomd['tags'] = { content: [], repo: [], distro: [] }
const lineFeed = Buffer.from('\n')

/** Head, the fragments of one leaf page after another, tail. */
async function* contentsOf(
  context: RepositoryContext,
  packages: Digest,
  document: ListingDocument,
  family: string,
): AsyncGenerator<Buffer, void> {
  const range = prefixRange(packagePrefix(family))
  const { head, tail } = metadataFrame(document, await countWithin(context.trees, packages, range))
  yield* framed(context, packages, range, head, tail)
}

async function* framed(
  context: RepositoryContext,
  packages: Digest,
  range: KeyRange,
  head: Buffer,
  tail: Buffer,
): AsyncGenerator<Buffer, void> {
  if (head.length > 0) yield head
  for await (const leaf of leaves(context.trees, packages, range))
    yield Buffer.concat(leaf.flatMap(({ value }) => [fragmentsOfValue(value)[0]!, lineFeed]))
  if (tail.length > 0) yield tail
}
