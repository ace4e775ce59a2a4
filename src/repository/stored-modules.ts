import { type ModuleStream, moduleDocumentsOf, readModuleDocument } from '../formats/index.ts'
import { type SnapshotRecord, YardError } from '../model/index.ts'
import type { RepositoryContext } from './context.ts'
import { plainDocument, type StoredDocument } from './mirror/dnf/primary-fragments.ts'
import { obtainRepodata } from './repodata-of.ts'

/** Ten times the largest known. */
const maxModulesBytes = 256 * 1024 * 1024

/**
 * The streams of modules that an RPM snapshot's metadata holds, each as often as it was built; of an apt snapshot none. Their
 * documents are fetched where they are not here.
 * @throws YardError as `obtainRepodata`, `documentsIn` and `readModuleDocument`.
 */
export async function streamsOf(
  context: RepositoryContext,
  record: SnapshotRecord,
  signal?: AbortSignal,
): Promise<ModuleStream[]> {
  const stored = await obtainRepodata(context, record, 'modules', signal)
  const object = `modules.yaml of ${record.repository}@${record.timestamp}`
  const streams: ModuleStream[] = []
  for (const document of await documentsIn(context, stored)) {
    const read = readModuleDocument(document, object)
    if (read.kind === 'stream') streams.push(read)
  }
  return streams
}

/** The documents of stored modules.yaml files. @throws YardError `invalid` for one that is too long; as `moduleDocumentsOf`. */
export async function documentsIn(
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
