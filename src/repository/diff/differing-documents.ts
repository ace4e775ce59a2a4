import type { ByteString, SnapshotRecord } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import type { StoredDocument } from '../mirror/dnf/primary-fragments.ts'
import { obtainRepodata } from '../repodata-of.ts'

/**
 * The documents of one type of two snapshots; none when they have the same, which then need no reading.
 * @throws YardError as `obtainRepodata` does.
 */
export async function differingDocuments(
  context: RepositoryContext,
  from: SnapshotRecord,
  to: SnapshotRecord,
  type: ByteString,
): Promise<{ before: StoredDocument[]; after: StoredDocument[] }> {
  const none = { before: [], after: [] }
  if (from.files === to.files) return none
  const before = await obtainRepodata(context, from, type)
  const after = await obtainRepodata(context, to, type)
  return digestsOf(before) === digestsOf(after) ? none : { before, after }
}

function digestsOf(documents: readonly StoredDocument[]): string {
  return documents.map(({ digest }) => digest).join()
}
