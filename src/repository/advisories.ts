import { type Advisory, readAdvisory } from '../formats/index.ts'
import type { SnapshotRecord } from '../model/index.ts'
import type { RepositoryContext } from './context.ts'
import { documentFragments } from './mirror/dnf/primary-fragments.ts'
import { obtainRepodata } from './repodata-of.ts'

/**
 * The advisories that an RPM snapshot's metadata holds, one at a time; of an apt snapshot none, since no archive has them. Their
 * documents are fetched where they are not here.
 * @throws YardError as `obtainRepodata`, `documentFragments` and `readAdvisory`.
 */
export async function* advisoriesOf(
  context: RepositoryContext,
  record: SnapshotRecord,
  signal?: AbortSignal,
): AsyncGenerator<Advisory> {
  for (const stored of await obtainRepodata(context, record, 'updateinfo', signal))
    for await (const fragment of documentFragments(context, stored, 'updateinfo')) {
      signal?.throwIfAborted()
      yield readAdvisory(fragment, stored.path)
    }
}
