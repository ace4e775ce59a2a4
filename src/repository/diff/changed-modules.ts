import type { SnapshotRecord } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import { documentsIn } from '../stored-modules.ts'
import { differingDocuments } from './differing-documents.ts'
import { type ModuleChange, moduleChanges } from './module-changes.ts'

/**
 * The modules whose streams, packages or default stream two snapshots do not agree in.
 * @throws YardError as `obtainRepodata`, `moduleDocumentsOf` and `moduleChanges` do.
 */
export async function changedModules(
  context: RepositoryContext,
  from: SnapshotRecord,
  to: SnapshotRecord,
): Promise<ModuleChange[]> {
  const { before, after } = await differingDocuments(context, from, to, 'modules')
  return moduleChanges(await documentsIn(context, before), await documentsIn(context, after), 'modules.yaml')
}
