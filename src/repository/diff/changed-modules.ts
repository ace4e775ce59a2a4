import { moduleDocumentsOf } from '../../formats/index.ts'
import { type SnapshotRecord, YardError } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import { plainDocument, type StoredDocument } from '../mirror/dnf/primary-fragments.ts'
import { differingDocuments } from './differing-documents.ts'
import { type ModuleChange, moduleChanges } from './module-changes.ts'

/** Ten times the largest known. */
const maxModulesBytes = 256 * 1024 * 1024

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

async function documentsIn(
  context: RepositoryContext,
  documents: readonly StoredDocument[],
): Promise<Buffer[]> {
  const found: Buffer[] = []
  for (const stored of documents)
    found.push(...moduleDocumentsOf(await wholeDocument(context, stored), stored.path))
  return found
}

async function wholeDocument(context: RepositoryContext, stored: StoredDocument): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of plainDocument(context, stored)) {
    size += chunk.length
    if (size > maxModulesBytes)
      throw new YardError('invalid', `${stored.path} is longer than ${maxModulesBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
