import type { ByteString, Digest, SnapshotRecord } from '../../model/index.ts'
import { diff, emptyTree, leaves, prefixRange } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import type { Pause } from './pause.ts'

/** Which packages of a snapshot count, and as what. */
export interface Listing {
  /** What tells it from the other listings of a check, snapshot or not. */
  id: string
  role: 'judged' | 'beside'
  /** Root page of the packages tree. */
  root: Digest
  /** Beginnings of the keys that count. */
  prefixes: ByteString[]
}

/** A value that came or went. */
export interface ListingChange {
  listing: Listing
  key: ByteString
  value: Buffer
  came: boolean
}

export function listingOf(
  { repository, packages }: SnapshotRecord,
  role: Listing['role'],
  prefixes: ByteString[],
): Listing {
  return { id: [repository, role, ...prefixes].join('\n'), role, root: packages, prefixes }
}

/** What changes the listings of a check before into those of this one; without one before, all that there is. */
export async function* listingChanges(
  context: RepositoryContext,
  before: readonly Listing[],
  now: readonly Listing[],
  pause: Pause,
): AsyncGenerator<ListingChange[]> {
  for (const listing of now) {
    const old = before.find(({ id }) => id === listing.id)
    if (old === undefined) yield* everything(context, listing, true, pause)
    else yield* differences(context, old, listing, pause)
  }
  for (const old of before)
    if (!now.some(({ id }) => id === old.id)) yield* everything(context, old, false, pause)
}

async function* everything(
  { pages }: RepositoryContext,
  listing: Listing,
  came: boolean,
  pause: Pause,
): AsyncGenerator<ListingChange[]> {
  if (listing.root === emptyTree('packages').digest) return
  // Past the cache of pages: a whole tree would push out what servers read.
  for (const prefix of listing.prefixes)
    for await (const leaf of leaves(pages, listing.root, prefixRange(prefix))) {
      yield leaf.map(({ key, value }) => ({ listing, key, value: bufferOf(value), came }))
      await pause()
    }
}

async function* differences(
  { trees }: RepositoryContext,
  old: Listing,
  listing: Listing,
  pause: Pause,
): AsyncGenerator<ListingChange[]> {
  for await (const { key, before, after } of diff(trees, old.root, listing.root)) {
    if (!listing.prefixes.some(prefix => key.startsWith(prefix))) continue
    const changes: ListingChange[] = []
    if (before !== undefined) changes.push({ listing, key, value: bufferOf(before), came: false })
    if (after !== undefined) changes.push({ listing, key, value: bufferOf(after), came: true })
    yield changes
    await pause()
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
