import {
  type Advisory,
  advisoryTime,
  type Comps,
  moduleDocumentsOf,
  parseComps,
  readAdvisory,
  readModuleDocument,
} from '../../../formats/index.ts'
import { type ByteString, type SnapshotRecord, YardError } from '../../../model/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { documentFragments, plainDocument } from '../../mirror/dnf/primary-fragments.ts'
import { obtainRepodata } from '../../repodata-of.ts'
import { mergedComps } from './reduce-comps.ts'
import { idOfModule, type WrittenModule } from './reduce-modules.ts'

/** An advisory with its own bytes. */
export interface WrittenAdvisory {
  read: Advisory
  fragment: Buffer
}

/** What the inputs say of packages together: advisories, groups and modules, each id once. */
export interface GroupDocuments {
  advisories: WrittenAdvisory[]
  comps: Comps
  modules: WrittenModule[]
}

/** The largest known comps.xml has 2 MB, the largest modules.yaml 10 MB. */
const maxDocumentBytes = 256 * 1024 * 1024

/**
 * Reads the inputs' documents about several packages. Where two inputs speak of one id the first has its way, but for
 * advisories: the one that was updated last.
 */
export async function readGroupDocuments(
  context: RepositoryContext,
  inputs: readonly SnapshotRecord[],
  signal: AbortSignal,
): Promise<GroupDocuments> {
  const advisories = new Map<ByteString, WrittenAdvisory>()
  const comps: Comps[] = []
  const modules = new Map<string, WrittenModule>()
  for (const record of inputs) {
    for await (const advisory of advisoriesOf(context, record, signal)) {
      const known = advisories.get(advisory.read.id)
      if (known === undefined || timeOf(advisory) > timeOf(known)) advisories.set(advisory.read.id, advisory)
    }
    for (const { path, bytes } of await groupsOf(context, record, signal)) comps.push(parseComps(bytes, path))
    for (const { path, bytes } of await wholeDocuments(context, record, 'modules', signal))
      for (const document of moduleDocumentsOf(bytes, path)) {
        const written = { read: readModuleDocument(document, path), bytes: Buffer.from(document) }
        const id = idOfModule(written)
        if (!modules.has(id)) modules.set(id, written)
      }
  }
  return { advisories: [...advisories.values()], comps: mergedComps(comps), modules: [...modules.values()] }
}

function timeOf({ read: { issued, updated } }: WrittenAdvisory): number {
  return advisoryTime(updated) ?? advisoryTime(issued) ?? 0
}

async function* advisoriesOf(
  context: RepositoryContext,
  record: SnapshotRecord,
  signal: AbortSignal,
): AsyncGenerator<WrittenAdvisory, void> {
  for (const stored of await obtainRepodata(context, record, 'updateinfo', signal))
    for await (const fragment of documentFragments(context, stored, 'updateinfo'))
      yield { read: readAdvisory(fragment, stored.path), fragment: Buffer.from(fragment) }
}

/** Upstreams offer one comps.xml as it is, compressed, or both. */
async function groupsOf(
  context: RepositoryContext,
  record: SnapshotRecord,
  signal: AbortSignal,
): Promise<WholeDocument[]> {
  for (const type of ['group', 'group_gz', 'group_xz', 'group_zst']) {
    const found = await wholeDocuments(context, record, type, signal)
    if (found.length > 0) return found
  }
  return []
}

interface WholeDocument {
  path: ByteString
  bytes: Buffer
}

async function wholeDocuments(
  context: RepositoryContext,
  record: SnapshotRecord,
  type: ByteString,
  signal: AbortSignal,
): Promise<WholeDocument[]> {
  const documents: WholeDocument[] = []
  for (const stored of await obtainRepodata(context, record, type, signal)) {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of plainDocument(context, stored)) {
      size += chunk.length
      if (size > maxDocumentBytes)
        throw new YardError(
          'invalid',
          `${record.repository}: ${stored.path} is larger than ${maxDocumentBytes} bytes; no snapshot was made, the last one is still served`,
        )
      chunks.push(Buffer.from(chunk))
    }
    documents.push({ path: stored.path, bytes: Buffer.concat(chunks) })
  }
  return documents
}
