import type { ComposeConfiguration } from '../../../config/index.ts'
import { identityOf, withLocation } from '../../../formats/index.ts'
import type { ByteString, Digest, SnapshotRecord } from '../../../model/index.ts'
import {
  type EditResult,
  edit,
  lookup,
  type PointEdit,
  packagePrefix,
  prefixRange,
} from '../../../tree/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { fragmentsOfValue, listingKey } from '../../rpm-listings.ts'
import { lesserOnes } from '../candidate.ts'
import { movedPath } from '../moved-paths.ts'
import type { DnfCandidate } from './candidates.ts'
import type { GroupDocuments } from './group-documents.ts'
import { groupEdits } from './group-entries.ts'
import { editSide, sideDocuments } from './side-documents.ts'

/**
 * The packages tree of a composed RPM repository: for every selected package its fragments of primary, filelists and other
 * as upstream wrote them, and what `documents` say of those packages together. Only a location is ever edited: where two inputs hold different bytes under one path the lesser
 * one moves, and a base outside of the repository is dropped. Whatever stood in `before`, the same inputs give the same tree.
 * @param packages each digest of a (name, version, architecture) once.
 */
export async function composedTree(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  inputs: readonly SnapshotRecord[],
  packages: readonly DnfCandidate[],
  documents: GroupDocuments,
  before: Digest,
  signal: AbortSignal,
): Promise<EditResult> {
  const moved = lesserOnes(packages, compose.prefer)
  const byKey = new Map(
    packages.map(candidate => [listingKey('rpm', candidate, candidate.digest), candidate]),
  )
  const range = prefixRange(packagePrefix('rpm'))
  let result = await edit(context.pages, before, [
    { from: '', to: range.from, entries: [] },
    { ...range, entries: primaries(context, inputs, byKey, moved) },
  ])
  for (const side of sideDocuments)
    result = added(result, await editSide(context, inputs, packages, side, result.root, signal))
  return added(result, await edit(context.pages, result.root, groupEdits(documents, packages)))
}

function added(before: EditResult, after: EditResult): EditResult {
  return {
    ...after,
    newPages: before.newPages + after.newPages,
    newPageBytes: before.newPageBytes + after.newPageBytes,
  }
}

async function* primaries(
  context: RepositoryContext,
  inputs: readonly SnapshotRecord[],
  byKey: ReadonlyMap<ByteString, DnfCandidate>,
  moved: ReadonlySet<Digest>,
): AsyncGenerator<PointEdit & { value: Buffer }> {
  for (const key of [...byKey.keys()].sort()) {
    const candidate = byKey.get(key)!
    const { input, path, digest } = candidate
    const value = await lookup(context.trees, inputs[input]!.packages, candidate.key)
    const fragment = fragmentsOfValue(value!)[0]!
    const href = moved.has(digest) ? movedPath(path, digest) : path
    yield { key, value: lyingAt(fragment, href, candidate.repository) }
  }
}

/** The fragment itself where that is what it says already. */
function lyingAt(fragment: Buffer, path: ByteString, object: string): Buffer {
  const { href, base } = identityOf(fragment, object)
  return href === path && base === undefined ? fragment : withLocation(fragment, path, object)
}
