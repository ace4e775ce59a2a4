import { referenceOf } from '../../../formats/index.ts'
import { type ByteString, type Digest, digestOf, type SnapshotRecord } from '../../../model/index.ts'
import { type Edit, type EditResult, edit, entries, packagePrefix, prefixRange } from '../../../tree/index.ts'
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
  const changes = changed(sideFragments(context, inputs, packages, side, signal), family, old)
  for await (const batch of batchesOf(changes)) await apply(batch)
  // What is left in `old` was neither found again nor replaced.
  await apply([...old.keys()].sort().map(key => ({ key, value: undefined })))
  return result
}

interface SideEntry {
  key: ByteString
  value: Buffer
}

/** Those entries that do not stand in the tree yet; takes every key that it meets out of `old`. */
async function* changed(
  found: AsyncIterable<SideFragment>,
  family: SideDocument['family'],
  old: Map<ByteString, Digest>,
): AsyncGenerator<SideEntry, void> {
  for await (const { candidate, value } of found) {
    const key = listingKey(family, candidate, candidate.digest)
    const known = old.get(key)
    old.delete(key)
    if (known === undefined || known !== digestOf(value)) yield { key, value }
  }
}

/** What one of the documents says of a package. It may share memory with the next one. */
export interface SideFragment {
  candidate: DnfCandidate
  value: Buffer
}

/** The fragments of the given packages, each once, out of their inputs' documents, which are fetched where they are not here. */
export async function* sideFragments(
  context: RepositoryContext,
  inputs: readonly SnapshotRecord[],
  packages: readonly DnfCandidate[],
  side: SideDocument,
  signal: AbortSignal,
): AsyncGenerator<SideFragment, void> {
  for (const [input, record] of inputs.entries()) {
    const wanted = packages.filter(candidate => candidate.input === input)
    if (wanted.length === 0) continue
    yield* record.kind === 'mirror'
      ? ofDocuments(context, record, wanted, side, signal)
      : ofTree(context, record, wanted, side)
  }
}

/** An input that we wrote has the fragments in its tree. */
async function* ofTree(
  context: RepositoryContext,
  record: SnapshotRecord,
  wanted: readonly DnfCandidate[],
  { family }: SideDocument,
): AsyncGenerator<SideFragment, void> {
  const byKey = new Map(wanted.map(candidate => [listingKey(family, candidate, candidate.digest), candidate]))
  for await (const { key, value } of entries(
    context.trees,
    record.packages,
    prefixRange(packagePrefix(family)),
  )) {
    const candidate = byKey.get(key)
    if (candidate !== undefined)
      yield { candidate, value: Buffer.from(value.buffer, value.byteOffset, value.byteLength) }
  }
}

/** Those of a mirror stand in upstream's own documents. */
async function* ofDocuments(
  context: RepositoryContext,
  record: SnapshotRecord,
  wanted: readonly DnfCandidate[],
  { document }: SideDocument,
  signal: AbortSignal,
): AsyncGenerator<SideFragment, void> {
  const left = new Map(wanted.map(candidate => [candidate.pkgid, candidate]))
  for (const stored of await obtainRepodata(context, record, document, signal))
    for await (const value of documentFragments(context, stored, document)) {
      const pkgid = pkgidOf(value, stored.path)
      const candidate = left.get(pkgid)
      if (candidate === undefined) continue
      left.delete(pkgid)
      yield { candidate, value }
    }
}

const startTag = /^<package\s[^<>&]*?\bpkgid\s*=\s*["']([0-9a-f]+)["'][^<>]*>/

/** Without a look at the whole fragment where its start tag is as everybody writes it: a kernel's list of files has 2 MB. */
export function pkgidOf(fragment: Buffer, object: string): string {
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
