import { createFragmentScanner, metadataFrame } from '../../../formats/index.ts'
import { type ByteString, type Digest, isYardError } from '../../../model/index.ts'
import {
  decodePackageKey,
  type Edit,
  type EditResult,
  edit,
  emptyTree,
  entries,
  lookup,
  packagePrefix,
  prefixRange,
} from '../../../tree/index.ts'
import type { RepositoryContext } from '../../context.ts'
import {
  digestOfListing,
  fragmentsOfValue,
  type Listing,
  listingKey,
  readListing,
  valueOfFragments,
} from '../../rpm-listings.ts'
import { changedRecords } from '../changed-records.ts'
import {
  documentFragments,
  maxFragmentBytes,
  oldPlainDocument,
  plainDocument,
  type StoredDocument,
} from './primary-fragments.ts'

/** One directory's packages as they change. */
export interface PartChange {
  directory: ByteString
  /** Undefined where the directory is wanted no more. */
  after: StoredDocument | undefined
  /** The primary.xml that the old tree was made from, when it is still here. */
  before: StoredDocument | undefined
}

/** What is told of every listing that comes in, and what finds out the SHA-256 of one that the metadata names by another checksum. */
export interface ListingObserver {
  /** May throw to refuse it. */
  seen(listing: Listing): void
  /** Asked for few at a time. */
  digest(listing: Listing): Promise<Digest>
}

/** So many packages that nobody names by SHA-256 are fetched at once. */
const namedAtOnce = 8
/** Fragments are sorted and put into the tree by so many bytes at a time. */
const batchBytes = 16 * 1024 * 1024
const packageEnd = Buffer.from('</package>')
const windowBytes = 1024 * 1024
const maxWindowBytes = 64 * 1024 * 1024

/**
 * The new packages tree: the range of each directory becomes what its primary.xml says now. Where yesterday's is still
 * here, only what differs between the two is touched. Memory does not grow with the number of packages.
 */
export async function editPackages(
  context: RepositoryContext,
  root: Digest | undefined,
  changes: PartChange[],
  observer: ListingObserver,
): Promise<EditResult> {
  const old = root ?? emptyTree('packages').digest
  let result: EditResult = await edit(context.pages, old, [])
  const add = (next: EditResult) => {
    const newPages = result.newPages + next.newPages
    result = { ...next, newPages, newPageBytes: result.newPageBytes + next.newPageBytes }
  }
  for (const change of changes) {
    const told = await toldByDifference(context, change)
    if (told !== undefined) {
      add(await applyDifference(context, old, result.root, change.directory, told, observer))
      continue
    }
    const range = prefixRange(packagePrefix('rpm', '', change.directory))
    add(await edit(context.pages, result.root, [{ ...range, entries: [] }]))
    if (change.after === undefined) continue
    for await (const batch of batchesOf(documentFragments(context, change.after, 'primary'))) {
      const difference = { gone: [], come: batch }
      add(await applyDifference(context, old, result.root, change.directory, difference, observer))
    }
  }
  return result
}

/** Undefined where the two do not tell: the new document is then read whole, and what is wrong with it is found there. */
async function toldByDifference(
  context: RepositoryContext,
  { before, after }: PartChange,
): Promise<{ gone: Buffer[]; come: Buffer[] } | undefined> {
  if (before === undefined || after === undefined) return undefined
  const ends: Ends = { head: Buffer.alloc(0), tail: Buffer.alloc(0) }
  const old = oldPlainDocument(context, before)
  const fresh = rememberingEnds(plainDocument(context, after), ends)
  try {
    const changed = await changedRecords(old, fresh, { separator: packageEnd, windowBytes, maxWindowBytes })
    if (changed === undefined || !isFramed(ends, changed.count)) return undefined
    const [gone, come] = [changed.gone, changed.come].map(fragmentsOfRecords)
    return { gone: gone!, come: come! }
  } catch (error) {
    if (isYardError(error, 'invalid', 'damaged', 'not-found')) return undefined
    throw error
  }
}

/** The first and the last bytes of a document. */
interface Ends {
  head: Buffer
  tail: Buffer
}

const endBytes = 4096

async function* rememberingEnds(chunks: AsyncIterable<Buffer>, ends: Ends): AsyncGenerator<Buffer, void> {
  for await (const chunk of chunks) {
    if (ends.head.length < endBytes)
      ends.head = Buffer.concat([ends.head, chunk.subarray(0, endBytes - ends.head.length)])
    ends.tail =
      chunk.length < endBytes
        ? Buffer.concat([ends.tail, chunk]).subarray(-endBytes)
        : Buffer.from(chunk.subarray(-endBytes))
    yield chunk
  }
}

/**
 * Whether a document begins and ends as one does, and its head counts its packages: its records are those, and what stands behind
 * the last. @throws YardError `invalid`
 */
function isFramed({ head, tail }: Ends, records: number): boolean {
  let declared: number | undefined
  const onHead = ({ count }: { count: number | undefined }) => {
    declared = count
  }
  const object = 'primary.xml'
  createFragmentScanner({ document: 'primary', maxFragmentBytes, object, onHead }).push(head)
  const last = tail.lastIndexOf(packageEnd)
  const behind = tail.toString('latin1', last + packageEnd.length)
  return last >= 0 && declared === records - 1 && /^\s*<\/metadata\s*>\s*$/.test(behind)
}

/** What differs between two documents: whole packages, before the first perhaps the head, behind the last perhaps the tail. */
function fragmentsOfRecords(records: Buffer): Buffer[] {
  const start = /^\s*<(?:\?xml|metadata)/.test(records.toString('latin1', 0, 64)) ? firstPackage(records) : 0
  const end = records.lastIndexOf(packageEnd) + packageEnd.length
  if (end < packageEnd.length || start >= end) return []
  const body = records.subarray(start, end)
  const { head, tail } = metadataFrame('primary', countEnds(body))
  const document = Buffer.concat([head, body, tail])
  const scanner = createFragmentScanner({ document: 'primary', maxFragmentBytes, object: 'primary.xml' })
  const fragments = scanner.push(document)
  scanner.end()
  return fragments
}

/** Where the first `<package` begins, behind the root's start tag. */
function firstPackage(records: Buffer): number {
  const start = records.indexOf('<package')
  return start < 0 ? records.length : start
}

function countEnds(body: Buffer): number {
  let count = 0
  for (let at = body.indexOf(packageEnd); at >= 0; at = body.indexOf(packageEnd, at + packageEnd.length))
    count++
  return count
}

async function* batchesOf(fragments: AsyncIterable<Buffer>): AsyncGenerator<Buffer[], void> {
  let batch: Buffer[] = []
  let bytes = 0
  for await (const fragment of fragments) {
    batch.push(Buffer.from(fragment))
    bytes += fragment.length
    if (bytes < batchBytes) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

/**
 * A package that is listed at several places has one key, so what stands there is asked for before it is changed. `old` is
 * the tree of the last snapshot, which knows packages that the metadata does not name by SHA-256.
 */
async function applyDifference(
  context: RepositoryContext,
  old: Digest,
  root: Digest,
  directory: ByteString,
  { gone, come }: { gone: Buffer[]; come: Buffer[] },
  observer: ListingObserver,
): Promise<EditResult> {
  const sides = [
    ...gone.map(fragment => ({ fragment, side: 'gone' as const })),
    ...come.map(fragment => ({ fragment, side: 'come' as const })),
  ]
  const listed = sides.map(({ fragment, side }) => {
    const listing = readListing(fragment, `primary.xml in ${directory || 'repodata'}`, directory)
    if (side === 'come') observer.seen(listing)
    return { fragment, side, listing, digest: digestOfListing(listing) }
  })
  const unnamed = listed.filter(({ digest }) => digest === undefined)
  await eachOf(unnamed, namedAtOnce, async one => {
    one.digest =
      (await digestInTree(context, old, directory, one.listing)) ?? (await observer.digest(one.listing))
  })
  const changes = new Map<ByteString, { gone: Buffer[]; come: Buffer[] }>()
  for (const { fragment, side, listing, digest } of listed) {
    const key = listingKey('rpm', { ...listing, directory }, digest!)
    const change = changes.get(key) ?? { gone: [], come: [] }
    changes.set(key, change)
    change[side].push(fragment)
  }
  return edit(context.pages, root, treeEdits(context, root, changes))
}

/** Works on so many at once; after a failure no further one is begun, and it is thrown when the others have ended. */
async function eachOf<T>(items: T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  let failed = false
  const worker = async () => {
    for (const item of queue) {
      if (failed) return
      await work(item).catch(error => {
        failed = true
        throw error
      })
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, worker))
  const broken = ends.find(end => end.status === 'rejected')
  if (broken !== undefined) throw broken.reason
}

/** The digest under which a package of that checksum stands in the tree already. */
async function digestInTree(
  context: RepositoryContext,
  root: Digest,
  directory: ByteString,
  { architecture, name, version, checksum }: Listing,
): Promise<Digest | undefined> {
  const prefix = packagePrefix('rpm', '', directory, architecture, name)
  for await (const { key, value } of entries(context.trees, root, prefixRange(prefix))) {
    const known = decodePackageKey(key)
    if (known.version !== version) continue
    const other = readListing(fragmentsOfValue(value)[0]!, name, directory).checksum
    if (other.algorithm === checksum.algorithm && other.hex === checksum.hex) return known.digest
  }
  return undefined
}

async function* treeEdits(
  context: RepositoryContext,
  root: Digest,
  changes: Map<ByteString, { gone: Buffer[]; come: Buffer[] }>,
): AsyncGenerator<Edit> {
  for (const key of [...changes.keys()].sort()) {
    const { gone, come } = changes.get(key)!
    const old = await lookup(context.trees, root, key)
    const left = old === undefined ? [] : fragmentsOfValue(old)
    for (const fragment of gone) {
      const at = left.findIndex(other => other.equals(fragment))
      if (at >= 0) left.splice(at, 1)
    }
    const now = [...left, ...come]
    yield { key, value: now.length === 0 ? undefined : valueOfFragments(now) }
  }
}
