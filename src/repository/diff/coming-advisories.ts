import { type Advisory, readAdvisory } from '../../formats/index.ts'
import type { SnapshotRecord } from '../../model/index.ts'
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
  for await (const advisory of advisoriesIn(context, documents.before)) known.add(advisory)
  const brought = broughtBy(changes)
  const found = new Map<string, AdvisoryChange>()
  for await (const advisory of advisoriesIn(context, documents.after)) {
    const kind = known.kindOf(advisory)
    if (kind === undefined) continue
    const change = advisoryChange(kind, advisory, brought)
    const first = found.get(change.id)
    found.set(change.id, first === undefined ? change : joined(first, change))
  }
  return sortedAdvisories(found.values())
}

async function* advisoriesIn(
  context: RepositoryContext,
  documents: readonly StoredDocument[],
): AsyncGenerator<Advisory, void> {
  for (const stored of documents)
    for await (const fragment of documentFragments(context, stored, 'updateinfo'))
      yield readAdvisory(fragment, stored.path)
}
