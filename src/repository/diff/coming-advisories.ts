import { readAdvisory } from '../../formats/index.ts'
import { type ByteString, type Digest, digestOf, type SnapshotRecord } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import { documentFragments, type StoredDocument } from '../mirror/dnf/primary-fragments.ts'
import type { PackageChange } from '../package-changes.ts'
import {
  type AdvisoryChange,
  advisoryChange,
  broughtBy,
  createKnownAdvisories,
  joined,
  sortedAdvisories,
} from './advisory-changes.ts'
import { differingDocuments } from './differing-documents.ts'

/**
 * The advisories that `to` has and `from` has not, or that it says were updated since. Documents of both are streamed,
 * and those that they share are not read.
 * @throws YardError as `obtainRepodata` and `readAdvisory` do.
 */
export async function comingAdvisories(
  context: RepositoryContext,
  from: SnapshotRecord,
  to: SnapshotRecord,
  changes: readonly PackageChange[],
): Promise<AdvisoryChange[]> {
  const documents = await differingDocuments(context, from, to, 'updateinfo')
  const known = createKnownAdvisories()
  const fragments = new Set<Digest>()
  for await (const { fragment, path } of fragmentsIn(context, documents.before)) {
    known.add(readAdvisory(fragment, path))
    fragments.add(digestOf(fragment))
  }
  const brought = broughtBy(changes)
  const found = new Map<string, AdvisoryChange>()
  for await (const { fragment, path } of fragmentsIn(context, documents.after)) {
    // Nearly all of them stand in both, and to hash one is much faster than to read it.
    if (fragments.has(digestOf(fragment))) continue
    const advisory = readAdvisory(fragment, path)
    const kind = known.kindOf(advisory)
    if (kind === undefined) continue
    const change = advisoryChange(kind, advisory, brought)
    const first = found.get(change.id)
    found.set(change.id, first === undefined ? change : joined(first, change))
  }
  return sortedAdvisories(found.values())
}

async function* fragmentsIn(
  context: RepositoryContext,
  documents: readonly StoredDocument[],
): AsyncGenerator<{ fragment: Buffer; path: ByteString }, void> {
  for (const stored of documents)
    for await (const fragment of documentFragments(context, stored, 'updateinfo'))
      yield { fragment, path: stored.path }
}
