import { referenceOf } from '../../../formats/index.ts'
import { type ByteString, type Digest, digestOf, type SnapshotRecord } from '../../../model/index.ts'
import {
  type Edit,
  type EditResult,
  edit,
  entries,
  lookup,
  packagePrefix,
  prefixRange,
} from '../../../tree/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { documentFragments } from '../../mirror/dnf/primary-fragments.ts'
import { obtainRepodata } from '../../repodata-of.ts'
import { listingKey } from '../../rpm-listings.ts'
import type { DnfCandidate } from './candidates.ts'

/** The documents beside primary that have a fragment for every package, and the family of their entries in a tree of ours. */
export const sideDocuments = [
  { document: 'filelists', family: 'rpm-filelists' },
  { document: 'other', family: 'rpm-other' },
] as const

export type SideDocument = (typeof sideDocuments)[number]

/** Fragments are put into the tree by so many bytes at a time. */
const batchBytes = 16 * 1024 * 1024

/**
 * Makes the entries of one side family those of the given packages, as the documents of their inputs have them now: an
 * upstream may describe a package anew that itself did not change. An entry that stands there already costs nothing.
 */
export async function editSide(
  context: RepositoryContext,
  inputs: readonly SnapshotRecord[],
  packages: readonly DnfCandidate[],
  side: SideDocument,
  root: Digest,
  signal: AbortSignal,
): Promise<EditResult> {
  const { family } = side
  const wanted: Wanted[] = inputs.map(() => new Map())
  for (const candidate of packages)
    wanted[candidate.input]!.set(candidate.pkgid, listingKey(family, candidate, candidate.digest))
  const old = new Map<ByteString, Digest>()
  for await (const { key, value } of entries(context.pages, root, prefixRange(packagePrefix(family))))
    old.set(key, digestOf(value))
  let result: EditResult = { root, count: 0, newPages: 0, newPageBytes: 0 }
  const apply = async (edits: Edit[]) => {
    const { newPages, newPageBytes } = result
    const next = await edit(context.pages, result.root, edits)
    result = {
      ...next,
      newPages: newPages + next.newPages,
      newPageBytes: newPageBytes + next.newPageBytes,
    }
  }
  const changes = changed(sideFragments(context, inputs, wanted, side, signal), old)
  for await (const batch of batchesOf(changes)) await apply(batch)
  // What is left in `old` was neither found again nor replaced.
  await apply([...old.keys()].sort().map(key => ({ key, value: undefined })))
  return result
}

/** The keys of an input's packages in the tree to be, by the checksum that its documents name them by. */
type Wanted = Map<string, ByteString>

interface SideEntry {
  key: ByteString
  value: Buffer
}

/** Those entries that do not stand in the tree yet; takes every key that it meets out of `old`. */
async function* changed(
  found: AsyncIterable<SideEntry>,
  old: Map<ByteString, Digest>,
): AsyncGenerator<SideEntry, void> {
  for await (const entry of found) {
    const known = old.get(entry.key)
    old.delete(entry.key)
    if (known === undefined || known !== digestOf(entry.value)) yield entry
  }
}

/** The fragments of all wanted packages, each once. They may share memory with the next one. */
async function* sideFragments(
  context: RepositoryContext,
  inputs: readonly SnapshotRecord[],
  wanted: readonly Wanted[],
  side: SideDocument,
  signal: AbortSignal,
): AsyncGenerator<SideEntry, void> {
  for (const [input, record] of inputs.entries())
    if (wanted[input]!.size > 0)
      yield* record.kind === 'mirror'
        ? ofDocuments(context, record, wanted[input]!, side, signal)
        : ofTree(context, record, wanted[input]!)
}

/** An input that we wrote has the fragments in its tree, under the same keys. */
async function* ofTree(
  context: RepositoryContext,
  record: SnapshotRecord,
  wanted: Wanted,
): AsyncGenerator<SideEntry, void> {
  for (const key of [...wanted.values()].sort()) {
    const value = await lookup(context.trees, record.packages, key)
    if (value !== undefined)
      yield { key, value: Buffer.from(value.buffer, value.byteOffset, value.byteLength) }
  }
}

/** Those of a mirror stand in upstream's own documents. */
async function* ofDocuments(
  context: RepositoryContext,
  record: SnapshotRecord,
  wanted: Wanted,
  { document }: SideDocument,
  signal: AbortSignal,
): AsyncGenerator<SideEntry, void> {
  const left = new Map(wanted)
  for (const stored of await obtainRepodata(context, record, document, signal))
    for await (const fragment of documentFragments(context, stored, document)) {
      const pkgid = pkgidOf(fragment, stored.path)
      const key = left.get(pkgid)
      if (key === undefined) continue
      left.delete(pkgid)
      yield { key, value: fragment }
    }
}

const startTag = /^<package\s[^<>&]*?\bpkgid\s*=\s*["']([0-9a-f]+)["'][^<>]*>/

/** Without a look at the whole fragment where its start tag is as everybody writes it: a kernel's list of files has 2 MB. */
function pkgidOf(fragment: Buffer, object: string): string {
  return startTag.exec(fragment.toString('latin1', 0, 512))?.[1] ?? referenceOf(fragment, object).pkgid
}

async function* batchesOf(found: AsyncIterable<SideEntry>): AsyncGenerator<SideEntry[], void> {
  let batch: SideEntry[] = []
  let bytes = 0
  const sorted = () => batch.sort((a, b) => (a.key < b.key ? -1 : 1))
  for await (const { key, value } of found) {
    batch.push({ key, value: Buffer.from(value) })
    bytes += value.length
    if (bytes < batchBytes) continue
    yield sorted()
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield sorted()
}
