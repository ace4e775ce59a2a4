import type { ComposeConfiguration } from '../../../config/index.ts'
import { type FragmentedDocument, referenceOf, withLocation } from '../../../formats/index.ts'
import type { ByteString, Digest, SnapshotRecord } from '../../../model/index.ts'
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
import { fragmentsOfValue, listingKey } from '../../rpm-listings.ts'
import { lesserOnes } from '../candidate.ts'
import { movedPath } from '../moved-paths.ts'
import type { DnfCandidate } from './candidates.ts'

/** Fragments are put into the tree by so many bytes at a time. */
const batchBytes = 16 * 1024 * 1024

/**
 * The packages tree of a composed RPM repository: for every selected package its fragments of primary, filelists and other
 * as upstream wrote them. Only a location is ever edited: where two inputs hold different bytes under one path the lesser
 * one moves, and a base outside of the repository is dropped. Filelists and other are read only for what is new.
 */
export async function composedTree(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  inputs: readonly SnapshotRecord[],
  packages: DnfCandidate[],
  before: Digest,
  signal: AbortSignal,
): Promise<EditResult> {
  const moved = lesserOnes(packages, compose.prefer)
  const byKey = new Map(
    packages.map(candidate => [listingKey('rpm', candidate, candidate.digest), candidate]),
  )
  const keys = [...byKey.keys()].sort()
  const range = prefixRange(packagePrefix('rpm'))
  let result = await edit(context.pages, before, [
    { from: '', to: range.from, entries: [] },
    { ...range, entries: primaries(context, inputs, keys, byKey, moved) },
  ])
  for (const [family, document] of sideDocuments) {
    const added = await addSide(context, inputs, packages, family, document, result.root, signal)
    result = {
      ...added,
      newPages: result.newPages + added.newPages,
      newPageBytes: result.newPageBytes + added.newPageBytes,
    }
  }
  return result
}

const sideDocuments = [
  ['rpm-filelists', 'filelists'],
  ['rpm-other', 'other'],
] as const

async function* primaries(
  context: RepositoryContext,
  inputs: readonly SnapshotRecord[],
  keys: ByteString[],
  byKey: Map<ByteString, DnfCandidate>,
  moved: Set<Digest>,
) {
  for (const key of keys) {
    const candidate = byKey.get(key)!
    const { input, path, digest } = candidate
    const value = await lookup(context.trees, inputs[input]!.packages, candidate.key)
    const fragment = fragmentsOfValue(value!)[0]!
    yield {
      key,
      value: withLocation(fragment, moved.has(digest) ? movedPath(path, digest) : path, candidate.repository),
    }
  }
}

/** The entries of one side family: those of packages that went are dropped, those of packages that came are brought in. */
async function addSide(
  context: RepositoryContext,
  inputs: readonly SnapshotRecord[],
  packages: DnfCandidate[],
  family: 'rpm-filelists' | 'rpm-other',
  document: FragmentedDocument,
  root: Digest,
  signal: AbortSignal,
): Promise<EditResult> {
  const wanted = new Map<ByteString, DnfCandidate>(
    packages.map(candidate => [listingKey(family, candidate, candidate.digest), candidate]),
  )
  const gone: Edit[] = []
  for await (const { key } of entries(context.pages, root, prefixRange(packagePrefix(family))))
    if (!wanted.delete(key)) gone.push({ key, value: undefined })
  let result = await edit(context.pages, root, gone)
  for (const [input, record] of inputs.entries()) {
    const missing = new Map<string, ByteString>()
    for (const [key, candidate] of wanted) if (candidate.input === input) missing.set(candidate.pkgid, key)
    if (missing.size === 0) continue
    for await (const batch of batchesOf(sideFragments(context, record, document, missing, signal))) {
      const added = await edit(context.pages, result.root, batch)
      result = {
        ...added,
        newPages: result.newPages + added.newPages,
        newPageBytes: result.newPageBytes + added.newPageBytes,
      }
    }
  }
  return result
}

type PointEdit = { key: ByteString; value: Buffer }

/** An input that we wrote has the fragments in its tree; those of a mirror stand in upstream's own documents. */
async function* sideFragments(
  context: RepositoryContext,
  record: SnapshotRecord,
  document: FragmentedDocument,
  missing: Map<string, ByteString>,
  signal: AbortSignal,
): AsyncGenerator<PointEdit, void> {
  if (record.kind !== 'mirror') {
    for (const key of missing.values()) {
      const value = await lookup(context.trees, record.packages, key)
      if (value !== undefined) yield { key, value: Buffer.from(value) }
    }
    return
  }
  for (const stored of await obtainRepodata(context, record, document, signal))
    for await (const fragment of documentFragments(context, stored, document)) {
      const key = missing.get(referenceOf(fragment, stored.path).pkgid)
      if (key !== undefined) yield { key, value: Buffer.from(fragment) }
    }
}

async function* batchesOf(edits: AsyncIterable<PointEdit>): AsyncGenerator<PointEdit[], void> {
  let batch = new Map<ByteString, PointEdit>()
  let bytes = 0
  const sorted = () => [...batch.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  for await (const edit of edits) {
    batch.set(edit.key, edit)
    bytes += edit.value.length
    if (bytes < batchBytes) continue
    yield sorted()
    batch = new Map()
    bytes = 0
  }
  if (batch.size > 0) yield sorted()
}
